"""Several variants in a spec: what each of them comes to, and what is wrong with them."""

import json
from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_rules import Policy
from slipway.intake.spec_hash import spec_hash
from slipway.intake.spec_layers import NOBODY, Layer, planned
from slipway.intake.spec_reading import check_spec, read_spec
from slipway.intake.variants import complete
from slipway.release.spec import ReleaseSpec, spec_from, spec_item
from slipway.release.verdicts import Finding

STACK: dict[str, Any] = {"serve": {"image": "registry/serve:1", "instance_type": "ml.m5.large"}}
CHAMPION = {"name": "champion", "weight": 9}
CHALLENGER = {"name": "challenger", "serve": {"instance_count": 2, "environment": {"B": "2"}}}
SERVE = {"environment": {"A": "1"}}


def spec(**values: Any) -> ReleaseSpec:
    read = check_spec(values, [STACK], "churn", "us-east-1")
    assert isinstance(read, ReleaseSpec), read
    return read


def wrong(**values: Any) -> list[tuple[str, str]]:
    found = check_spec(values, [STACK], "churn", "us-east-1")
    assert isinstance(found, list), found
    return [(finding.code, finding.where) for finding in found]


def variants(*said: dict[str, Any]) -> list[dict[str, Any]]:
    """Name two variants, the second of which says this."""
    return [CHAMPION, *({**CHALLENGER, **each} for each in said)]


def test_a_variant_lays_over_serve_what_it_says_otherwise() -> None:
    read = spec(serve=SERVE, variants=[CHAMPION, CHALLENGER])
    champion, challenger = read.variants
    assert (champion.name, champion.weight, challenger.weight) == ("champion", 9, 1)
    assert champion.serve.environment == {"A": "1"}
    assert challenger.serve.environment == {"A": "1", "B": "2"}
    assert (champion.serve.instance_count, challenger.serve.instance_count) == (1, 2)
    assert {serve.image for serve in read.served.values()} == {"registry/serve:1"}


def test_a_variants_framework_takes_the_place_of_the_common_image() -> None:
    own = {"framework": "sklearn", "framework_version": "1.2-1"}
    _, challenger = spec(variants=variants({"serve": own})).variants
    assert "scikit-learn:1.2-1" in challenger.serve.image


def test_the_image_need_not_be_common() -> None:
    both = [{"name": name, "serve": {"image": name}} for name in ("a", "b")]
    read = check_spec({"variants": both}, [], "churn")
    assert isinstance(read, ReleaseSpec), read
    assert [variant.serve.image for variant in read.variants] == ["a", "b"]


def test_variants_survive_the_ledger() -> None:
    read = spec(serve=SERVE, variants=[CHAMPION, CHALLENGER])
    assert spec_from(json.loads(json.dumps(spec_item(read)))) == read


def test_an_empty_list_takes_back_the_variants_of_the_layer_beneath() -> None:
    read = check_spec({"variants": []}, [STACK, {"variants": [CHAMPION, CHALLENGER]}], "churn")
    assert isinstance(read, ReleaseSpec)
    assert read.variants == ()


