"""A model without instances, on the whole local cloud."""

import pytest
import yaml

from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]

SERVE = {"serverless": {"memory_mb": 2048, "max_concurrency": 5}, "network_isolation": False}


def drop(person: Person, example: str, version: str, watch: int = 0) -> Release:
    """Release an example without instances."""
    folder = person.examples[example]
    spec = yaml.safe_load((folder / "release.yaml").read_text())
    kept = {key: value for key, value in spec.get("serve", {}).items() if not key.startswith("instance_")}
    spec |= {"serve": {**kept, **SERVE}, "watch": {"seconds": watch}}
    person.upload(f"models/seldom/{version}/release.yaml", yaml.safe_dump(spec).encode())
    return person.release_of(
        person.upload(f"models/seldom/{version}/model.tar.gz", (folder / "model.tar.gz").read_bytes())
    )


def test_it_goes_live_is_updated_and_goes_back_when_it_answers_wrongly(person: Person) -> None:
    first = drop(person, "good", "1")
    assert first.outcome is Outcome.LIVE, first.reason
    (variant,) = person.sagemaker.describe_endpoint(EndpointName="seldom")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"]["MaxConcurrency"] == 5
    second = drop(person, "better", "2", watch=300)
    assert second.outcome is Outcome.LIVE, second.reason
    third = drop(person, "wrong-answers", "3")
    assert third.outcome is Outcome.ROLLED_BACK, third.reason
    assert third.phases[Phase.ROLL_BACK_RELEASE].answer is not None
    assert person.serving("seldom") == person.live("seldom").config == second.fact(Phase.CREATE_CONFIG, "config")
