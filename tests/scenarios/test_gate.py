"""A release that waits for a human: whose yes counts, what a stop does to it, and what people hear of it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.release import ObjectRef, Release, waits_at
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(120, func_only=True)]

ALICE, BOB = (f"arn:aws:sts::000000000000:assumed-role/Release/{name}" for name in ("alice", "bob"))
GATED = {"approval": {"before": "update", "by_another": True}, "owner": "team-gated"}
ON_THE_WAY = {"Release Awaits Approval", "Release Started", "Release Baking", "Release Live"}


def soon(look: Callable[[], Any]) -> Any:
    """Look until there is something to see."""
    deadline = time.monotonic() + 60
    while not (seen := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return seen


class Ears:
    """A queue that hears the events of an endpoint."""

    def __init__(self, person: Person, endpoint: str) -> None:
        self._sqs = person.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=f"events-of-{endpoint}")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": ["slipway"], "detail": {"endpoint": [endpoint]}})
        person.events.put_rule(Name=f"hears-{endpoint}", EventPattern=pattern)
        target = {"Id": "queue", "Arn": found["Attributes"]["QueueArn"]}
        person.events.put_targets(Rule=f"hears-{endpoint}", Targets=[target])

    def events(self) -> dict[str, dict[str, Any]]:
        """Give what was heard since the last look, by what it tells."""
        heard: dict[str, dict[str, Any]] = {}
        while found := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            for message in found:
                event = json.loads(message["Body"])
                heard[event["detail-type"]] = event["detail"]
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return heard


def waiting(person: Person, drop: ObjectRef) -> Release:
    """Wait until the release of a drop waits for a human."""

    def seen() -> Release | None:
        claimed = {claim["release"] for claim in person.ledger.claims(drop)}
        opened = [person.ledger.release(each.id) for each in person.ledger.open_releases() if each.id in claimed]
        return next((release for release in opened if waits_at(release)), None)

    release: Release = soon(seen)
    return release


def approve(person: Person, release: Release, by: str) -> None:
    """Say yes, as `slipway approve` does."""
    detail = {"release": release.id, "approve": True, "requested_by": by}
    entry = {"Source": "slipway.releases", "DetailType": "Release Approval", "Detail": json.dumps(detail)}
    assert person.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_only_somebody_else_approves_and_people_hear_of_every_phase(person: Person) -> None:
    person.release_of(person.drop("good", "gated", "1"))
    ears = Ears(person, "gated")
    drop = drop_with(person, "better", "gated", "2", asked_by=ALICE, **GATED)
    gated = waiting(person, drop)
    approve(person, gated, ALICE)
    approve(person, gated, BOB)
    release = person.release_of(drop)
    assert release.outcome is Outcome.LIVE, release.reason
    assert release.decisions[Phase.WAIT_FOR_APPROVAL].by == BOB
    events = ears.events()
    assert set(events) | {"Release Baking"} == ON_THE_WAY, "a busy machine may miss the bake, and nothing else"
    assert {event["release"] for event in events.values()} == {release.id}
    assert {event["owner"] for event in events.values()} == {"team-gated"}


def test_a_release_that_is_stopped_while_it_waits_leaves_the_endpoint_and_its_turn_alone(person: Person) -> None:
    serves = person.serving("gated")
    drop = drop_with(person, "good", "gated", "3", asked_by=ALICE, **GATED)
    gated = waiting(person, drop)
    person.client("stepfunctions").stop_execution(executionArn=gated.execution)
    release = person.release_of(drop)
    assert release.outcome is Outcome.REJECTED
    assert "stopped or died during Wait for Approval" in release.reason
    turn = person.ledger.turn("gated")
    assert turn is not None
    assert turn.holder == ""
    assert person.serving("gated") == serves
