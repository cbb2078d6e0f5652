"""What the ledger says, on a store in memory."""

from dataclasses import replace

import pytest

from slipway.errors import LedgerConflictError, ReleaseNotFoundError
from slipway.ledger import Ledger
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, ObjectRef, Release, Turn
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import Expect, SmokeCase
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Answer, Finding, Outcome, Verdict, told
from tests.fakes.clock import FakeClock
from tests.fakes.ledger_store import FakeLedgerStore

ARTIFACT = ObjectRef("the-bucket", "models/churn/7/model.tar.gz", "v1")
SPEC = ReleaseSpec(
    endpoint="churn",
    serve=Serve(image="an-image", environment={"A": "1"}),
    smoke=(SmokeCase(name="one", json=[1.5, None], expect=Expect(json={"a": [1]}, tolerance=0.1)),),
    alarms=("an-alarm",),
)
RELEASE = Release(
    "r1", Kind.RELEASE, "churn", "execution-1", "o1", "2026-01-05T12:00:00+00:00", artifact=ARTIFACT, spec=SPEC
)
LIVE = Live("churn", "r1", "config-1", "model-1", "digest", "hash", at="2026-01-05T12:00:00+00:00")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(FakeLedgerStore(), FakeClock())


def test_a_release_reads_back_as_it_was_written(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    assert ledger.release("r1") == RELEASE


def test_an_unknown_release_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(ReleaseNotFoundError, match="r9"):
        ledger.release("r9")


def test_opening_again_changes_nothing(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    ledger.open(replace(RELEASE, execution="another"))
    assert ledger.release("r1").execution == "execution-1"


def test_a_pair_is_claimed_once(ledger: Ledger) -> None:
    assert ledger.claim(ARTIFACT, "none", "r1", "execution-1") is None
    standing = ledger.claim(ARTIFACT, "none", "r2", "execution-2")
    assert standing is not None
    assert (standing["release"], standing["execution"]) == ("r1", "execution-1")


def test_the_same_artifact_with_another_spec_is_another_pair(ledger: Ledger) -> None:
    ledger.claim(ARTIFACT, "none", "r1", "execution-1")
    assert ledger.claim(ARTIFACT, "a-spec@v1", "r2", "execution-2") is None
    assert [claim["release"] for claim in ledger.claims(ARTIFACT)] == ["r2", "r1"]


def test_a_claim_is_taken_over_by_one_of_two(ledger: Ledger) -> None:
    ledger.claim(ARTIFACT, "none", "r1", "dead")
    standing = ledger.claim(ARTIFACT, "none", "r2", "execution-2")
    assert standing is not None
    assert ledger.claim_over(standing, "r1", "execution-2")
    assert not ledger.claim_over(standing, "r1", "execution-3")


def test_a_phase_keeps_its_intent_beside_its_result(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    release = ledger.release("r1")
    ledger.intend(release, Phase.CREATE_MODEL, model="m")
    assert ledger.release("r1").answer(Phase.CREATE_MODEL) is None
    finding = Finding("CODE", "what", "do", "where")
    ledger.conclude(release, Phase.CREATE_MODEL, Verdict(Answer.CREATED, "why", (finding,), {"made": True}))
    record = ledger.release("r1").phases[Phase.CREATE_MODEL]
    assert (record.intent, record.facts, record.findings) == ({"model": "m"}, {"made": True}, (finding,))


def test_a_phase_that_is_tried_again_forgets_its_answer_and_keeps_its_beginning(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    release = ledger.release("r1")
    ledger.intend(release, Phase.CREATE_MODEL, model="m")
    began = release.phases[Phase.CREATE_MODEL].started_at
    ledger.conclude(release, Phase.CREATE_MODEL, Verdict(Answer.CREATED))
    ledger.intend(release, Phase.CREATE_MODEL)
    record = ledger.release("r1").phases[Phase.CREATE_MODEL]
    assert (record.answer, record.started_at, record.intent) == (None, began, {"model": "m"})


def test_the_first_outcome_stays(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    ledger.settle(ledger.release("r1"), Outcome.ROLLED_BACK, "an alarm")
    kept = ledger.settle(RELEASE, Outcome.LIVE, "no")
    assert (kept.outcome, kept.reason) == (Outcome.ROLLED_BACK, "an alarm")


def test_a_release_is_open_until_it_is_finished(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    settled = ledger.settle(RELEASE, Outcome.LIVE, "good")
    assert [release.id for release in ledger.open_releases()] == ["r1"]
    ledger.finish(settled)
    assert ledger.open_releases() == []


def test_a_release_is_adopted_by_one_of_two(ledger: Ledger) -> None:
    ledger.open(RELEASE)
    ledger.adopt(RELEASE, "execution-2")
    with pytest.raises(LedgerConflictError):
        ledger.adopt(RELEASE, "execution-3")


def test_the_turn_changes_only_from_what_was_read(ledger: Ledger) -> None:
    first = Turn("churn", 1, "r1", "execution-1")
    assert ledger.change_turn(None, first)
    assert not ledger.change_turn(None, first)
    waiting = replace(first, next={"release": "r2", "execution": "e", "order": "o", "asked": False})
    assert ledger.change_turn(first, waiting)
    assert not ledger.change_turn(first, Turn("churn", 2))
    assert ledger.turn("CHURN") == waiting


def test_the_live_pointer_moves_only_from_where_it_was(ledger: Ledger) -> None:
    assert ledger.move_live(None, LIVE)
    assert not ledger.move_live(None, LIVE)
    after = replace(LIVE, release="r2")
    assert ledger.move_live(LIVE, after)
    assert ledger.live("Churn") == after


def test_history_is_told_newest_first(ledger: Ledger) -> None:
    for name in ("r1", "r2", "r3"):
        ledger.remember(replace(RELEASE, id=name), Outcome.LIVE, "good")
    assert [line["release"] for line in ledger.history("churn", limit=2)] == ["r3", "r2"]
    assert ledger.history("churn")[0]["version"] == "7"


def test_releases_of_one_second_are_told_by_the_time_of_their_claim(ledger: Ledger) -> None:
    claimed = {"z": "2026-01-05T12:00:00.100+00:00", "a": "2026-01-05T12:00:00.200+00:00"}
    for name, at in claimed.items():
        release = replace(RELEASE, id=f"20260105t120000-churn-{name}", requested_at=at)
        ledger.open(release)
        ledger.remember(release, Outcome.REJECTED, "bad")
    assert [line["release"][-1] for line in ledger.history("churn")] == ["a", "z"]
    assert [release.id[-1] for release in ledger.open_releases()] == ["z", "a"]


def test_an_endpoint_is_known_for_ever(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.remember(RELEASE, Outcome.REJECTED, "bad")
    assert ledger.endpoints() == ["churn"]


def test_a_newer_token_is_not_dropped_with_an_older_one(ledger: Ledger) -> None:
    ledger.put_token("r1", Phase.WAIT_FOR_TURN, "old")
    ledger.put_token("r1", Phase.WAIT_FOR_TURN, "new")
    ledger.drop_token("r1", Phase.WAIT_FOR_TURN, "old")
    assert ledger.tokens("r1") == ["new"]


def test_an_alarm_wakes_all_who_listen(ledger: Ledger) -> None:
    ledger.listen("an-alarm", "r1")
    ledger.listen("an-alarm", "r2")
    ledger.unlisten("an-alarm", "r1")
    assert ledger.listeners("an-alarm") == ["r2"]


def test_of_a_flood_of_findings_as_many_are_kept_as_an_item_holds_and_the_rest_is_counted(ledger: Ledger) -> None:
    few = [Finding("A", "b", "c", str(number)) for number in range(100)]
    assert told(few) == tuple(few)
    for flood in ([few[0]] * 20_000, [Finding("A", "\u20ac" * 1000, "c")] * 200):
        kept = told(flood)
        assert sum(len(repr(each).encode()) for each in kept) < 80 * 1024
        assert kept[-1].message == f"{len(flood) - len(kept) + 1} more were found."
        ledger.open(RELEASE)
        verdict = Verdict(Answer.REFUSED, findings=tuple(flood))
        ledger.conclude(ledger.release(RELEASE.id), Phase.VERIFY_ARTIFACT, verdict)
        assert ledger.release(RELEASE.id).phases[Phase.VERIFY_ARTIFACT].findings == kept
