"""What a spec may ask of scaling."""

import json
from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_rules import Policy
from slipway.intake.spec_reading import read_spec
from slipway.release.spec import ReleaseSpec, spec_from, spec_item

SERVE = {"image": "an-image:1", "instance_type": "ml.m5.large", "instance_count": 2}
BURSTABLE = {"instance_type": "ml.t2.medium"}
GOOD = {"max_capacity": 4, "target_invocations_per_instance": 900}


def read(**spec: Any) -> ReleaseSpec | list[str]:
    found = read_spec(json.dumps(spec).encode(), "release.json", [{"serve": SERVE}], "churn")
    return found if isinstance(found, ReleaseSpec) else [f"{finding.code} {finding.where}" for finding in found]


def test_a_spec_that_says_nothing_of_scaling_leaves_it_alone() -> None:
    spec = read()
    assert isinstance(spec, ReleaseSpec)
    assert spec.autoscaling.max_capacity is None


def test_what_is_asked_survives_the_ledger() -> None:
    spec = read(autoscaling=GOOD)
    assert isinstance(spec, ReleaseSpec)
    assert spec_from(spec_item(spec)) == spec
    assert (spec.autoscaling.min_capacity, spec.autoscaling.max_capacity) == (1, 4)


def test_zero_is_all_that_is_needed_to_end_it() -> None:
    assert isinstance(read(autoscaling={"max_capacity": 0}), ReleaseSpec)


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"autoscaling": {"min_capacity": 2}}, "SPEC_SCALING_INCOMPLETE autoscaling.max_capacity"),
        ({"autoscaling": {**GOOD, "max_capacity": 0}}, "SPEC_SCALING_INCOMPLETE autoscaling.max_capacity"),
        ({"autoscaling": {"max_capacity": 4}}, "SPEC_SCALING_INCOMPLETE autoscaling.target_invocations_per_instance"),
        ({"autoscaling": {**GOOD, "min_capacity": 3}}, "SPEC_SCALING_COUNT serve.instance_count"),
        ({"autoscaling": {**GOOD, "max_capacity": 1}}, "SPEC_SCALING_COUNT serve.instance_count"),
        (
            {"autoscaling": GOOD, "serve": {"instance_type": "ml.t2.medium"}},
            "SPEC_SCALING_BURSTABLE serve.instance_type",
        ),
        ({"alarms": ["TargetTracking-endpoint/churn/variant/main-AlarmLow-1"]}, "SPEC_ALARM_SCALES alarms[0]"),
    ],
)
def test_what_cannot_work_is_refused(spec: dict[str, Any], found: str) -> None:
    assert read(**spec) == [found]


def test_limits_that_contradict_each_other_are_refused() -> None:
    found = read(autoscaling={**GOOD, "min_capacity": 5})
    assert found == ["SPEC_SCALING_LIMITS autoscaling.min_capacity", "SPEC_SCALING_COUNT serve.instance_count"]


def test_the_policy_holds_for_as_many_instances_as_scaling_may_bring() -> None:
    spec = read(autoscaling=GOOD)
    assert isinstance(spec, ReleaseSpec)
    cheap = Policy(instance_count_cap=3, cost_ceiling=0.5, prices={"ml.m5.large": 0.2})
    found = {finding.code: finding.where for finding in refusals(spec, cheap)}
    assert found == dict.fromkeys(("POLICY_INSTANCE_COUNT", "POLICY_COST"), "autoscaling.max_capacity")
    assert refusals(spec, Policy(instance_count_cap=4, cost_ceiling=0.8, prices={"ml.m5.large": 0.2})) == []
