"""A path leads to every place it names, and says where it ends in nothing."""

from typing import Any

import pytest

from slipway.release.json_path import MISSING, parse_path, values_at

VALUE = {"predictions": [{"score": 0.5}, {"score": 0.7}], "odd key": {"x-y": 1}, "none": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [("$", VALUE)]),
        ("$.predictions[0].score", [("$.predictions[0].score", 0.5)]),
        ("predictions[-1].score", [("$.predictions[-1].score", 0.7)]),
        ("$.predictions[*].score", [("$.predictions[0].score", 0.5), ("$.predictions[1].score", 0.7)]),
        ('$["odd key"].x-y', [("$.odd key.x-y", 1)]),
        ("$.none", [("$.none", None)]),
        ("$.predictions[5]", [("$.predictions[5]", MISSING)]),
        ("$.nothing.at.all", [("$.nothing", MISSING)]),
        ("$.none[*]", [("$.none[*]", MISSING)]),
        ("$.predictions.score", [("$.predictions.score", MISSING)]),
    ],
)
def test_a_path_leads_to_its_values(path: str, found: list[tuple[str, Any]]) -> None:
    assert list(values_at(VALUE, parse_path(path))) == found


@pytest.mark.parametrize("path", ["$..a", "$.a[", "$.a[b]", "$.a[?(@.x)]", "$.a b", "a.", '$["\\q"]'])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|escape"):
        parse_path(path)
