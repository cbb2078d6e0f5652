"""SageMaker and CloudWatch that lose answers, lag, refuse and are changed behind Slipway's back."""

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.faults.attacker import Attacker
from tests.scenarios.person import until

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(120, func_only=True)]


def test_creates_whose_answers_are_lost_are_made_once(attacker: Attacker, endpoint: str) -> None:
    for operation in ("CreateModel", "CreateEndpointConfig", "CreateEndpoint"):
        attacker.plan("lose_response", operation=operation)
    assert attacker.release_of(attacker.drop("good", endpoint, "1")).outcome is Outcome.LIVE
    assert len(attacker.models(endpoint)) == len(attacker.configs(endpoint)) == 1
    attacker.assert_all_is_well(endpoint)


def test_what_was_made_and_cannot_be_seen_yet_is_waited_for(attacker: Attacker, endpoint: str) -> None:
    for operation in ("CreateModel", "CreateEndpointConfig"):
        attacker.plan("stale_read", operation=operation, seconds=0.5)
    assert attacker.release_of(attacker.drop("good", endpoint, "1")).outcome is Outcome.LIVE
    attacker.assert_all_is_well(endpoint)


def test_an_endpoint_whose_answer_is_lost_and_that_cannot_be_seen_yet_is_no_orphan(
    attacker: Attacker, endpoint: str
) -> None:
    attacker.plan("stale_read", operation="CreateEndpoint", seconds=1.5)
    attacker.plan("lose_response", operation="CreateEndpoint")
    assert attacker.release_of(attacker.drop("good", endpoint, "1")).outcome is Outcome.LIVE
    attacker.assert_all_is_well(endpoint)


def test_an_update_whose_answer_is_lost_and_that_cannot_be_seen_yet_is_followed(
    attacker: Attacker, endpoint: str
) -> None:
    attacker.release_1(endpoint)
    attacker.plan("stale_read", operation="UpdateEndpoint", seconds=1.5)
    attacker.plan("lose_response", operation="UpdateEndpoint")
    assert attacker.release_of(attacker.drop("better", endpoint, "2")).outcome is Outcome.LIVE
    attacker.assert_all_is_well(endpoint)


def test_without_capacity_a_first_endpoint_leaves_nothing_behind(attacker: Attacker, endpoint: str) -> None:
    attacker.plan("no_capacity", endpoint=endpoint)
    release = attacker.release_of(attacker.drop("good", endpoint, "1"))
    assert release.outcome is Outcome.ROLLED_BACK
    assert "InsufficientInstanceCapacity" in release.reason
    attacker.assert_all_is_well(endpoint)


def test_a_rollback_that_sagemaker_keeps_silent_about_is_no_success(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    attacker.plan("silent_rollback", endpoint=endpoint)
    release = attacker.release_of(attacker.drop("better", endpoint, "2"))
    assert release.outcome is Outcome.ROLLED_BACK
    assert "gave no reason" in release.reason
    assert attacker.live(endpoint) == before
    attacker.assert_all_is_well(endpoint)


def test_an_update_to_a_model_that_crashes_is_put_back(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    release = attacker.release_of(attacker.drop("crashing", endpoint, "2"))
    assert release.outcome is Outcome.ROLLED_BACK
    assert "ping health check" in release.reason
    assert attacker.live(endpoint) == before
    attacker.assert_all_is_well(endpoint)


def test_a_release_whose_alarms_are_deleted_in_its_bake_is_put_back(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    attacker.drop("better", endpoint, "2")
    attacker.reached(endpoint, Phase.WATCH_ALARMS, before.release)
    attacker.client("cloudwatch").delete_alarms(AlarmNames=attacker.alarms(endpoint))
    release = attacker.ended(endpoint, 2)[0]
    assert release.outcome is Outcome.ROLLED_BACK
    assert "was deleted during the watch" in release.reason
    attacker.assert_all_is_well(endpoint)


def test_an_endpoint_that_somebody_deletes_in_its_watch_is_left_to_a_human_and_can_be_released_again(
    attacker: Attacker, endpoint: str
) -> None:
    folder = attacker.examples["good"]
    spec = (folder / "release.yaml").read_bytes().replace(b"min_requests: 3", b"min_requests: 3, seconds: 600")
    attacker.upload(f"models/{endpoint}/1/release.yaml", spec)
    attacker.upload(f"models/{endpoint}/1/model.tar.gz", (folder / "model.tar.gz").read_bytes())
    attacker.reached(endpoint, Phase.WATCH_ALARMS)
    attacker.sagemaker.delete_endpoint(EndpointName=endpoint)
    release = attacker.ended(endpoint)[0]
    assert release.outcome is Outcome.NEEDS_HUMAN
    assert "delet" in release.reason
    assert attacker.release_of(attacker.drop("good", endpoint, "2")).outcome is Outcome.LIVE
    attacker.assert_all_is_well(endpoint)


def test_somebody_elses_update_is_never_overwritten(attacker: Attacker, endpoint: str) -> None:
    first = attacker.release_1(endpoint)
    attacker.release_of(attacker.drop("better", endpoint, "2"))
    attacker.plan("foreign_writer", operation="UpdateEndpoint", endpoint=endpoint, config=first.config)
    release = attacker.release_of(attacker.drop("good", endpoint, "3"))
    assert release.outcome is Outcome.REJECTED
    until(lambda: attacker.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService", "rest")
    assert attacker.serving(endpoint) == first.config
