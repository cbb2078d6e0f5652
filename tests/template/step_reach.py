"""What a step can ask of the world: followed through the code from the step's function, without running it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

STEPS = Path(__file__).parents[2] / "layers/slipway/slipway/steps"
TOOLS = {
    "ledger",
    "artifacts",
    "hosting",
    "alarms",
    "logs",
    "executions",
    "announcer",
    "parameters",
    "scaling",
    "signatures",
}

Place = tuple[str, str]
"""A module of slipway.steps and a function in it."""


@cache
def _module(name: str) -> ast.Module:
    return ast.parse((STEPS / f"{name}.py").read_text())


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(_module(module)) if isinstance(node, ast.FunctionDef)}


@cache
def _imported(module: str) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for node in ast.walk(_module(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("slipway.steps."):
            source = str(node.module).rsplit(".", 1)[1]
            found |= {alias.asname or alias.name: (source, alias.name) for alias in node.names}
    return found


def _called(place: Place) -> Iterator[Place]:
    """Give every function of the steps that this one names: called, or handed on to be called."""
    module, function = place
    for node in ast.walk(_functions(module)[function]):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in _functions(module):
            yield module, name
        elif name in _imported(module):
            source, original = _imported(module)[name]
            if original in _functions(source):
                yield source, original


def _asked(place: Place) -> Iterator[str]:
    """Give what this function asks of a tool: `hosting.describe_endpoint`."""
    for node in ast.walk(_functions(place[0])[place[1]]):
        if not isinstance(node, ast.Attribute):
            continue
        holder = node.value
        tool = holder.attr if isinstance(holder, ast.Attribute) else holder.id if isinstance(holder, ast.Name) else ""
        if tool in TOOLS:
            yield f"{tool}.{node.attr}"


def reach(step: str) -> set[str]:
    """Give everything that a step, and whatever it calls, asks of its tools."""
    seen: set[Place] = set()
    entry = [name for name in _functions(step) if not name.startswith("_")]
    waiting = [(step, step if step in entry else entry[0])]
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += _called(place)
    return {asked for place in seen for asked in _asked(place)}
