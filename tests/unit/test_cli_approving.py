"""`slipway approve` at a desk of fakes."""

from dataclasses import replace
from functools import partial

import pytest

from slipway.release.approval import Decision
from slipway.release.approval_spec import Approval
from slipway.release.phases import Phase
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    """A desk at which release r1, asked for by somebody else, waits for its approval."""
    return waiting("arn:aws:iam::111122223333:user/bob")


def waiting(requested_by: str, by_another: bool = True) -> FakeDesk:
    desk = FakeDesk()
    begun = desk.begin("r1")
    approval = Approval(before="update", by_another=by_another)
    spec = ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="x"), approval=approval)
    desk.ledger.finish(replace(begun, requested_by=requested_by, spec=spec))
    desk.ledger.intend(desk.ledger.release("r1"), Phase.WAIT_FOR_APPROVAL)
    return desk


def test_an_approval_goes_out_under_the_callers_name_and_the_release_is_followed(desk: FakeDesk) -> None:
    desk.then(partial(desk.go_live, "r1"))
    result = run(desk, "approve", "r1", "--reason", "better offline")
    assert result.exit_code == 0
    asked = {"release": "r1", "approve": True, "reason": "better offline", "requested_by": desk.caller}
    assert (desk.requests, desk.detail_types) == ([asked], ["Release Approval"])


def test_a_refusal_is_done_when_the_release_is_over(desk: FakeDesk) -> None:
    desk.then(partial(desk.end, "r1", Outcome.REJECTED))
    assert run(desk, "approve", "r1", "--refuse").exit_code == 0
    assert desk.requests[0]["approve"] is False


def test_a_release_that_was_rolled_back_all_the_same_exits_3(desk: FakeDesk) -> None:
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK))
    assert run(desk, "approve", "r1").exit_code == 3


def test_who_asked_for_a_release_is_told_at_once_that_somebody_else_must_approve() -> None:
    desk = waiting(FakeDesk.caller)
    result = run(desk, "approve", "r1")
    assert (result.exit_code, desk.requests) == (3, [])
    assert "wants somebody else" in result.stderr
    desk.then(partial(desk.end, "r1", Outcome.REJECTED))
    assert run(desk, "approve", "r1", "--refuse").exit_code == 0


def test_what_does_not_wait_is_not_approved() -> None:
    desk = FakeDesk()
    desk.begin("r1")
    result = run(desk, "approve", "r1")
    assert (result.exit_code, desk.requests) == (6, [])


def test_what_nobody_knows_is_not_approved() -> None:
    assert run(FakeDesk(), "approve", "nobody").exit_code == 6


def test_whoever_looks_at_a_release_that_waits_is_told_what_to_type(desk: FakeDesk) -> None:
    assert "slipway approve r1" in run(desk, "release", *upload(desk)).stderr


def upload(desk: FakeDesk) -> tuple[str, ...]:
    """Follow r1 as if one's own upload had started it."""
    desk.then(partial(desk.end, "r1", Outcome.REJECTED))
    return (__file__, "--endpoint", ENDPOINT, "--version", "7")


def test_programs_read_who_decided(desk: FakeDesk) -> None:
    no = Decision(Phase.WAIT_FOR_APPROVAL, approves=False, by="bob", reason="not today")
    desk.then(partial(desk.ledger.decide, "r1", no), partial(desk.end, "r1", Outcome.REJECTED))
    (shown,) = data(run(desk, "approve", "r1", "--refuse", "--json"))["decisions"]
    assert (shown["gate"], shown["approves"], shown["by"], shown["reason"]) == (
        "wait_for_approval",
        False,
        "bob",
        "not today",
    )