def test_what_variants_ask_for_counts_and_a_spec_without_any_hashes_as_before() -> None:
    several = spec(variants=[CHAMPION, CHALLENGER])
    assert spec_hash(several) != spec_hash(spec(variants=variants({"weight": 2})))
    assert spec_hash(spec()) == "d6e44df85f4723054f8dbf0247035e830cdd9851287b770a5b0bccab1747e184"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {"name": "champion"},
            [("SPEC_VARIANT_TWICE", "variants[0].name"), ("SPEC_VARIANT_TWICE", "variants[1].name")],
        ),
        ({"name": "a_b"}, [("SPEC_VARIANT_NAME", "variants[1].name")]),
        ({"name": ""}, [("SPEC_EMPTY", "variants[1].name")]),
        ({"weight": -1}, [("SPEC_OUT_OF_BOUNDS", "variants[1].weight")]),
        ({"weigth": 1}, [("SPEC_UNKNOWN_KEY", "variants[1].weigth")]),
        ({"serve": {"instanceType": "x"}}, [("SPEC_UNKNOWN_KEY", "variants[1].serve.instanceType")]),
        ({"serve": {"instance_type": "m5"}}, [("SPEC_INSTANCE_TYPE_INVALID", "variants[1].serve.instance_type")]),
        ({"serve": {"image": "a b"}}, [("SPEC_IMAGE_INVALID", "variants[1].serve.image")]),
        ({"serve": "large"}, [("SPEC_WRONG_TYPE", "variants[1].serve")]),
        (
            {"serve": {"serverless": {"memory_mb": 1024, "max_concurrency": 1}}},
            [("SPEC_VARIANTS_SERVERLESS", "variants[1].serve.serverless")],
        ),
        ({"artifact": "challenger.zip"}, [("SPEC_ARTIFACT_INVALID", "variants[1].artifact")]),
        ({"artifact_sha256": "a" * 64}, [("SPEC_DIGEST_OF_DROP", "variants[1].artifact_sha256")]),
        ({"serve": {"framework": "sklearn"}}, [("SPEC_MISSING_KEY", "variants[1].serve.framework_version")]),
    ],
)
def test_what_is_wrong_with_a_variant_is_told_at_its_place(
    said: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert wrong(variants=variants(said)) == expected


def test_what_is_wrong_with_all_of_them_is_told_once() -> None:
    assert wrong(serve={"instance_type": "m5.large"}, variants=[CHAMPION, CHALLENGER]) == [
        ("SPEC_INSTANCE_TYPE_INVALID", "serve.instance_type")
    ]
    found = check_spec({"variants": [CHAMPION, CHALLENGER]}, [], "churn")
    assert isinstance(found, list)
    assert [(each.code, each.where) for each in found] == [("SPEC_MISSING_KEY", "serve.image")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"variants": [CHAMPION]}, [("SPEC_VARIANTS_ONE", "variants")]),
        ({"variants": [{"name": f"v{n}"} for n in range(10)]}, [("SPEC_TOO_LONG", "variants")]),
        (
            {"variants": [{"name": "a", "weight": 0}, {"name": "b", "weight": 0}]},
            [("SPEC_VARIANTS_WEIGHTLESS", "variants")],
        ),
        (
            {
                "artifact": "models/churn/1/models/",
                "serve": {"multi_model": True},
                "variants": variants({"artifact": "models/churn/1/others/"}),
            },
            [("SPEC_VARIANT_MULTI_MODEL", "variants[1].artifact")],
        ),
        (
            {"variants": [{"name": name, "artifact": f"models/churn/1/{name}.tar.gz"} for name in ("a", "b")]},
            [("SPEC_VARIANTS_DROP", "variants")],
        ),
        ({"rollout": {"strategy": "rolling"}}, [("SPEC_VARIANTS_ROLLING", "rollout.strategy")]),
        (
            {"smoke": [{"name": "a", "json": 1, "target_variant": "third"}]},
            [("SPEC_SMOKE_VARIANT", "smoke[0].target_variant")],
        ),
        (
            {"autoscaling": {"max_capacity": 1, "target_invocations_per_instance": 1}},
            [("SPEC_SCALING_COUNT", "variants[1].serve.instance_count")],
        ),
    ],
)
def test_what_variants_cannot_be_together_is_told(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert wrong(**{"variants": [CHAMPION, CHALLENGER], **values}) == expected


def test_the_variables_of_all_variants_fit_into_the_ledger() -> None:
    many = {f"V{number}": "x" * 1000 for number in range(28)}
    found = wrong(serve={"environment": many}, variants=[{"name": f"v{number}"} for number in range(4)])
    assert found == [("SPEC_SERVE_TOO_LARGE", "variants")]


def test_a_finding_names_the_line_of_the_variant() -> None:
    text = b"variants:\n- name: a\n- name: b\n  serve:\n    instance_count: 0\n"
    found = read_spec(text, "release.yaml", [STACK], "churn")
    assert isinstance(found, list)
    assert [str(each) for each in found] == [
        "variants[1].serve.instance_count: 0 is out of bounds. (line 5) Use at least 1."
    ]


def test_a_plan_tells_of_each_variant_where_its_values_come_from() -> None:
    own = Layer("the endpoint", {"serve": SERVE})
    drop = Layer("the drop", {"variants": [CHAMPION, CHALLENGER]})
    read = check_spec(drop.values, [STACK, own.values], "churn")
    assert isinstance(read, ReleaseSpec)
    told = {each.place: (each.value, each.origin) for each in planned(read, [Layer("stack", STACK), own, drop])}
    assert told["variants[0].name"] == ("champion", "the drop")
    assert told["variants[1].weight"] == (1.0, NOBODY)
    assert told["variants[1].serve.image"] == ("registry/serve:1", "stack")
    assert told["variants[1].serve.environment.A"] == ("1", "the endpoint")
    assert told["variants[1].serve.instance_count"] == (2, "the drop")
    assert "serve.image" not in told, "nothing is served by it"


class TestPolicy:
    def judged(self, policy: Policy, **values: Any) -> list[Finding]:
        return refusals(spec(**values), policy)

    def test_each_variant_is_held_to_it_at_its_place(self) -> None:
        serve = {"image": "other:1", "instance_type": "ml.p3.2xlarge", "environment": {"LD_PRELOAD": "x"}}
        policy = Policy(allowed_images=("registry/*",), allowed_instance_types=("ml.m5.*",))
        found = self.judged(policy, variants=variants({"serve": serve}))
        assert [(each.code, each.where) for each in found] == [
            ("POLICY_IMAGE", "variants[1].serve.image"),
            ("POLICY_INSTANCE_TYPE", "variants[1].serve.instance_type"),
            ("POLICY_ENVIRONMENT", "variants[1].serve.environment.LD_PRELOAD"),
        ]

    def test_their_instances_are_counted_together(self) -> None:
        (found,) = self.judged(Policy(instance_count_cap=2), variants=[CHAMPION, CHALLENGER])
        assert (found.code, found.where) == ("POLICY_INSTANCE_COUNT", "variants")
        assert found.message.startswith("3 instances")
        scaled = {"max_capacity": 4, "target_invocations_per_instance": 1}
        (found,) = self.judged(Policy(instance_count_cap=7), variants=[CHAMPION, CHALLENGER], autoscaling=scaled)
        assert found.where == "autoscaling.max_capacity"
        assert found.message.startswith("8 instances")

    def test_their_costs_are_added_up(self) -> None:
        prices = {"ml.m5.large": 0.5, "ml.c5.large": 0.25}
        dear = variants({"serve": {"instance_type": "ml.c5.large", "instance_count": 4}})
        (found,) = self.judged(Policy(cost_ceiling=1.4, prices=prices), variants=dear)
        assert found.message.startswith("1 x ml.m5.large and 4 x ml.c5.large cost 1.5 an hour")
        assert self.judged(Policy(cost_ceiling=1.5, prices=prices), variants=dear) == []


def test_ten_thousand_of_them_are_refused_without_a_copy_of_what_they_share_for_each() -> None:
    shared = {"environment": {f"K{number}": "value" for number in range(100)}}
    values = {"serve": shared, "variants": [{"name": f"v{number}"} for number in range(10_000)]}
    complete(values, "us-east-1")
    assert sum("environment" in each.get("serve", {}) for each in values["variants"]) < 20
