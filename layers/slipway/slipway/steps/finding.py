"""Find drops that no execution saw: their event was lost, so S3 itself is asked what was uploaded."""

from datetime import timedelta
from itertools import islice

from slipway.exchanges import Item, ObjectFacts
from slipway.intake.triggers import Drop, read_key
from slipway.release.naming import drop_execution_name
from slipway.steps.work import Tools

EVENTS_TAKE = timedelta(minutes=5)
"""How long an event may be on its way before its drop counts as not seen."""

FOUND_WITHIN = timedelta(hours=24)
"""How old a drop may be; what lay there before is nobody's wish any more."""

LOOKED_AT = 50_000
"""Objects that are looked at, fifty pages of a listing."""

AT_ONCE = 50
"""Drops that one look starts at most; the next goes on."""


def find_lost_drops(tools: Tools) -> list[str]:
    """Start the machine for the newest version of every artifact that nobody has claimed.

    By deterministic name, so that of many looks one starts it; an event that comes after all is a duplicate then.

    Returns:
        The addresses of the artifacts whose release was started.
    """
    now, bucket = tools.clock.now(), tools.settings.artifact_bucket
    listed = tools.artifacts.written(bucket, "models/", now - FOUND_WITHIN, LOOKED_AT)
    lost = [facts for facts in listed if facts.modified_at <= now - EVENTS_TAKE and _is_unseen(tools, facts)]
    started = (facts.ref.uri for facts in reversed(lost) if tools.executions.start(_name(facts), _event(facts)))
    return list(islice(started, AT_ONCE))


def _is_unseen(tools: Tools, facts: ObjectFacts) -> bool:
    drop = read_key(facts.ref)
    return isinstance(drop, Drop) and not drop.by_signature and not tools.ledger.claims(facts.ref)


def _name(facts: ObjectFacts) -> str:
    return drop_execution_name(facts.ref.uri, facts.ref.version)


def _event(facts: ObjectFacts) -> Item:
    """Give the event that S3 would have sent, as far as it can be known: not who wrote, nor in what order."""
    thing = {"key": facts.ref.key, "size": facts.size, "etag": facts.etag}
    version = {"version-id": facts.ref.version} if facts.ref.version else {}
    return {
        "id": _name(facts),
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": facts.modified_at.isoformat(),
        "detail": {"bucket": {"name": facts.ref.bucket}, "object": {**thing, **version}},
    }
