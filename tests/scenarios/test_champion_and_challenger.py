"""Champion and challenger behind one endpoint, on the whole local cloud."""

import json

import pytest
import yaml

from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Outcome
from tests.scenarios.person import Person

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]

CHALLENGER = "models/rivals/{version}/challenger.tar.gz"


def release_of_two(person: Person, version: str, challenger: str) -> Release:
    """Release `good` as the champion, beside a challenger with half of the traffic and an artifact of its own."""
    champion = yaml.safe_load((person.examples["good"] / "release.yaml").read_text())
    bearable = yaml.safe_load((person.examples["failing-under-traffic"] / "release.yaml").read_text())["smoke"][0]
    own = CHALLENGER.format(version=version)
    spec = {
        **champion,
        "variants": [{"name": "champion"}, {"name": "challenger", "artifact": own}],
        "smoke": [
            *({**case, "target_variant": "champion"} for case in champion["smoke"]),
            {"name": "any row", "json": bearable["json"]},
        ],
    }
    person.upload(own, (person.examples[challenger] / "model.tar.gz").read_bytes())
    person.upload(f"models/rivals/{version}/release.yaml", json.dumps(spec).encode())
    model = (person.examples["good"] / "model.tar.gz").read_bytes()
    return person.release_of(person.upload(f"models/rivals/{version}/model.tar.gz", model))


def test_a_challenger_that_fails_under_traffic_is_put_back_by_name_and_both_serve_as_before(person: Person) -> None:
    first = release_of_two(person, "1", "better")
    assert first.outcome is Outcome.LIVE, first.reason
    shares = person.sagemaker.describe_endpoint(EndpointName="rivals")["ProductionVariants"]
    assert [(each["VariantName"], each["CurrentWeight"]) for each in shares] == [("champion", 1), ("challenger", 1)]
    with person.asking("rivals", "good") as answers:
        second = release_of_two(person, "2", "failing-under-traffic")
    assert second.outcome is Outcome.ROLLED_BACK, second.reason
    assert second.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.BAKING
    assert second.answer(Phase.RUN_SMOKE_INVOCATIONS) is Answer.PASSED
    assert "variant challenger: " in second.reason, second.reason
    assert answers["answered"] > answers["ModelError"] > 0
    assert person.serving("rivals") == person.live("rivals").config == first.fact(Phase.CREATE_CONFIG, "config")
