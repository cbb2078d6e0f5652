"""Deployment guardrails: what is asked of SageMaker, and what is refused before."""

from botocore.session import get_session
from botocore.validate import validate_parameters

from slipway.judging.alarms import Fleet, error_rate_alarm, own_names, preflight_findings, ringing, veto_alarm
from slipway.release.spec import Rollout, Watch
from slipway.rollout.guardrails import deployment_config, rearm_seconds, rollback_config, rollout_findings, rounds

UPDATE = {"EndpointName": "churn", "EndpointConfigName": "a-config"}
FLEET = Fleet("churn", "churn-20260105t120000-abc123", is_update=True)


def check(service: str, operation: str, request: dict[str, object]) -> None:
    shape = get_session().get_service_model(service).operation_model(operation).input_shape
    validate_parameters(request, shape)


def test_the_deployment_is_blue_green_with_a_final_bake_and_every_alarm() -> None:
    deployment = deployment_config(Rollout(bake_seconds=300), ["a", "b"])
    check(
        "sagemaker", "UpdateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": deployment}
    )
    assert deployment["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 300
    assert deployment["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": "a"}, {"AlarmName": "b"}]


def test_the_way_back_has_no_alarm_attached() -> None:
    deployment = rollback_config(3600)
    check(
        "sagemaker", "UpdateEndpoint", {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": deployment}
    )
    assert "AutoRollbackConfiguration" not in deployment


def test_the_alarms_are_requests_that_cloudwatch_takes() -> None:
    for request in (error_rate_alarm(FLEET, Watch()), veto_alarm(FLEET)):
        check("cloudwatch", "PutMetricAlarm", request)
        assert request["AlarmName"] in own_names(FLEET.config)


def test_the_veto_keeps_ringing_once_it_rang() -> None:
    assert veto_alarm(FLEET)["TreatMissingData"] == "ignore"


def test_few_requests_cannot_trip_the_error_rate() -> None:
    (*_, rate) = error_rate_alarm(FLEET, Watch(min_requests=20))["Metrics"]
    assert rate["Expression"] == "IF(requests >= 20, errors / requests, 0)"


def test_a_bake_that_its_slowest_alarm_can_use_is_accepted() -> None:
    assert rollout_findings(Rollout(bake_seconds=180), detection_seconds=60) == []


def test_a_bake_that_ends_before_its_slowest_alarm_can_ring_is_refused() -> None:
    (finding,) = rollout_findings(Rollout(bake_seconds=179), detection_seconds=60)
    assert (finding.code, finding.where) == ("BAKE_TOO_SHORT", "rollout.bake_seconds")
    assert "180" in finding.next_step


def test_a_deployment_that_would_time_out_in_its_own_bake_is_refused() -> None:
    (finding,) = rollout_findings(Rollout(bake_seconds=3600, timeout_seconds=3600), detection_seconds=60)
    assert finding.code == "TIMEOUT_TOO_SHORT"


def test_a_wait_is_a_quarter_of_the_bake_within_bounds() -> None:
    assert [rearm_seconds(seconds) for seconds in (0, 60, 400, 3600)] == [10, 15, 100, 300]
    assert [rounds(300, 75), rounds(301, 75), rounds(0, 10)] == [4, 5, 0]


def test_every_missing_and_every_ringing_alarm_is_said_at_once() -> None:
    findings = preflight_findings(["good", "gone", "red"], {"good": "OK", "red": "ALARM"})
    assert [(finding.code, finding.where) for finding in findings] == [
        ("ALARM_UNKNOWN", "alarms[1]"),
        ("ALARM_RINGING", "alarms[2]"),
    ]


def test_an_alarm_without_data_does_not_speak_against_a_release() -> None:
    assert ringing(["quiet"], {"quiet": "INSUFFICIENT_DATA"}, {}) == []


def test_a_vanished_alarm_speaks_against_a_release() -> None:
    assert ringing(["gone"], {}, {}) == ["the alarm gone was deleted during the watch"]
