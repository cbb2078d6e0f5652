"""The stage directions of the fake hosting: what they show is what the verdict on endpoints reads."""

from collections.abc import Callable

import pytest

from slipway.exchanges import Made
from slipway.rollout.endpoint_state import Sight, Wanted, judge
from tests.fakes.hosting import FakeHosting

MODEL = {"ModelName": "m", "PrimaryContainer": {}}
VARIANT = {"VariantName": "main", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}


@pytest.fixture
def hosting() -> FakeHosting:
    """An endpoint that serves `old` and is being updated to `new`."""
    hosting = FakeHosting()
    hosting.serve("churn", "old", instances=2, model="m")
    hosting.create_config({"EndpointConfigName": "new", "ProductionVariants": [VARIANT]})
    hosting.update_endpoint({"EndpointName": "churn", "EndpointConfigName": "new"})
    return hosting


@pytest.mark.parametrize(
    ("direct", "sight"),
    [
        (lambda hosting: None, Sight.NOT_YET),
        (lambda hosting: hosting.bake("churn", "canary"), Sight.NOT_YET),
        (lambda hosting: hosting.bake("churn"), Sight.BAKING),
        (lambda hosting: hosting.settle("churn"), Sight.IN_SERVICE),
        (lambda hosting: hosting.roll_back("churn"), Sight.RETURNED),
        (lambda hosting: hosting.roll_back("churn", "alarm"), Sight.RETURNED),
        (lambda hosting: hosting.fail("churn"), Sight.FAILED),
        (lambda hosting: hosting.remain("churn", "UpdateRollbackFailed"), Sight.STUCK),
    ],
)
def test_a_direction_shows_its_sight(hosting: FakeHosting, direct: Callable[[FakeHosting], None], sight: Sight) -> None:
    before = hosting.endpoints["churn"]["CreationTime"]
    direct(hosting)
    assert judge(hosting.describe_endpoint("churn"), Wanted("new", "old", before)).sight is sight


def test_a_refusal_is_given_once(hosting: FakeHosting) -> None:
    hosting.refuse("create_model", "ResourceLimitExceeded", "too many")
    request = {**MODEL, "ModelName": "other"}
    refused, made = hosting.create_model(request), hosting.create_model(request)
    assert (refused.made, refused.code, made.made) == (Made.REFUSED, "ResourceLimitExceeded", Made.CREATED)


def test_what_was_asked_can_be_read_back(hosting: FakeHosting) -> None:
    assert hosting.requests("update_endpoint") == [{"EndpointName": "churn", "EndpointConfigName": "new"}]
    assert hosting.requests("delete_endpoint") == []


def test_a_description_is_a_copy(hosting: FakeHosting) -> None:
    described = hosting.describe_endpoint("churn")
    assert described is not None
    described["ProductionVariants"].clear()
    assert hosting.describe_endpoint("churn") != described
