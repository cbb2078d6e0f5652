"""What an operator and the janitor do, on the whole local cloud."""

import json
import time

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with
from tests.scenarios.test_ways_in import ask_for

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


def test_an_update_is_aborted_in_its_bake_and_the_old_fleet_serves_again(person: Person) -> None:
    person.release_of(person.drop("good", "stopped", "1"))
    before = person.live("stopped")
    with person.asking("stopped", "good") as answers:
        drop = drop_with(person, "better", "stopped", "2", rollout={"bake_seconds": 1800})
        while not _bakes(person, "stopped"):
            time.sleep(0.05)
        asked = person.execution(ask_for(person, kind="abort", endpoint="stopped", requested_by="alice"))
        release = person.release_of(drop)
    assert asked["status"] == "SUCCEEDED"
    assert release.outcome is Outcome.ROLLED_BACK
    assert "aborted by alice" in release.reason
    assert Phase.VETO_DEPLOYMENT in release.phases
    assert set(answers) == {"answered"}
    assert person.serving("stopped") == before.config


def _bakes(person: Person, endpoint: str) -> bool:
    described = person.sagemaker.describe_endpoint(EndpointName=endpoint)
    variants = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return any(phase["Status"] == "Baking" for variant in variants for phase in variant.get("VariantStatus", []))


def test_the_janitor_retires_what_failed_and_nothing_that_serves(person: Person) -> None:
    person.release_of(person.drop("good", "kept", "1"))
    failed = person.release_of(person.drop("wrong-answers", "kept", "2"))
    assert failed.outcome is Outcome.ROLLED_BACK
    functions = person.client("lambda")
    answer = functions.invoke(FunctionName="slipway-janitor", Payload=json.dumps({"task": "retire"}).encode())
    said = json.loads(answer["Payload"].read())
    assert failed.id in said["retired"]
    live = person.live("kept")
    assert live.release not in said["retired"]
    assert person.sagemaker.describe_model(ModelName=live.model)["ModelName"] == live.model
    assert person.ask("kept", person.traffic("good")["requests"][0])


def test_traffic_is_written_down_when_the_spec_asks_for_it(person: Person) -> None:
    release = person.release_of(drop_with(person, "good", "noted", "1", capture={"percent": 100}))
    assert release.outcome is Outcome.LIVE, release.reason
    deadline = time.monotonic() + 60
    s3 = person.client("s3")
    while not (found := s3.list_objects_v2(Bucket=person.bucket, Prefix="captured/noted/").get("Contents", [])):
        assert time.monotonic() < deadline
        person.ask("noted", person.traffic("good")["requests"][0])
        time.sleep(0.5)
    first = s3.get_object(Bucket=person.bucket, Key=found[0]["Key"])["Body"].read().splitlines()[0]
    assert json.loads(first)["captureData"]["endpointInput"]["mode"] == "INPUT"
