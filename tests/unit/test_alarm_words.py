"""Why an alarm rang, as people are told."""

import pytest

from slipway.judging.alarm_words import why_it_rang
from slipway.release.naming import alarm_name

CONFIG = "churn-20260105t120100-44fa60"


def crossed(value: str, threshold: str) -> str:
    """Say what CloudWatch says."""
    return (
        f"Threshold Crossed: 1 out of the last 1 datapoints [{value} (05/01/26 12:01:00)] was greater than "
        f"the threshold ({threshold}) (minimum 1 datapoint for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("kind", "value", "threshold", "told"),
    [
        ("5xx", "0.06666666666666667", "0.05", "6.7% of the requests were answered with 5xx, more than the 5.0%"),
        ("model", "1.0", "0.05", "100.0% of the requests got no good answer from the model, more than the 5.0%"),
        ("p95", "812345.6", "250000.0", "p95 of the model's latency was 812 ms, above 250 ms"),
        ("p99", "1.2E6", "1000000.0", "p99 of the model's latency was 1200 ms, above 1000 ms"),
    ],
)
def test_an_alarm_of_slipways_own_says_what_was_measured(kind: str, value: str, threshold: str, told: str) -> None:
    name = alarm_name(CONFIG, kind)
    words = why_it_rang(name, crossed(value, threshold))
    assert words.startswith(told)
    assert words.endswith(f"(the alarm {name} rang)")


def test_an_alarm_of_one_of_several_variants_says_whose_it_is() -> None:
    name = alarm_name(CONFIG, "errors", "challenger-2")
    words = why_it_rang(name, crossed("0.5", "0.05"))
    assert words.startswith("variant challenger-2: 50.0% of the requests were answered with 5xx or not at all")
    assert words.endswith(f"(the alarm {name} rang)")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("business-kpi-5xx", crossed("3.0", "2.0")),
        (alarm_name(CONFIG, "veto"), crossed("1.0", "1.0")),
        (alarm_name(CONFIG, "5xx"), "Unchecked: Initial alarm creation"),
        (alarm_name(CONFIG, "5xx"), "Threshold Crossed: no datapoints were received for 1 period"),
    ],
)
def test_of_any_other_alarm_cloudwatchs_own_words_are_told(name: str, reason: str) -> None:
    assert why_it_rang(name, reason) == f"the alarm {name} rang: {reason}"
