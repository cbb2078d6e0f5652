"""How tests are dealt out to the processes of pytest-xdist: together where they share what is costly, else by file."""

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

FIRST = ("tests/faults/", "tests/scenarios/")
"""Folders that set up a cloud with Slipway in it, which takes longer than most tests: once each, and first."""
TOGETHER = (
    *FIRST,
    "tests/contract/",
    r"tests/drydock/test_(ministack_\w+|\w+_cloud|drydock_alone)\.py",
    r"tests/drydock/test_serving_(artifacts|ensembles|processes)\.py",
)
"""Patterns of what one process gets whole: tests that share a local cloud, and those that train with scikit-learn."""


class LoadCloudScheduling(LoadFileScheduling):
    """Deals out what belongs together, then files in the order of their names: the quick ones are last."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        whole = (pattern for pattern in TOGETHER if re.match(pattern, nodeid))
        return next(whole, super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        for folder in reversed(FIRST):
            if folder in self.workqueue:
                self.workqueue.move_to_end(folder, last=False)
        super()._assign_work_unit(node)
