"""Bytes to values: what costs too much or means two things is refused before anything else is looked at."""

import time
from typing import Any

import pytest

from slipway.intake.parsed import Parsed
from slipway.intake.spec_text import SIZE_LIMIT, parse, twice_findings
from slipway.release.verdicts import Finding


def values(text: str, source: str = "release.yaml") -> Any:
    parsed = parse(text.encode(), source)
    assert isinstance(parsed, Parsed), parsed
    return parsed.values


def refusal(text: bytes, source: str = "release.yaml") -> Finding:
    finding = parse(text, source)
    assert isinstance(finding, Finding), finding
    return finding


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("010", "010"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        ("null", None),
        ("True", True),
        ("false", False),
        ("-7", -7),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'1'", "1"),
        ('"true"', "true"),
    ],
)
def test_a_plain_yaml_value_means_what_it_means_in_json(plain: str, value: Any) -> None:
    read = values(f"a: {plain}")["a"]
    assert (read, type(read)) == (value, type(value))


def test_lists_mappings_and_blocks_nest() -> None:
    assert values("a:\n  b:\n  - c: 1\n    d: |\n      x\n      y\n  - []\n") == {
        "a": {"b": [{"c": 1, "d": "x\ny\n"}, []]}
    }


def test_every_value_knows_its_line() -> None:
    parsed = parse(b"a:\n  b:\n  - 1\n  - c: 2\n", "release.yaml")
    assert isinstance(parsed, Parsed)
    assert parsed.lines[("a", "b", 0)] == 3
    assert parsed.lines[("a", "b", 1, "c")] == 4


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"a: &x [1]\nb: *x", "alias"),
        (b"a: !!python/object/apply:os.system [ls]", "tag"),
        (b"a: !!binary eA==", "tag"),
        (b"a: !own 1", "tag"),
        (b"? [1, 2]\n: 3", "used as a key"),
        (b"a: 1\n---\nb: 2", "second document"),
        (b"a: [1", "did not find"),
        (b"a: " + b"9" * 500, "500 digits"),
        (b"a: \x00", "does not allow"),
        (b"- 1", "no keys with values"),
        (b"just words", "no keys with values"),
    ],
)
def test_yaml_that_is_not_a_spec_says_why(text: bytes, word: str) -> None:
    finding = refusal(text)
    assert finding.code == "SPEC_UNREADABLE"
    assert word in str(finding)


@pytest.mark.parametrize("text", [b"{", b"[1]", b'{"a": 1} x', b'{"a": ' + b"9" * 5000 + b"}", b"{'a': 1}"])
def test_json_that_is_not_a_spec_says_why(text: bytes) -> None:
    assert refusal(text, "release.json").code == "SPEC_UNREADABLE"


def test_bad_json_names_line_and_column() -> None:
    assert refusal(b'{\n  "a": 1,\n}', "release.json").where == "line 3, column 1"


@pytest.mark.parametrize("source", ["release.yaml", "release.json"])
def test_a_key_that_stands_twice_is_found(source: str) -> None:
    parsed = parse(b'{"a": 1, "b": {"c": 1, "c": 2}}', source)
    assert isinstance(parsed, Parsed)
    (finding,) = twice_findings(parsed)
    assert finding.code == "SPEC_KEY_TWICE"
    assert "'c'" in finding.message


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (b"[" * 250_000, "release.yaml"),
        (b"{a: " * 60_000, "release.yaml"),
        (b"- " * 120_000, "release.yaml"),
        (b'{"a":' * 50_000, "release.json"),
        (b"[" * 250_000, "release.json"),
        (b"x" * (SIZE_LIMIT + 1), "release.yaml"),
    ],
)
def test_a_bomb_is_refused_at_once(text: bytes, source: str) -> None:
    began = time.process_time()
    assert refusal(text, source).code in ("SPEC_UNREADABLE", "SPEC_TOO_LARGE")
    assert time.process_time() - began < 2


def test_text_that_is_not_utf8_names_the_byte() -> None:
    finding = refusal("owner: é".encode("latin-1"))
    assert finding.code == "SPEC_NOT_UTF8"
    assert "byte 7" in finding.message
    assert refusal("a: 1".encode("utf-16")).code == "SPEC_NOT_UTF8"
