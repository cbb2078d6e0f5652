"""The way back from whatever is found at the endpoint."""

from typing import Any

import pytest

from slipway.release.verdicts import Answer
from slipway.rollout.undo import undo


def endpoint(status: str, config: str, pending: str = "") -> dict[str, Any]:
    summary = {"PendingDeploymentSummary": {"EndpointConfigName": pending}} if pending else {}
    return {"EndpointStatus": status, "EndpointConfigName": config, **summary}


CASES = [
    ("our deployment runs: it can be vetoed", endpoint("Updating", "old", "ours"), "old", Answer.IN_DEPLOYMENT, ""),
    ("our config serves: back to the old one", endpoint("InService", "ours"), "old", Answer.STARTED, "update"),
    ("the old config serves", endpoint("InService", "old"), "old", Answer.NOTHING_TO_UNDO, ""),
    ("somebody else's config serves", endpoint("InService", "theirs"), "old", Answer.IMPOSSIBLE, ""),
    ("somebody else's deployment runs", endpoint("Updating", "old", "theirs"), "old", Answer.IMPOSSIBLE, ""),
    ("an update and its rollback failed", endpoint("UpdateRollbackFailed", "old"), "old", Answer.IMPOSSIBLE, ""),
    ("it was deleted", None, "old", Answer.IMPOSSIBLE, ""),
    ("the first ever one serves: away with it", endpoint("InService", "ours"), "", Answer.STARTED, "remove"),
    ("the first ever one failed: away with it", endpoint("Failed", "ours"), "", Answer.STARTED, "remove"),
    ("the first ever one is still being created", endpoint("Creating", "ours"), "", Answer.IN_DEPLOYMENT, ""),
    ("the first ever one is being deleted", endpoint("Deleting", "ours"), "", Answer.STARTED, ""),
    ("it is on its way back", endpoint("Updating", "ours", "old"), "old", Answer.STARTED, ""),
    ("SageMaker maintains it", endpoint("SystemUpdating", "ours"), "old", Answer.IN_DEPLOYMENT, ""),
    ("the first ever one never came to be", None, "", Answer.NOTHING_TO_UNDO, ""),
    ("the first ever one is somebody else's", endpoint("InService", "theirs"), "", Answer.IMPOSSIBLE, ""),
]


@pytest.mark.parametrize(
    ("described", "back_to", "answer", "action"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_way_back(described: dict[str, Any] | None, back_to: str, answer: Answer, action: str) -> None:
    undoing = undo(described, "ours", back_to)
    assert (undoing.answer, undoing.action) == (answer, action)
    assert undoing.reason


def test_the_update_goes_back_to_what_served_before() -> None:
    assert undo(endpoint("InService", "ours"), "ours", "old").config == "old"
