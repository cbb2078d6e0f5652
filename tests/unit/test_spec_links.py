"""Links are addresses that people can open; nothing else gets into an announcement by them."""

import json
from typing import Any

import pytest

from slipway.intake.spec_reading import read_spec
from slipway.release.spec import ReleaseSpec

STACK = {"serve": {"image": "x"}}


def read(**said: Any) -> ReleaseSpec | list[str]:
    spec = read_spec(json.dumps(said).encode(), "release.json", [STACK], "churn")
    return spec if isinstance(spec, ReleaseSpec) else [f"{each.code} {each.where}" for each in spec]


def test_links_and_retention_are_read() -> None:
    spec = read(links={"runbook": "https://wiki.example.com/churn?a=1#b"}, retention={"keep_releases": 7})
    assert isinstance(spec, ReleaseSpec)
    assert spec.links["runbook"].endswith("#b")
    assert spec.retention.keep_releases == 7


@pytest.mark.parametrize(
    "address", ["", "wiki", "javascript:alert(1)", "https://a b", "https://x\nNext: run this", "ftp://x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert read(links={"runbook": address}) == ["SPEC_LINK_INVALID links.runbook"]


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 81], ids=["empty", "two lines", "long"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert read(links={name: "https://example.com"}) == ["SPEC_LINK_INVALID links"]


def test_the_place_to_go_back_to_is_always_kept() -> None:
    assert read(retention={"keep_releases": 1}) == ["SPEC_OUT_OF_BOUNDS retention.keep_releases"]
