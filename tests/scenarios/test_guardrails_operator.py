"""What an operator and the janitor do, on the whole local cloud."""

import json
import time
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with, maintained
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


def test_an_endpoint_that_sagemaker_maintains_is_waited_for_and_released_to_when_that_ends(person: Person) -> None:
    person.release_of(person.drop("good", "maintained", "1"))
    with maintained(person, "maintained"):
        drop = person.drop("better", "maintained", "2")
        while not _waits_for_its_endpoint(person, "maintained"):
            time.sleep(0.05)
    release = person.release_of(drop)
    assert release.outcome is Outcome.LIVE, release.reason
    assert person.states(release.execution).count("Verify the Config") == 2


def _waits_for_its_endpoint(person: Person, endpoint: str) -> bool:
    begun = [found.id for found in person.ledger.open_releases() if found.endpoint == endpoint]
    return any(person.ledger.release(each).answer(Phase.VERIFY_CONFIG) is Answer.BUSY for each in begun)


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


def test_traffic_that_was_written_down_is_what_the_next_model_is_compared_by(person: Person) -> None:
    release = person.release_of(drop_with(person, "good", "noted", "1", capture={"percent": 100}))
    assert release.outcome is Outcome.LIVE, release.reason
    rows = person.traffic("good")["requests"][:3]
    deadline = time.monotonic() + 60
    while (
        len({asked["endpointInput"]["data"] for asked in _captured(person, "noted")} & {json.dumps(r) for r in rows})
        < 3
    ):
        assert time.monotonic() < deadline
        for row in rows:
            person.ask("noted", row)
        time.sleep(0.5)
    regression = {"inputs": "captured", "sample": 3, "tolerance": 1e-6, "no_data": "fail"}
    same = person.release_of(drop_with(person, "good", "noted", "2", smoke=[], regression=regression))
    assert same.outcome is Outcome.LIVE, same.reason
    assert "0 of 3 answers differ from the live model's" in same.reason
    other = person.release_of(drop_with(person, "wrong-answers", "noted", "3", smoke=[], regression=regression))
    assert other.outcome is Outcome.ROLLED_BACK, other.reason
    assert "3 of 3 answers differ from the live model's" in other.reason


def _captured(person: Person, endpoint: str) -> list[dict[str, Any]]:
    """Read all that was captured of an endpoint's traffic."""
    s3 = person.client("s3")
    found = s3.list_objects_v2(Bucket=person.bucket, Prefix=f"captured/{endpoint}/").get("Contents", [])
    files = [s3.get_object(Bucket=person.bucket, Key=each["Key"])["Body"].read() for each in found]
    return [json.loads(line)["captureData"] for file in files for line in file.splitlines()]
