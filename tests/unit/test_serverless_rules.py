"""What a spec may ask of a model without instances."""

import json
from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_rules import Policy
from slipway.intake.spec_layers import Layer, planned
from slipway.intake.spec_reading import read_spec
from slipway.release.spec import ReleaseSpec, spec_from, spec_item

STACK = {"serve": {"image": "an-image:1", "instance_type": "ml.m5.large", "instance_count": 2}}
GOOD = {"memory_mb": 2048, "max_concurrency": 10}
OPEN = {"serverless": GOOD, "network_isolation": False}


def read(spec: dict[str, Any], *beneath: dict[str, Any]) -> ReleaseSpec | list[str]:
    found = read_spec(json.dumps(spec).encode(), "release.json", [STACK, *beneath], "churn")
    return found if isinstance(found, ReleaseSpec) else [f"{finding.code} {finding.where}" for finding in found]


def held(spec: dict[str, Any], *beneath: dict[str, Any]) -> ReleaseSpec:
    found = read(spec, *beneath)
    assert isinstance(found, ReleaseSpec), found
    return found


def test_a_model_without_instances_survives_the_ledger() -> None:
    spec = held({"serve": {**OPEN, "serverless": {**GOOD, "provisioned_concurrency": 2}}})
    assert spec_from(spec_item(spec)) == spec
    assert (spec.serve.kind, spec.serve.instances) == ("serverless", 1)


def test_a_layer_replaces_the_other_kind_beneath_it() -> None:
    assert held({"serve": {"instance_count": 3}}, {"serve": OPEN}).serve.serverless is None
    assert held({"serve": OPEN}, {"serve": {"instance_type": "ml.c5.large"}}).serve.serverless is not None


def test_a_plan_says_nothing_of_instances_that_there_are_not() -> None:
    spec = {"serve": OPEN}
    places = {each.place: each.origin for each in planned(held(spec), [Layer("stack", STACK), Layer("drop", spec)])}
    assert places["serve.serverless.memory_mb"] == "drop"
    assert not any(place.startswith("serve.instance_") for place in places)


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"serve": {"serverless": GOOD}}, "SPEC_SERVERLESS_NETWORK serve.network_isolation"),
        ({"serve": {**OPEN, "instance_count": 2}}, "SPEC_SERVERLESS_INSTANCES serve.instance_count"),
        (
            {"serve": {**OPEN, "serverless": {**GOOD, "provisioned_concurrency": 11}}},
            "SPEC_SERVERLESS_PROVISIONED serve.serverless.provisioned_concurrency",
        ),
        (
            {"serve": {**OPEN, "serverless": {**GOOD, "memory_mb": 1500}}},
            "SPEC_OUT_OF_BOUNDS serve.serverless.memory_mb",
        ),
        (
            {"serve": {**OPEN, "serverless": {"memory_mb": 1024}}},
            "SPEC_MISSING_KEY serve.serverless.max_concurrency",
        ),
        (
            {"serve": {**OPEN, "serverless": {**GOOD, "max_concurency": 1}}},
            "SPEC_UNKNOWN_KEY serve.serverless.max_concurency",
        ),
        (
            {"serve": {**OPEN, "vpc": {"subnets": ["subnet-0a1b2c3d"], "security_groups": ["sg-0a1b2c3d"]}}},
            "SPEC_SERVERLESS_VPC serve.vpc.subnets",
        ),
        ({"serve": OPEN, "capture": {"percent": 5}}, "SPEC_SERVERLESS_CAPTURE capture.percent"),
        ({"serve": OPEN, "rollout": {"strategy": "canary"}}, "SPEC_SERVERLESS_ROLLOUT rollout.strategy"),
        ({"serve": OPEN, "artifact": "models/churn/1/model/"}, "SPEC_SERVERLESS_FOLDER artifact"),
    ],
)
def test_what_sagemaker_has_for_instances_only_is_refused(spec: dict[str, Any], found: str) -> None:
    assert read(spec) == [found]


def test_all_of_it_is_told_at_once() -> None:
    scaled = {"max_capacity": 4, "target_invocations_per_instance": 10}
    found = read({"serve": {"serverless": GOOD}, "autoscaling": scaled, "capture": {"percent": 1}})
    assert isinstance(found, list)
    assert {each.split()[0] for each in found} == {
        "SPEC_SERVERLESS_NETWORK",
        "SPEC_SERVERLESS_CAPTURE",
        "SPEC_SERVERLESS_SCALING",
    }


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (Policy(instance_count_cap=1), []),
        (Policy(allowed_instance_types=("ml.*",)), ["POLICY_INSTANCE_TYPE serve.serverless"]),
        (Policy(allowed_instance_types=("ml.*", "serverless")), []),
        (Policy(cost_ceiling=9.0, prices={"ml.m5.large": 0.1}), ["POLICY_PRICE_UNKNOWN serve.serverless"]),
        (Policy(cost_ceiling=1.44, prices={"serverless": 0.072}), []),
        (Policy(cost_ceiling=1.43, prices={"serverless": 0.072}), ["POLICY_COST serve.serverless.max_concurrency"]),
    ],
)
def test_a_policy_allows_it_by_name_and_prices_all_that_may_be_busy(policy: Policy, found: list[str]) -> None:
    refused = refusals(held({"serve": OPEN}), policy)
    assert [f"{finding.code} {finding.where}" for finding in refused] == found
