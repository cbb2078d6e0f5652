"""Every JSONata expression of the machine compiles, reads only what is there, and means the same everywhere."""

from typing import Any

import pytest
from jsonata import Jsonata

from tests.statemachine.asl import State, all_ways, expressions, machine, reads, states, variables
from tests.statemachine.dataflow import assigned_on_entry, unassigned

EXPRESSIONS = sorted(set(expressions(machine())))
ASSIGNS = [
    (f"{way.start} {way.kind} {way.end}", way.part["Assign"])
    for way in all_ways()
    if way.kind != "default" and "Assign" in way.part
]


@pytest.mark.parametrize("text", sorted({text for _, text in EXPRESSIONS}))
def test_an_expression_compiles(text: str) -> None:
    assert Jsonata.jsonata(text) is not None


def test_no_expression_hides_in_a_longer_string() -> None:
    found = {place for place, _ in EXPRESSIONS}
    marked = {place for place, value in _strings(machine()) if "{%" in value or "%}" in value}

    assert marked == found


def test_every_variable_is_assigned_on_all_ways_to_where_it_is_read() -> None:
    assert unassigned(assigned_on_entry()) == {}


def test_every_assigned_variable_is_read_somewhere() -> None:
    assigned = frozenset().union(*(way.assigned for way in all_ways()))

    assert assigned == reads(machine())


@pytest.mark.parametrize("name", sorted(reads(machine())))
def test_a_variable_is_not_named_like_a_function_of_jsonata(name: str) -> None:
    assert Jsonata.jsonata(f"$exists(${name})").evaluate(None) is False


def test_a_variable_that_one_way_leaves_out_is_found() -> None:
    known = assigned_on_entry()
    known["Wait for a Turn"] -= {"waited"}

    assert unassigned(known) == {"Wait for a Turn": frozenset({"waited"})}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$waited + 1", {"waited"}),
        ("$states.result.Payload.answer", set()),
        ("$exists($states.result.x) ? $floor($x) : $y", {"x", "y"}),
        ("'costs $money' & $trouble", {"trouble"}),
    ],
)
def test_variables_are_told_from_functions_states_and_text(text: str, expected: set[str]) -> None:
    assert variables(text) == expected


@pytest.mark.parametrize(("place", "assign"), ASSIGNS)
def test_an_assign_reads_no_other_variable_that_it_assigns(place: str, assign: dict[str, Any]) -> None:
    """AWS evaluates an Assign at once, MiniStack one line after the other: here both mean the same."""
    for name, value in assign.items():
        assert not reads(value) & (assign.keys() - {name})


@pytest.mark.parametrize(("name", "state"), states().items())
def test_the_result_is_read_after_success_and_the_error_in_a_catch(name: str, state: State) -> None:
    for place, text in expressions(state):
        assert "$states.result" not in text or place.startswith(("/Assign", "/Output"))
        assert "$states.errorOutput" not in text or place.startswith("/Catch")


@pytest.mark.parametrize(("name", "state"), states("Choice").items())
def test_a_condition_reads_variables_only(name: str, state: State) -> None:
    """A Choice has no Catch: what it compares was checked when it was assigned."""
    for rule in state["Choices"]:
        assert "$states" not in rule["Condition"]


def _strings(value: Any, place: str = "") -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in _strings(inner, f"{place}/{key}")]
