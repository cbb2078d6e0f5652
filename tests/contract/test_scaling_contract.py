"""Scaling: what the fake and Application Auto Scaling by Drydock both keep to."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest

from slipway.aws.scaling import ApplicationAutoScaling
from slipway.exchanges import Made
from slipway.ports import Scaling
from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.scaled import Scaled
from slipway.rollout.autoscaling import POLICY, tracking
from tests.contract.hosting_sides import REGION, drydock_side, fake_side
from tests.fakes.hosting import FakeHosting
from tests.fakes.scaling import FakeScaling

WANTED = tracking(Autoscaling(max_capacity=3, target_invocations_per_instance=600.0))
Serve = Callable[[], str]


@pytest.fixture(params=["fake", pytest.param("drydock", marks=pytest.mark.cloud)])
def sides(request: pytest.FixtureRequest) -> tuple[Scaling, Serve]:
    """The scaling, and a way to bring an endpoint with a variant `main` into service."""
    name = f"scaled-{uuid4().hex[:8]}"
    if request.param == "fake":
        fake = fake_side(name)
        assert isinstance(fake.hosting, FakeHosting)
        side, scaling = fake, FakeScaling(fake.hosting)
    else:
        url = request.getfixturevalue("drydock_endpoint_url")
        make: Any = boto3.client
        client = make("application-autoscaling", region_name=REGION, endpoint_url=url)
        side, scaling = drydock_side(name, url), ApplicationAutoScaling(client)  # type: ignore[assignment]

    def serve() -> str:
        side.serve()
        return name

    return scaling, serve


def test_what_is_registered_is_described_changed_and_removed_again_and_again(sides: tuple[Scaling, Serve]) -> None:
    scaling, serve = sides
    endpoint = serve()
    assert scaling.describe(endpoint, "main") is None
    for limits in ((1, 3), (1, 2)):
        assert scaling.register(endpoint, "main", *limits).made is Made.CREATED
    assert scaling.describe(endpoint, "main") == Scaled(1, 2)
    for _ in range(2):
        assert scaling.track(endpoint, "main", POLICY, WANTED).made is Made.CREATED
    assert scaling.describe(endpoint, "main") == Scaled(1, 2, {POLICY: WANTED})
    for _ in range(2):
        assert scaling.untrack(endpoint, "main", POLICY).made is Made.CREATED
        assert scaling.deregister(endpoint, "main").made is Made.CREATED
    assert scaling.describe(endpoint, "main") is None


def test_what_is_refused_is_told_and_does_not_raise(sides: tuple[Scaling, Serve]) -> None:
    scaling, _ = sides
    refused = [
        scaling.register(f"no-{uuid4().hex[:8]}", "main", 1, 2),
        scaling.track("none", "main", POLICY, WANTED),
    ]
    assert [creation.code for creation in refused] == ["ValidationException", "ObjectNotFoundException"]
    assert all(creation.made is Made.REFUSED and creation.message for creation in refused)
