"""An endpoint that Slipway did not make, on the whole local cloud."""

from typing import Any

import pytest

from slipway.release.release import Release
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


def by_hand(person: Person, endpoint: str) -> Release:
    """Make an endpoint as people do without Slipway, out of the model of a release to another endpoint."""
    made = person.release_of(person.drop("good", f"{endpoint}-source", "1"))
    model = person.live(f"{endpoint}-source").model
    variant: dict[str, Any] = {"VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.m5.large"}
    counted = {**variant, "InitialInstanceCount": 1}
    person.sagemaker.create_endpoint_config(EndpointConfigName=f"{endpoint}-hand", ProductionVariants=[counted])
    person.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=f"{endpoint}-hand")
    person.sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    return made


def test_a_foreign_endpoint_is_left_alone_until_the_spec_adopts_it(person: Person) -> None:
    by_hand(person, "theirs")
    refused = person.release_of(person.drop("better", "theirs", "1"))
    assert refused.outcome is Outcome.REJECTED
    assert "adopt: true" in refused.reason
    with person.asking("theirs", "good") as answers:
        adopted = person.release_of(drop_with(person, "better", "theirs", "2", adopt=True))
    assert adopted.outcome is Outcome.LIVE, adopted.reason
    assert set(answers) == {"answered"}
    live = person.live("theirs")
    assert live.previous is not None
    assert live.previous["config"] == "theirs-hand"


def test_an_adoption_that_goes_wrong_leaves_what_served_before(person: Person) -> None:
    by_hand(person, "shaky")
    release = person.release_of(drop_with(person, "wrong-answers", "shaky", "1", adopt=True))
    assert release.outcome is Outcome.ROLLED_BACK, release.reason
    assert person.serving("shaky") == person.live("shaky").config == "shaky-hand"
