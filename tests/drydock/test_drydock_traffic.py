"""Where requests go."""

from collections import Counter

import pytest

from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet, Kind, Variant
from drydock.sagemaker.runtime.traffic import Splitter, Splitters, Way, shadows, ways


def make_fleet(name: str, **weights: float) -> Fleet:
    variants = {variant: Variant(variant, {}, {}, weight, 1) for variant, weight in weights.items()}
    return Fleet(name, name, variants, 0.0, scoped=False)


def make_endpoint(fleet: Fleet, green: Fleet | None = None, share: float = 0.0) -> Endpoint:
    deployment = Deployment(Kind.UPDATE, 0.0, 0.0, green=green, share=share) if green else None
    return Endpoint("e", "arn", 0.0, 0.0, "c", fleet=fleet, deployment=deployment)


def shares(endpoint: Endpoint, target: str = "") -> dict[tuple[str, str], float]:
    return {(way.fleet.id, way.variant.name): share for way, share in ways(endpoint, target)}


def test_weights_decide_between_variants() -> None:
    endpoint = make_endpoint(make_fleet("blue", a=3.0, b=1.0, c=0.0))
    assert shares(endpoint) == {("blue", "a"): 0.75, ("blue", "b"): 0.25}


def test_the_target_overrides_the_weights() -> None:
    endpoint = make_endpoint(make_fleet("blue", a=3.0, b=0.0))
    assert shares(endpoint, "b") == {("blue", "b"): 1.0}
    assert shares(endpoint, "x") == {}


def test_the_new_fleet_gets_its_share_and_nothing_before() -> None:
    blue, green = make_fleet("blue", a=1.0), make_fleet("green", a=1.0)
    assert shares(make_endpoint(blue, green, 0.0)) == {("blue", "a"): 1.0}
    assert shares(make_endpoint(blue, green, 0.25)) == {("blue", "a"): 0.75, ("green", "a"): 0.25}
    assert shares(make_endpoint(blue, green, 1.0)) == {("green", "a"): 1.0}


def test_no_weight_no_way() -> None:
    assert shares(make_endpoint(make_fleet("blue", a=0.0))) == {}


def test_a_split_is_exact_and_mixed() -> None:
    splitter: Splitter[str] = Splitter()
    chosen = [splitter.choose({"a": 0.75, "b": 0.25}) for _ in range(40)]
    assert Counter(chosen) == {"a": 30, "b": 10}
    assert all("b" in chosen[start : start + 4] for start in range(0, 40, 4))


def test_who_is_no_longer_offered_gets_nothing() -> None:
    splitter: Splitter[str] = Splitter()
    splitter.choose({"a": 1.0, "b": 1.0})
    assert {splitter.choose({"c": 1.0}) for _ in range(5)} == {"c"}


@pytest.mark.parametrize(
    ("weight", "shadow", "part"), [(1.0, 1.0, 1.0), (2.0, 1.0, 0.5), (1.0, 3.0, 1.0), (0.0, 1.0, 0.0)]
)
def test_a_shadow_gets_copies_by_its_weight_over_that_of_the_production_variant(
    weight: float, shadow: float, part: float
) -> None:
    fleet = make_fleet("blue", a=weight, b=shadow)
    fleet.variants["b"].shadow = True
    assert [(variant.name, share) for variant, share in shadows(Way(fleet, fleet.variants["a"]))] == [("b", part)]
    assert ("blue", "b") not in shares(make_endpoint(fleet))
    assert shares(make_endpoint(fleet), "b") == {}


def test_splitters_of_endpoints_that_are_gone_are_forgotten() -> None:
    endpoints = {"one", "two"}
    splitters: Splitters[str] = Splitters(endpoints)
    first = splitters.of("One", "")
    assert splitters.of("One", "") is first
    endpoints.remove("one")
    splitters.of("two", "")
    assert len(splitters) == 1
