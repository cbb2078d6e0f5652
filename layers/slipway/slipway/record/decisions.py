"""How what a human said to a release lies in the table: beside the release, one item for each place where it waits."""

from dataclasses import asdict
from typing import Any

from slipway.release.approval import Decision
from slipway.release.phases import Phase

Item = dict[str, Any]
PREFIX = "DECISION#"


def decision_item(pk: str, decision: Decision) -> Item:
    """Write down what a human said.

    Args:
        pk: key of the release's partition.
        decision: what was said, where, and by whom.
    """
    return {"pk": pk, "sk": f"{PREFIX}{decision.gate.value}", **asdict(decision)}


def decisions_from(items: list[Item]) -> dict[Phase, Decision]:
    """Read from all items of a release what humans said, by the phase that waited for it."""
    names = ("approves", "by", "reason", "account", "event", "at")
    found = [item for item in items if item["sk"].startswith(PREFIX)]
    said = [Decision(Phase(item["gate"]), **{name: item[name] for name in names}) for item in found]
    return {decision.gate: decision for decision in said}
