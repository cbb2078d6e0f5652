"""An answer is held to a JSON Schema as the draft means it; a schema with anything that is not checked is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from slipway.judging.schema_match import violations
from slipway.judging.smoke import judge
from slipway.judging.smoke_answers import Answered
from slipway.release.json_schema import KEYWORDS, TYPES, faults
from slipway.release.smoke_spec import Expect, SmokeCase
from tests.properties import part

ANSWER = {"predictions": [{"label": "yes", "score": 0.25}], "model": "v12"}

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, 0.5, -2.5]), st.text("ab1", max_size=3)
)
_NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)),
    max_leaves=5,
)
_COUNTS = st.integers(0, 3)
_LEAVES = {
    "type": st.one_of(st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)),
    "enum": st.lists(VALUES, min_size=1, max_size=3),
    "const": VALUES,
    "required": st.lists(_NAMES, max_size=2, unique=True),
    "pattern": st.sampled_from(["a", "^b", "a+b?", "[1a]$", "^(a|b1)*$"]),
    "uniqueItems": st.booleans(),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"), _COUNTS),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), st.sampled_from([-1, 0, 0.5, 1.0])),
    "$ref": st.sampled_from(["#/$defs/a", "#/$defs/b"]),
    "title": st.just("says nothing"),
}


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=1, max_size=3)
    nested = {
        **dict.fromkeys(("additionalProperties", "propertyNames", "items", "not"), inner),
        **dict.fromkeys(("prefixItems", "allOf", "anyOf", "oneOf"), listed),
        "properties": st.dictionaries(_NAMES, inner, max_size=3),
    }
    return st.one_of(st.booleans(), st.fixed_dictionaries({}, optional={**_LEAVES, **nested}))


PARTS = st.recursive(st.fixed_dictionaries({}, optional=_LEAVES), _schemas, max_leaves=4)


@part(2)
@given(st.builds(lambda whole, a, b: {"allOf": [whole], "$defs": {"a": a, "b": b}}, PARTS, PARTS, PARTS), VALUES)
def test_a_sound_schema_judges_as_the_reference_implementation_does(schema: Any, value: Any) -> None:
    if not list(faults(schema)):
        told = list(violations(schema, value))
        assert (not told) is Draft202012Validator(schema).is_valid(value), told


@given(
    st.dictionaries(st.sampled_from([*KEYWORDS, "patternProperties", "format", "$schema"]), VALUES, max_size=4), VALUES
)
def test_a_schema_of_any_make_is_refused_or_judges_without_a_crash(schema: Any, value: Any) -> None:
    if not list(faults(schema)):
        list(violations(schema, value))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "array"}, 'which is no array'),
        ({"required": ["labels"]}, "$.labels is missing"),
        ({"properties": {"predictions": {"minItems": 2}}}, "$.predictions has 1 entries, fewer than 2"),
        ({"additionalProperties": False, "properties": {"predictions": True}}, "$.model is there but not expected"),
        ({"properties": {"predictions": {"items": {"properties": {"score": {"maximum": 0.2}}}}}},
         "$.predictions[0].score is 0.25, more than 0.2"),
        ({"properties": {"model": {"pattern": "^w"}}}, '$.model is "v12", which does not match "^w"'),
        ({"properties": {"model": {"$ref": "#/$defs/name"}}, "$defs": {"name": {"maxLength": 2}}},
         "$.model has 3 characters, more than 2"),
        ({"properties": {"model": {"enum": ["v1", "v2"]}}}, '$.model is "v12" instead of "v1" or "v2"'),
        ({"anyOf": [{"type": "null"}, False]}, "which fits none of anyOf"),
    ],
)  # fmt: skip
def test_it_says_where_an_answer_is_not_as_its_schema_says(schema: Any, told: str) -> None:
    assert told in " ".join(violations(schema, ANSWER))


@pytest.mark.parametrize(
    ("schema", "where", "what"),
    [
        ({"properties": {"a": {"format": "date"}}}, "#/properties/a/format", "not in the subset"),
        ({"patternProperties": {}}, "#/patternProperties", "not in the subset"),
        ({"typ": "object"}, "#/typ", "not in the subset"),
        ({"type": "float"}, "#/type", "one or several of"),
        ({"$ref": "#/$defs/none"}, "#/$ref", "leads nowhere"),
        ({"$ref": "https://example.com/schema"}, "#/$ref", "leads nowhere"),
        ({"$ref": "#"}, "#", "in a circle"),
        ({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}},
         "#/$defs/a", "in a circle"),
        ({"items": {"pattern": "(?=a)"}}, "#/items/pattern", "cannot be read"),
        ({"anyOf": []}, "#/anyOf", "at least one"),
        ({"minItems": -1}, "#/minItems", "0 or more"),
        ({"minimum": "1"}, "#/minimum", "a number"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "#/$schema", "2020-12"),
        (["type"], "#", "a mapping, true or false"),
    ],
)  # fmt: skip
def test_a_schema_that_would_not_be_checked_as_written_is_refused(schema: Any, where: str, what: str) -> None:
    told = dict(faults(schema))
    assert what in told[where]


def test_a_tree_may_refer_to_itself() -> None:
    tree = {"properties": {"left": {"$ref": "#"}, "value": {"type": "number"}}}
    assert not list(faults(tree))
    assert list(violations(tree, {"left": {"left": {"value": "x"}}})) == [
        '$.left.left.value is "x", which is no number'
    ]


def test_what_asks_for_too_much_fails_instead_of_taking_for_ever() -> None:
    doubling = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    schema = {"$ref": "#/$defs/d0", "$defs": {**doubling, "d40": True}}
    assert not list(faults(schema))
    assert "more work" in " ".join(violations(schema, 1))
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    assert "nests deeper" in " ".join(violations({"items": {"$ref": "#"}}, deep))
    assert "which does not match" in " ".join(violations({"pattern": "^a"}, "a" * 10_001))


def test_a_smoke_case_fails_on_an_answer_that_is_not_as_its_schema_says() -> None:
    case = SmokeCase(name="a", json=1, expect=Expect(schema={"properties": {"score": {"type": "number"}}}))
    result = judge(case, Answered(200, b'{"score": "high"}', "application/json", request_id="r-1"))
    (finding,) = result.findings
    assert (finding.code, finding.where) == ("SMOKE_SCHEMA", "smoke[a].expect.schema")
    assert (
        finding.message == 'The answer is not as its schema says: $.score is "high", which is no number (request r-1).'
    )
    not_json = judge(case, Answered(200, b"<html>", "text/html"))
    assert [(each.code, each.where) for each in not_json.findings] == [("SMOKE_NOT_JSON", "smoke[a].expect.schema")]


def test_nan_is_of_no_type() -> None:
    assert list(violations({"type": "number"}, float("nan"))) == ["$ is NaN, which is no number"]
