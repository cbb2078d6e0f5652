"""`slipway doctor` at a desk of fakes."""

from collections.abc import Callable

import pytest

from slipway.release.approval_spec import Approval
from slipway.release.phases import Phase
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Outcome
from slipway_cli.errors import CommandError
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def disable_a_rule(desk: FakeDesk) -> None:
    desk.plumbing.known["drop"] = False


def have_no_rule(desk: FakeDesk) -> None:
    desk.plumbing.known.clear()


def tell_nobody(desk: FakeDesk) -> None:
    desk.plumbing.told = False


def lose_events(desk: FakeDesk) -> None:
    desk.plumbing.lost = 3


def die(desk: FakeDesk) -> None:
    desk.begin("r1")


def wait_for_a_human(desk: FakeDesk) -> None:
    spec = ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="x"), approval=Approval(before="update"))
    release = desk.begin("r1", spec=spec)
    desk.executions.run(release.execution)
    desk.ledger.intend(desk.ledger.release("r1"), Phase.WAIT_FOR_APPROVAL)


def need_a_human(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.NEEDS_HUMAN, "the rollback failed")


def update_by_hand(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.hosting.serve(ENDPOINT, "by-hand")


def may_not_look(desk: FakeDesk) -> None:
    desk.plumbing.refusal = CommandError("AWS does not allow it.", "AccessDenied")


def test_where_all_is_well_every_check_is_good(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    ended = run(desk, "doctor", "--json")
    assert ended.exit_code == 0
    checks = data(ended)
    assert [check["about"] for check in checks] == ["rules", "drops", "lost events", "releases", "endpoints"]
    assert {check["health"] for check in checks} == {"good"}


@pytest.mark.parametrize(
    ("trouble", "about", "health", "next_step"),
    [
        (disable_a_rule, "rules", "bad", "aws events enable-rule --name drop"),
        (have_no_rule, "rules", "bad", "sam deploy"),
        (tell_nobody, "drops", "bad", "EventBridge"),
        (lose_events, "lost events", "attention", "queue"),
        (die, "releases", "bad", "slipway recover r1"),
        (wait_for_a_human, "releases", "attention", "slipway approve r1"),
        (need_a_human, "endpoints", "bad", "slipway recover r1"),
        (update_by_hand, "endpoints", "attention", f"slipway status {ENDPOINT}"),
        (may_not_look, "rules", "unknown", "ask"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    desk: FakeDesk, trouble: Callable[[FakeDesk], None], about: str, health: str, next_step: str
) -> None:
    trouble(desk)
    ended = run(desk, "doctor", "--json")
    assert ended.exit_code == (1 if health in ("bad", "unknown") else 0)
    (wrong,) = [check for check in data(ended) if check["health"] != "good"]
    assert (wrong["about"], wrong["health"]) == (about, health)
    assert next_step in wrong["next"]
    assert wrong["told"]


def test_a_person_reads_a_line_for_each_check(desk: FakeDesk) -> None:
    lose_events(desk)
    shown = run(desk, "doctor").stdout
    assert "✔" in shown
    assert "! " in shown
    assert "Next: " in shown
