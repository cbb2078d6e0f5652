"""A release is told three times: by `slipway history --json`, by the ledger, and by Step Functions. It is one story."""

import json
from typing import Any

from slipway.release.phases import STATES, Phase
from slipway.release.release import Release
from slipway.steps.past import EVER
from slipway_cli.looking import told_history
from tests.scenarios.person import Person

PHASES = {state: phase for phase, state in STATES.items()}
SHOWN = 1000
"""Characters of a reason that the machine carries."""


def assert_one_story(person: Person, release: Release, *, disturbed: bool = False) -> None:
    """Hold outcome, reason and the order of the phases of an ended release to each other.

    Args:
        person: who can ask all three.
        release: as the ledger tells it.
        disturbed: whether functions or executions were made to fail, so that one of the two may lack a phase.
    """
    ended = person.execution(release.execution)
    release = person.ledger.release(release.id)  # the phase that closes it is written after it counts as closed
    (line,) = [each for each in told_history(person.ledger, release.endpoint, EVER) if each["release"] == release.id]
    assert (line["outcome"], line["reason"], line["kind"]) == (release.outcome, release.reason, release.kind)
    assert _outcome(ended) == (release.outcome, release.reason[:SHOWN])
    entered = list(dict.fromkeys(PHASES[state] for state in person.states(release.execution) if state in PHASES))
    told = sorted(release.phases, key=lambda phase: release.phases[phase].started_at)
    assert _among(entered, told) == _among(told, entered)
    if not disturbed and ":recover-" not in release.execution:
        assert entered == told


def _outcome(ended: dict[str, Any]) -> tuple[str, str]:
    if ended["status"] == "SUCCEEDED":
        output = json.loads(ended["output"])
        return output["outcome"], output["reason"]
    assert ended["status"] == "FAILED", ended
    return ended["error"], ended["cause"]


def _among(phases: list[Phase], others: list[Phase]) -> list[Phase]:
    return [phase for phase in phases if phase in others]
