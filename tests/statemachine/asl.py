"""The machine as tests see it: its states, the ways out of each, and every expression with its place."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[2] / "statemachine" / "release.asl.json"
State = dict[str, Any]

_EXPRESSION = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)
_TEXT = re.compile(r"'[^']*'")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)\b(?!\s*\()")


@dataclass(frozen=True)
class Way:
    """One way out of a state."""

    start: str
    end: str
    kind: str
    """next, rule, default or catch."""
    part: dict[str, Any]
    """The object that says so: the state itself, the Choice rule, the catcher."""

    @property
    def assigned(self) -> frozenset[str]:
        """Variables that are assigned on this way; a Choice's own Assign is forbidden, so its default has none."""
        return frozenset() if self.kind == "default" else frozenset(self.part.get("Assign", {}))


@cache
def machine() -> dict[str, Any]:
    """Read the machine."""
    loaded: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return loaded


def states(kind: str = "") -> dict[str, State]:
    """Give the machine's states of one Type, or all, by name."""
    found: dict[str, State] = machine()["States"]
    return {name: state for name, state in found.items() if kind in ("", state["Type"])}


def ways(name: str, state: State) -> Iterator[Way]:
    """Give every way out of a state."""
    if "Next" in state:
        yield Way(name, state["Next"], "next", state)
    for rule in state.get("Choices", []):
        yield Way(name, rule["Next"], "rule", rule)
    if "Default" in state:
        yield Way(name, state["Default"], "default", state)
    for catcher in state.get("Catch", []):
        yield Way(name, catcher["Next"], "catch", catcher)


def all_ways() -> list[Way]:
    """Give every way from any state to another."""
    return [way for name, state in states().items() for way in ways(name, state)]


def expressions(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Give the JSONata text of every `{% %}` below a value, with the path to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from expressions(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from expressions(inner, f"{place}/{index}")
    elif isinstance(value, str) and (found := _EXPRESSION.fullmatch(value)):
        yield place, found[1]


def variables(expression: str) -> frozenset[str]:
    """Give the names of the workflow variables that an expression reads; functions and $states are none."""
    return frozenset(_VARIABLE.findall(_TEXT.sub("''", expression))) - {"states"}


def reads(value: Any) -> frozenset[str]:
    """Give the workflow variables read anywhere below a value."""
    return frozenset().union(*(variables(text) for _, text in expressions(value)))


def function_of(state: State) -> str:
    """Give the folder of the function that a Task calls: ${ReadReleaseFunctionArn} is read_release."""
    found = re.fullmatch(r"\$\{(\w+)FunctionArn\}", state["Arguments"]["FunctionName"])
    assert found is not None, state["Arguments"]["FunctionName"]
    return re.sub(r"(?<!^)(?=[A-Z])", "_", found[1]).lower()


def is_waiting(state: State) -> bool:
    """Whether a Task waits for its token."""
    return str(state.get("Resource", "")).endswith(".waitForTaskToken")


def words(condition: str) -> list[str]:
    """Give the answers that a condition compares with."""
    single: list[str] = re.findall(r"\$answer = '(\w+)'", condition)
    several = [
        word for group in re.findall(r"\$answer in \[([^\]]*)\]", condition) for word in re.findall(r"\w+", group)
    ]
    return single + several
