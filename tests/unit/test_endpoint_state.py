"""The verdict on an endpoint."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.rollout.endpoint_state import Sight, Wanted, judge

BEFORE = datetime(2026, 1, 5, 12, tzinfo=UTC)
AFTER = BEFORE + timedelta(minutes=5)
UPDATE = Wanted("new", "old", BEFORE)
FIRST = Wanted("new")
SCALED = Wanted("new", "old", BEFORE, scaled=True)
RUNNING = {"ProductionVariants": [{"VariantName": "main", "CurrentInstanceCount": 2, "DesiredInstanceCount": 4}]}
STATUSES = [
    "OutOfService",
    "Creating",
    "Updating",
    "SystemUpdating",
    "RollingBack",
    "InService",
    "Deleting",
    "Failed",
    "UpdateRollbackFailed",
    "SomethingNew",
]


def endpoint(status: str, config: str, modified: datetime = AFTER, **more: Any) -> dict[str, Any]:
    return {"EndpointStatus": status, "EndpointConfigName": config, "LastModifiedTime": modified, **more}


def pending(config: str, status: str = "Creating", message: str = "") -> dict[str, Any]:
    phases = [{"Status": status, "StatusMessage": message}]
    return {"EndpointConfigName": config, "ProductionVariants": [{"VariantName": "main", "VariantStatus": phases}]}


FULL_BAKE = pending("new", "Baking", "Baking for 300 seconds with traffic enabled on full capacity of 2 instance(s).")
CANARY_BAKE = pending(
    "new", "Baking", "Baking for 300 seconds with traffic enabled on canary capacity of 1 instance(s)."
)

CASES = [
    ("the new config serves", endpoint("InService", "new"), UPDATE, Sight.IN_SERVICE),
    ("the old config serves again", endpoint("InService", "old", FailureReason="alarm"), UPDATE, Sight.RETURNED),
    ("the old config serves again without a reason", endpoint("InService", "old"), UPDATE, Sight.RETURNED),
    ("the call cannot be seen yet", endpoint("InService", "old", BEFORE), UPDATE, Sight.NOT_YET),
    (
        "the old answer is not believed though the reason of an earlier failure stands in it",
        endpoint("InService", "old", BEFORE, FailureReason="stale"),
        UPDATE,
        Sight.NOT_YET,
    ),
    ("it was seen moving", endpoint("InService", "old", BEFORE), Wanted("new", "old", BEFORE, True), Sight.RETURNED),
    ("its instances are rescaled", endpoint("Updating", "new", **RUNNING), SCALED, Sight.IN_SERVICE),
    ("a rescaling is undone", endpoint("RollingBack", "new", **RUNNING), SCALED, Sight.IN_SERVICE),
    ("what nobody scales is not rescaled", endpoint("Updating", "new", **RUNNING), UPDATE, Sight.NOT_YET),
    ("a deployment is no rescaling", endpoint("Updating", "old", **RUNNING), SCALED, Sight.NOT_YET),
    (
        "a deployment with a summary is no rescaling",
        endpoint("Updating", "new", **RUNNING, PendingDeploymentSummary=pending("new")),
        SCALED,
        Sight.NOT_YET,
    ),
    ("somebody else's config serves", endpoint("InService", "theirs"), UPDATE, Sight.FOREIGN),
    (
        "a pending deployment is not in service",
        endpoint("InService", "new", PendingDeploymentSummary=pending("theirs")),
        UPDATE,
        Sight.FOREIGN,
    ),
    (
        "the new fleet is launched",
        endpoint("Updating", "old", PendingDeploymentSummary=pending("new")),
        UPDATE,
        Sight.NOT_YET,
    ),
    (
        "the new fleet has all traffic",
        endpoint("Updating", "old", PendingDeploymentSummary=FULL_BAKE),
        UPDATE,
        Sight.BAKING,
    ),
    (
        "the new fleet has some traffic",
        endpoint("Updating", "old", PendingDeploymentSummary=CANARY_BAKE),
        UPDATE,
        Sight.NOT_YET,
    ),
    (
        "an unknown phase of a bake counts as partial",
        endpoint("Updating", "old", PendingDeploymentSummary=pending("new", "Baking", "Baking.")),
        UPDATE,
        Sight.NOT_YET,
    ),
    (
        "another deployment runs",
        endpoint("Updating", "old", PendingDeploymentSummary=pending("theirs")),
        UPDATE,
        Sight.FOREIGN,
    ),
    ("another config is being updated", endpoint("Updating", "theirs"), UPDATE, Sight.FOREIGN),
    ("AWS maintains it", endpoint("SystemUpdating", "old"), UPDATE, Sight.NOT_YET),
    ("a weight change is undone", endpoint("RollingBack", "old"), UPDATE, Sight.NOT_YET),
    ("both fleets serve", endpoint("UpdateRollbackFailed", "old"), UPDATE, Sight.STUCK),
    ("it failed", endpoint("Failed", "new", FailureReason="ping"), FIRST, Sight.FAILED),
    ("it takes no requests", endpoint("OutOfService", "new"), FIRST, Sight.FAILED),
    ("somebody deletes it", endpoint("Deleting", "old"), UPDATE, Sight.FOREIGN),
    ("somebody deleted it", None, UPDATE, Sight.FOREIGN),
    ("it cannot be seen yet", None, FIRST, Sight.NOT_YET),
    ("it was seen and is gone", None, Wanted("new", seen_moving=True), Sight.FOREIGN),
    ("it is created", endpoint("Creating", "new"), FIRST, Sight.NOT_YET),
    ("the removed one is gone", None, Wanted(""), Sight.GONE),
    ("the removed one is going", endpoint("Deleting", "new"), Wanted(""), Sight.NOT_YET),
    ("the removed one is still there", endpoint("Failed", "new"), Wanted(""), Sight.NOT_YET),
    ("an unknown status waits", endpoint("SomethingNew", "new"), UPDATE, Sight.NOT_YET),
    (
        "an instance is missing",
        endpoint(
            "InService",
            "new",
            ProductionVariants=[
                variant := {"VariantName": "main", "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}
            ],
        ),
        UPDATE,
        Sight.NOT_YET,
    ),
    (
        "all instances run",
        endpoint("InService", "new", ProductionVariants=[{**variant, "CurrentInstanceCount": 2}]),
        UPDATE,
        Sight.IN_SERVICE,
    ),
]


@pytest.mark.parametrize(
    ("described", "wanted", "sight"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_an_endpoint_is_seen_for_what_it_is(described: dict[str, Any] | None, wanted: Wanted, sight: Sight) -> None:
    assert judge(described, wanted).sight is sight


def test_sagemakers_own_reason_is_passed_on() -> None:
    assert "capacity" in judge(endpoint("InService", "old", FailureReason="no capacity"), UPDATE).reason


def test_a_missing_reason_is_said_to_be_missing() -> None:
    assert judge(endpoint("InService", "old"), UPDATE).reason == "the old config is back and SageMaker gave no reason"


configs = st.sampled_from(["new", "old", "theirs", ""])
endpoints = st.builds(
    lambda status, config, modified, pends: endpoint(
        status, config, modified, **({"PendingDeploymentSummary": pends} if pends else {})
    ),
    st.sampled_from(STATUSES),
    configs,
    st.sampled_from([BEFORE, AFTER]),
    st.none() | st.builds(pending, configs, st.sampled_from(["Creating", "ActivatingTraffic", "Baking"]), st.just("x")),
)


@given(described=st.none() | endpoints, before=configs, moving=st.booleans())
def test_success_is_never_anything_but_our_config_in_service_with_nothing_pending(
    described: dict[str, Any] | None, before: str, moving: bool
) -> None:
    seen = judge(described, Wanted("new", before, BEFORE, moving))
    is_success = (
        described is not None
        and described["EndpointStatus"] == "InService"
        and described["EndpointConfigName"] == "new"
        and "PendingDeploymentSummary" not in described
    )
    assert (seen.sight is Sight.IN_SERVICE) == is_success
