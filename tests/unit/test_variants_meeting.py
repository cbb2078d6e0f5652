"""How the variants that a release brings meet those that serve."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.release.autoscaling_spec import Autoscaling
from slipway.release.naming import VARIANT
from slipway.release.scaled import Scaled
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec, Rollout
from slipway.release.variant_spec import Variant
from slipway.rollout.variants import (
    Serving,
    is_renamed,
    variant_facts,
    variant_findings,
    wanted_variants,
    weight_notes,
)

SERVE = Serve(image="an-image:1")
COUNTS = st.integers(1, 9)


def serving(name: str, live: int = 1, asked: int | None = None, configured: int = 1, scaled: bool = False) -> Serving:
    """Give a variant that serves; `configured` is what its config says, `asked` what its release asked for."""
    described = {"DesiredInstanceCount": live, "DesiredWeight": 1.0}
    config = {"VariantName": name, "InitialInstanceCount": configured, "InstanceType": SERVE.instance_type}
    return Serving(config, described, Scaled(1, 9, {"theirs": {}}) if scaled else None, asked)


def spec(*names: str, **counts: int) -> ReleaseSpec:
    wanted = {**dict.fromkeys(names, 1), **counts}
    variants = tuple(Variant(name=name, serve=replace(SERVE, instance_count=count)) for name, count in wanted.items())
    return ReleaseSpec(endpoint="churn", serve=SERVE, variants=variants)


@given(live=COUNTS, asked=COUNTS, configured=COUNTS, wanted=COUNTS, scaled=st.booleans())
def test_a_live_count_drops_only_where_nobody_scaled_and_the_spec_asks_for_less(
    live: int, asked: int, configured: int, wanted: int, scaled: bool
) -> None:
    now = [serving("a", live, asked, configured, scaled), serving("b")]
    facts = variant_facts(now, spec("b", a=wanted))
    after = facts["counts"]["a"]
    assert after >= live or (after == wanted < live == asked and not scaled)
    assert after == live if scaled or wanted == asked else after == (wanted if live == asked else max(wanted, live))
    assert facts["resized"] is (after != live)


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_variants_says_nothing(names: list[str]) -> None:
    now = [serving("a"), serving("b"), serving("c")]
    assert not is_renamed(now, spec(*names))
    assert list(variant_findings(now, spec(*names), "churn")) == []


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c"), ("a", "d")])
def test_any_other_set_is_another_one(names: tuple[str, ...]) -> None:
    assert is_renamed([serving("a"), serving("b")], spec(*names))


def test_the_one_variant_of_a_spec_without_any_is_called_like_the_one_that_serves() -> None:
    alone = ReleaseSpec(endpoint="churn", serve=SERVE)
    assert [each.name for each in wanted_variants([serving("AllTraffic")], alone)] == ["AllTraffic"]
    assert [each.name for each in wanted_variants([serving("a"), serving("b")], alone)] == [VARIANT]


def test_scaling_below_what_a_variant_has_is_refused_of_this_variant_alone() -> None:
    wanted = replace(
        spec("a", "b"), autoscaling=Autoscaling(max_capacity=2, target_invocations_per_instance=1), rollout=Rollout()
    )
    found = list(variant_findings([serving("a", live=5), serving("b")], wanted, "churn"))
    assert [finding.code for finding in found] == ["AUTOSCALING_BELOW_LIVE"]


def test_a_weight_is_only_told_of_that_somebody_changed_and_the_spec_changes_back() -> None:
    now = [serving("a"), replace(serving("b"), described={"DesiredWeight": 4.0})]
    assert [note.code for note in weight_notes(now, spec("a", "b"))] == ["WEIGHT_BY_HAND"]
    kept = replace(spec("a", "b"), variants=(spec("a").variants[0], Variant(name="b", weight=4, serve=SERVE)))
    assert list(weight_notes(now, kept)) == []


def test_a_weight_is_no_other_one_for_the_single_precision_that_sagemaker_keeps() -> None:
    now = [serving("a"), replace(serving("b"), described={"DesiredWeight": 0.10000000149011612})]
    tenth = replace(spec("a", "b"), variants=(spec("a").variants[0], Variant(name="b", weight=0.1, serve=SERVE)))
    assert list(weight_notes(now, tenth)) == []
