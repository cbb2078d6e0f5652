"""What a stack's health is judged by: each check says what is so, and what to type where it is not as it must be."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from slipway.record.announcements import approve_command
from slipway.release.release import Release, waits_at
from slipway.release.verdicts import Outcome
from slipway.steps.recovering import is_dead
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError
from slipway_cli.looking import overview
from slipway_cli.refusals import told


class Health(StrEnum):
    """How a check ended."""

    GOOD = "good"
    ATTENTION = "attention"
    """Somebody should look, and nothing is broken."""
    BAD = "bad"
    UNKNOWN = "unknown"
    """It could not be looked at, which is not good."""


class Said(NamedTuple):
    """What a check says: once that all is well, or of each thing that is not."""

    health: Health
    told: str
    next: str = ""


class Check(NamedTuple):
    """One thing that was looked at."""

    about: str
    health: Health
    told: str
    next: str


def checked(desk: Desk) -> list[Check]:
    """Make every check; one that cannot be made is told as unknown and holds up no other."""
    return [Check(about, *said) for about, make in CHECKS.items() for said in _made(make, desk)]


def _made(make: Callable[[Desk], Iterator[Said]], desk: Desk) -> list[Said]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return list(make(desk))
    except (CommandError, BotoCoreError, ClientError) as error:
        known = told(error)
        why = str(known or error).replace("\n", " ")
        return [Said(Health.UNKNOWN, why, "ask somebody who may look")]


def _rules(desk: Desk) -> Iterator[Said]:
    rules = desk.plumbing.rules()
    off = sorted(name for name, is_on in rules.items() if not is_on)
    for name in off:
        yield Said(Health.BAD, f"The rule {name} is disabled.", f"aws events enable-rule --name {name}")
    if not rules:
        yield Said(Health.BAD, "The stack has no rule: nothing starts a release.", "sam deploy")
    if rules and not off:
        yield Said(Health.GOOD, f"All {len(rules)} rules are enabled.")


def _drops(desk: Desk) -> Iterator[Said]:
    if desk.plumbing.are_drops_told():
        yield Said(Health.GOOD, "The bucket tells EventBridge of every drop.")
    else:
        next_step = "sam deploy, or switch EventBridge on in the bucket's properties"
        yield Said(Health.BAD, "The bucket tells nobody of drops.", next_step)


def _lost_events(desk: Desk) -> Iterator[Said]:
    lost = desk.plumbing.lost_events()
    if lost:
        next_step = "read them in the queue of lost events; the janitor releases drops that nobody saw"
        yield Said(Health.ATTENTION, f"{lost} events reached nobody.", next_step)
    else:
        yield Said(Health.GOOD, "No event was lost.")


def _releases(desk: Desk) -> Iterator[Said]:
    under_way = [desk.ledger.release(release.id) for release in desk.ledger.open_releases()]
    wrong = [said for release in under_way for said in _release(desk, release)]
    yield from wrong or [Said(Health.GOOD, f"{len(under_way)} under way, each of them alive.")]


def _release(desk: Desk, release: Release) -> Iterator[Said]:
    if is_dead(desk.executions, release):
        what = f"The execution of {release.id} ended without an outcome."
        yield Said(Health.BAD, what, f"slipway recover {release.id}")
    elif waits_at(release):
        what = f"{release.id} waits for a human."
        yield Said(Health.ATTENTION, what, approve_command(release))


def _endpoints(desk: Desk) -> Iterator[Said]:
    statuses, wrong = overview(desk), list[Said]()
    for status in statuses:
        name = status["endpoint"]
        if status["outcome"] == Outcome.NEEDS_HUMAN:
            wrong.append(Said(Health.BAD, f"{name}: {status['release']['reason']}", status["release"]["next"]))
        elif status["notice"]:
            wrong.append(Said(Health.ATTENTION, f"{name}: {status['notice']}", f"slipway status {name}"))
    yield from wrong or [Said(Health.GOOD, f"{len(statuses)} known, each serves what is live.")]


CHECKS: dict[str, Callable[[Desk], Iterator[Said]]] = {
    "rules": _rules,
    "drops": _drops,
    "lost events": _lost_events,
    "releases": _releases,
    "endpoints": _endpoints,
}
