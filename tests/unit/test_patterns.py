"""A regular expression finds what Python's finds, in time that the text bounds and the pattern does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.release.patterns import Pattern, PatternError
from tests.properties import times

_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "1"])
_REPEATED = st.builds(
    lambda atom, times: atom + times, _ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{1,}"])
)
PATTERNS = st.recursive(
    _REPEATED,
    lambda inner: st.one_of(
        st.builds(lambda one, two: one + two, inner, inner),
        st.builds(lambda one, two: f"(?:{one}|{two})", inner, inner),
        st.builds(lambda one, times: f"({one}){times}", inner, st.sampled_from(["", "*", "+", "?"])),
    ),
    max_leaves=6,
)


@times(3)
@given(PATTERNS, st.sampled_from(["", "^"]), st.sampled_from(["", "$"]), st.text("ab1.\n", max_size=8))
def test_it_finds_what_pythons_own_engine_finds(body: str, begin: str, end: str, text: str) -> None:
    expected = re.search(f"{begin}{body}{end and chr(92)}{end and 'Z'}", text) is not None
    assert Pattern(f"{begin}{body}{end}").is_in(text) is expected


@pytest.mark.parametrize("text", ["(a*)*b", "(a+)+$", "a?" * 60 + "a" * 60 + "b", ".*.*.*.*.*.*b", "(.|.|.)*b"])
def test_what_stops_a_backtracking_engine_is_answered(text: str) -> None:
    assert not Pattern(text).is_in("a" * 400 + "c")


@pytest.mark.parametrize(
    "text",
    ["(", ")", "a)", "[", "[a", "*", "a**", "a{2,1}", "a{999}{9}", "(a{99}){99}", "(?=a)", r"(a)\1", r"\b", "\\",
     "[b-a]", "(?P<x>a)", "(" * 30 + ")" * 30, "a" * 501, "(?i)a"],
)  # fmt: skip
def test_what_is_no_pattern_or_needs_more_than_this_syntax_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        Pattern(text)


@given(st.text("ab()[]{}|*+?^$\\d-,1.", max_size=20))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        Pattern(text).is_in("ab1")
    except PatternError as error:
        assert str(error)
