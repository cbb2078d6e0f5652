"""The ledger in the words of the domain: who claimed what, whose turn it is, what is live, how every release went."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slipway.custody import Custody
from slipway.errors import LedgerConflictError, ReleaseNotFoundError
from slipway.exchanges import Item
from slipway.ports import Clock, LedgerStore
from slipway.record import endpoint_items, items
from slipway.record.decisions import decision_item
from slipway.release.approval import Decision
from slipway.release.phases import Phase
from slipway.release.release import Live, ObjectRef, PhaseRecord, Release, Turn
from slipway.release.verdicts import Outcome, Verdict, told


class Ledger:
    """What steps and people read from and write to the table."""

    def __init__(self, store: LedgerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.custody = Custody(store, clock)

    def now(self) -> str:
        """Tell the time as the ledger writes it."""
        return self._clock.now().isoformat(timespec="milliseconds")

    # Drops

    def claim(self, artifact: ObjectRef, spec_version: str, release: str, execution: str) -> Item | None:
        """Claim a pair for an execution.

        Returns:
            None when the claim is new, else the claim that stands: its `release` and `execution`.
        """
        item = items.claim_item(artifact, spec_version, release, execution, self.now())
        return None if self._store.put(item, {"pk": None}) else self._store.get(item["pk"], item["sk"])

    def claim_over(self, standing: Item, release: str, execution: str) -> bool:
        """Take a claim over from an execution that died without an outcome; False when somebody was faster."""
        item = {**standing, "release": release, "execution": execution, "at": self.now()}
        return self._store.put(item, {"execution": standing["execution"]})

    def claims(self, artifact: ObjectRef) -> list[Item]:
        """Give all claims on one version of an artifact; each has a key `release`."""
        return self._store.query(items.drop_pk(artifact))

    # Releases

    def open(self, release: Release) -> None:
        """Write a release that begins; writing it again changes nothing."""
        self._store.put(items.meta_item(release, is_open=True), {"pk": None})

    def release(self, release: str) -> Release:
        """Read a release with all its phases.

        Raises:
            ReleaseNotFoundError: the ledger holds no such release.
        """
        found = items.release_from(self._store.query(items.release_pk(release)))
        if found is None:
            raise ReleaseNotFoundError(f"the ledger holds no release {release!r}")
        return found

    def open_releases(self) -> list[Release]:
        """Give the releases that are not closed to the end, oldest first, without their phases."""
        found = (items.release_from([item]) for item in self._store.open_releases())
        return [release for release in found if release is not None]

    def adopt(self, release: Release, execution: str) -> Release:
        """Let another execution act for a release whose own one died; one that was left to a human is tried again."""
        outcome = None if release.outcome is Outcome.NEEDS_HUMAN else release.outcome
        adopted = replace(release, execution=execution, outcome=outcome)
        if not self._store.put(items.meta_item(adopted, is_open=True), {"execution": release.execution}):
            raise LedgerConflictError(f"release {release.id} was taken over by somebody else")
        return adopted

    def abort(self, release: str, by: str) -> None:
        """Ask a release to stop; it acts on that itself, at its next look."""
        self._store.put(items.abort_item(release, by, self.now()))

    def decide(self, release: str, decision: Decision) -> bool:
        """Write down what a human said where a release waits; False when somebody has said something before."""
        return self._store.put(decision_item(items.release_pk(release), replace(decision, at=self.now())), {"pk": None})

    # Phases

    def intend(self, release: Release, phase: Phase, **intent: Any) -> None:
        """Write down what a phase is about to do, before it does it; what an earlier try intended stands beside it."""
        before = release.phases.get(phase) or PhaseRecord(phase, None)
        kept = PhaseRecord(phase, None, facts=before.facts, started_at=before.started_at or self.now())
        self.write(release, replace(kept, intent={**before.intent, **intent}))

    def conclude(self, release: Release, phase: Phase, verdict: Verdict, started_at: str = "") -> None:
        """Write down how a phase ended."""
        before = release.phases.get(phase) or PhaseRecord(phase, None, started_at=started_at or self.now())
        record = replace(
            before,
            answer=verdict.answer,
            reason=verdict.reason,
            findings=told(verdict.findings),
            facts={**before.facts, **verdict.facts},
            ended_at=self.now(),
        )
        self.write(release, record)

    def write(self, release: Release, record: PhaseRecord) -> None:
        """Write down what is known of a phase, in the place of what was."""
        release.phases[record.phase] = record
        self._store.put(items.phase_item(release.id, record))

    def settle(self, release: Release, outcome: Outcome, reason: str) -> Release:
        """Give a release its one outcome; one that has an outcome keeps it. It stays open until it is finished."""
        settled = replace(release, outcome=outcome, reason=reason)
        if self._store.put(items.meta_item(settled, is_open=True), {"outcome": None}):
            return settled
        return self.release(release.id)

    def finish(self, release: Release) -> None:
        """Take a release with an outcome out of the index of open ones: nothing of it is left to do."""
        self._store.put(items.meta_item(release, is_open=False))

    # Endpoints

    def turn(self, endpoint: str) -> Turn | None:
        """Tell whose turn it is to change an endpoint; None when nobody ever had it."""
        item = self._store.get(endpoint_items.endpoint_pk(endpoint), endpoint_items.TURN)
        return endpoint_items.turn_from(item) if item else None

    def change_turn(self, before: Turn | None, after: Turn) -> bool:
        """Pass the turn on, if it still is as it was read."""
        expect: dict[str, Any] = {"pk": None}
        if before is not None:
            expect = {"fence": before.fence, "holder": before.holder, "execution": before.execution}
            expect["next"] = before.next
        return self._store.put(endpoint_items.turn_item(after), expect)

    def live(self, endpoint: str) -> Live | None:
        """Tell what an endpoint is known to serve well."""
        item = self._store.get(endpoint_items.endpoint_pk(endpoint), endpoint_items.LIVE)
        return endpoint_items.live_from(item) if item else None

    def move_live(self, before: Live | None, after: Live) -> bool:
        """Move the live pointer, if it still points where it did."""
        expect = {"pk": None} if before is None else {"release": before.release}
        return self._store.put(endpoint_items.live_item(after), expect)

    def remember(self, release: Release, outcome: Outcome, reason: str) -> None:
        """Add a line to the history of the release's endpoint."""
        self._store.put(endpoint_items.endpoint_item(release.endpoint))
        self._store.put(endpoint_items.history_item(release, outcome, reason, self.now()))

    def retire(self, line: Mapping[str, Any]) -> None:
        """Mark a line of a history whose release can no longer be gone back to: what it made is deleted."""
        self._store.put({**line, "retired": self.now()}, {"release": line["release"]})

    def history(self, endpoint: str, limit: int = 20) -> list[Item]:
        """Give the ended releases of an endpoint, newest first."""
        return list(reversed(self._store.query(endpoint_items.endpoint_pk(endpoint), "REL#")))[:limit]

    def endpoints(self) -> list[str]:
        """Name every endpoint that a release was ever for, whether or not it is there."""
        return [item["endpoint"] for item in self._store.query(endpoint_items.ENDPOINTS)]

    # Who waits

    def put_token(self, release: str, phase: Phase, token: str) -> None:
        """Store the task token of a waiting phase; the newest one counts."""
        self._store.put({"pk": items.token_pk(release), "sk": phase.value, "token": token, "at": self.now()})

    def tokens(self, release: str) -> list[str]:
        """Give the task tokens of a release's waiting phases."""
        return [item["token"] for item in self._store.query(items.token_pk(release))]

    def drop_token(self, release: str, phase: Phase, token: str) -> None:
        """Forget a task token, unless a newer one took its place."""
        self._store.delete(items.token_pk(release), phase.value, {"token": token})

    def forget_tokens(self, release: Release) -> None:
        """Forget every task token of a release that is over; waits that died leave theirs behind."""
        for item in self._store.query(items.token_pk(release.id)):
            self._store.delete(item["pk"], item["sk"])

    def listen(self, alarm: str, release: str) -> None:
        """Let a release be woken by an alarm."""
        self._store.put({"pk": items.alarm_pk(alarm), "sk": release, "release": release})

    def unlisten(self, alarm: str, release: str) -> None:
        """Let a release no longer be woken by an alarm."""
        self._store.delete(items.alarm_pk(alarm), release)

    def listeners(self, alarm: str) -> list[str]:
        """Give the releases that an alarm wakes."""
        return [item["release"] for item in self._store.query(items.alarm_pk(alarm))]
