"""How tests are dealt out to the processes of pytest-xdist: by folder where they share a cloud, else by file."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WHOLE = ("tests/faults/", "tests/scenarios/")
"""Folders that set up a cloud with Slipway in it, which takes longer than most tests: once each, and first."""


class LoadCloudScheduling(LoadFileScheduling):
    """Deals out the folders that share a cloud, then files in the order of their names: the quick ones are last."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        whole = (folder for folder in WHOLE if nodeid.startswith(folder))
        return next(whole, super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        for folder in reversed(WHOLE):
            if folder in self.workqueue:
                self.workqueue.move_to_end(folder, last=False)
        super()._assign_work_unit(node)
