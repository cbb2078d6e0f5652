"""Which variables are certainly assigned when a state is entered: a forward analysis over the machine's graph."""

from collections.abc import Mapping

from tests.statemachine.asl import all_ways, machine, reads, states

Assigned = Mapping[str, frozenset[str]]


def assigned_on_entry() -> dict[str, frozenset[str]]:
    """Give, for each state, the variables that are assigned on all ways to it from the start."""
    known: dict[str, frozenset[str]] = {machine()["StartAt"]: frozenset()}
    changed = True
    while changed:
        changed = False
        for way in all_ways():
            if way.start not in known:
                continue
            arrived = known[way.start] | way.assigned
            narrowed = arrived & known.get(way.end, arrived)
            changed = changed or known.get(way.end) != narrowed
            known[way.end] = narrowed
    return known


def unassigned(known: Assigned) -> dict[str, frozenset[str]]:
    """Give, for each state that reads a variable which some way to it leaves unassigned, those variables.

    All expressions of a state, its catchers' and its rules' included, are evaluated against the values at its entry.
    """
    missing = {name: reads(state) - known[name] for name, state in states().items()}
    return {name: names for name, names in missing.items() if names}
