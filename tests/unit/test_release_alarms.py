"""The alarms made for a release, and what alarms say of it."""

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from slipway.judging.alarm_states import preflight_findings, ringing, watch_findings
from slipway.judging.alarms import Fleet, detection_seconds, own_alarms
from slipway.release.spec import Watch

FLEET = Fleet("churn", "churn-20260105t120000-abc123", is_update=True)
EVERYTHING = Watch(latency_p95_ms=200.0, latency_p99_ms=900.5, min_requests=20)
BY_KIND = {request["AlarmName"].rpartition("-")[2]: request for request in own_alarms([(FLEET, EVERYTHING)])}
PUT = get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm").input_shape


@pytest.mark.parametrize("kind", ["5xx", "model", "p95", "p99", "veto"])
def test_an_alarm_is_a_request_that_cloudwatch_takes(kind: str) -> None:
    validate_parameters(BY_KIND[kind], PUT)
    assert BY_KIND[kind]["AlarmName"] == f"slipway-{FLEET.config}-{kind}"
    assert BY_KIND[kind]["ActionsEnabled"] is False


def test_latency_is_watched_only_where_the_spec_names_a_budget() -> None:
    kinds = [request["AlarmName"].rpartition("-")[2] for request in own_alarms([(FLEET, Watch())])]
    assert kinds == ["5xx", "model", "veto"]


def test_missing_data_is_treated_on_purpose() -> None:
    treated = {kind: request["TreatMissingData"] for kind, request in BY_KIND.items()}
    assert treated == {**dict.fromkeys(["5xx", "model", "p95", "p99"], "notBreaching"), "veto": "ignore"}


@pytest.mark.parametrize(
    ("kind", "expression", "threshold"),
    [
        ("5xx", "IF(requests >= 20, errors / requests, 0)", 0.05),
        ("model", "IF(requests >= 20, (failures - refusals) / requests, 0)", 0.05),
        ("p95", "IF(requests >= 20, latency, 0)", 200_000),
        ("p99", "IF(requests >= 20, latency, 0)", 900_500),
    ],
)
def test_few_requests_trip_nothing(kind: str, expression: str, threshold: float) -> None:
    (*_, judged) = BY_KIND[kind]["Metrics"]
    assert judged["Expression"] == expression
    assert BY_KIND[kind]["Threshold"] == threshold


def test_every_metric_is_of_the_new_fleet_alone() -> None:
    for kind in ("5xx", "model", "p95"):
        for metric in BY_KIND[kind]["Metrics"][:-1]:
            dimensions = {pair["Name"]: pair["Value"] for pair in metric["MetricStat"]["Metric"]["Dimensions"]}
            assert dimensions == {"EndpointName": "churn", "VariantName": "main", "EndpointConfigName": FLEET.config}


def test_a_first_release_has_no_metrics_by_config_yet() -> None:
    assert "EndpointConfigName" not in Fleet("churn", "a-config", is_update=False).dimensions


def test_an_adopted_endpoint_is_watched_under_its_own_variants_name() -> None:
    assert Fleet("churn", "a-config", True, "AllTraffic").dimensions["VariantName"] == "AllTraffic"


def test_an_alarm_tells_how_long_it_needs_to_ring() -> None:
    assert {kind: detection_seconds(request) for kind, request in BY_KIND.items()} == {
        **dict.fromkeys(["5xx", "model", "p95", "p99"], 60),
        "veto": 10,
    }


def test_a_watch_too_short_for_its_alarms_is_refused_and_none_at_all_is_not() -> None:
    (finding,) = watch_findings(Watch(seconds=100), "slow", 180)
    assert (finding.code, finding.where) == ("WATCH_TOO_SHORT", "watch.seconds")
    assert watch_findings(Watch(seconds=180), "slow", 180) == watch_findings(Watch(seconds=0), "slow", 180) == []


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


ONE_OF_SEVERAL = Fleet("churn", FLEET.config, is_update=True, variant="challenger", is_one_of_several=True)


def test_one_of_several_variants_has_one_alarm_on_errors_within_cloudwatchs_bounds() -> None:
    errors, p95, p99, veto = own_alarms([(ONE_OF_SEVERAL, EVERYTHING)])
    validate_parameters(errors, PUT)
    assert [each["AlarmName"].partition(FLEET.config)[2] for each in (errors, p95, p99, veto)] == [
        ".challenger.errors",
        ".challenger.p95",
        ".challenger.p99",
        "-veto",
    ]
    assert sum("MetricStat" in each for each in errors["Metrics"]) == 4
    assert errors["Metrics"][-1]["Expression"] == "IF(requests >= 20, MAX([errors, unanswered]) / requests, 0)"
    assert errors["AlarmDescription"].endswith("above 5% of the variant challenger; made by Slipway.")
