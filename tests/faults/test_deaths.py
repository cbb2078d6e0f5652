"""Executions that are stopped, functions that die: the endpoint is put right, the turn goes on, the reason is true."""

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.faults.attacker import Attacker
from tests.scenarios.person import until

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(120, func_only=True)]


def test_a_release_that_is_stopped_in_its_bake_is_put_back(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    attacker.drop("better", endpoint, "2")
    attacker.stop(attacker.reached(endpoint, Phase.WATCH_ALARMS, before.release).execution)
    release = attacker.ended(endpoint, 2)[0]
    assert release.outcome is Outcome.ROLLED_BACK
    assert "stopped or died during Watch the Alarms" in release.reason
    assert attacker.serving(endpoint) == before.config
    attacker.assert_all_is_well(endpoint)


def test_a_release_that_is_stopped_before_it_touched_anything_is_rejected(attacker: Attacker, endpoint: str) -> None:
    creation = attacker.plan("delay", operation="CreateModel", seconds=3)
    attacker.drop("good", endpoint, "1")
    attacker.await_strike(creation)
    attacker.stop(attacker.reached(endpoint, Phase.CREATE_MODEL).execution)
    release = attacker.ended(endpoint)[0]
    assert release.outcome is Outcome.REJECTED
    assert "stopped or died" in release.reason
    turn = attacker.ledger.turn(endpoint)
    assert turn is not None
    assert turn.holder == ""


def test_a_first_endpoint_whose_release_is_stopped_while_it_is_created_is_removed(
    attacker: Attacker, endpoint: str
) -> None:
    attacker.plan("stuck", endpoint=endpoint)
    attacker.drop("good", endpoint, "1")
    attacker.stop(attacker.reached(endpoint, Phase.WAIT_FOR_IN_SERVICE).execution)
    attacker.reached(endpoint, Phase.WAIT_FOR_ROLLBACK)
    attacker.heal()
    assert attacker.ended(endpoint)[0].outcome is Outcome.ROLLED_BACK
    attacker.assert_all_is_well(endpoint)


def test_an_update_that_hangs_gives_the_turn_to_the_next_once_it_moves_again(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    attacker.plan("stuck", endpoint=endpoint)
    attacker.drop("better", endpoint, "2")
    hanging = attacker.reached(endpoint, Phase.WAIT_FOR_IN_SERVICE, before.release)
    attacker.stop(hanging.execution)
    attacker.reached(endpoint, Phase.WAIT_FOR_ROLLBACK, before.release)
    attacker.drop("better", endpoint, "3")
    attacker.reached(endpoint, Phase.WAIT_FOR_TURN, hanging.id)
    attacker.heal()
    newest, put_back, _ = attacker.ended(endpoint, 3)
    assert (newest.outcome, put_back.outcome) == (Outcome.LIVE, Outcome.ROLLED_BACK)
    attacker.assert_all_is_well(endpoint)


def test_a_rollback_that_is_stopped_is_brought_to_its_end(attacker: Attacker, endpoint: str) -> None:
    first = attacker.release_1(endpoint)
    attacker.release_of(attacker.drop("better", endpoint, "2"))
    attacker.request(kind="rollback", endpoint=endpoint)
    attacker.stop(attacker.reached(endpoint, Phase.ROLL_BACK_RELEASE, attacker.live(endpoint).release).execution)
    assert attacker.ended(endpoint, 3)[0].outcome is Outcome.ROLLED_BACK
    assert attacker.live(endpoint).release == first.release
    attacker.assert_all_is_well(endpoint)


def test_a_function_that_dies_while_it_updates_the_endpoint_leaves_no_update_behind(
    attacker: Attacker, endpoint: str
) -> None:
    before = attacker.release_1(endpoint)
    update = attacker.plan("delay", operation="UpdateEndpoint", endpoint=endpoint, seconds=4)
    attacker.drop("better", endpoint, "2")
    attacker.await_strike(update)
    attacker.kill("create-endpoint")
    release = attacker.ended(endpoint, 2)[0]
    assert release.outcome is Outcome.ROLLED_BACK
    assert "Create the Endpoint" in release.reason
    until(lambda: attacker.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService", "rest")
    assert attacker.serving(endpoint) == before.config
    attacker.assert_all_is_well(endpoint)


def test_a_close_that_dies_after_the_outcome_is_finished_with_the_same_outcome(
    attacker: Attacker, endpoint: str
) -> None:
    before = attacker.release_1(endpoint)
    attacker.drop("wrong-answers", endpoint, "2")
    release = attacker.reached(endpoint, Phase.WAIT_FOR_ROLLBACK, before.release)
    attacker.plan("delay", operation="DescribeEndpoint", endpoint=endpoint, seconds=0.5, times=0)
    until(lambda: attacker.ledger.release(release.id).outcome, "the outcome")
    attacker.stop(release.execution)
    attacker.kill("close-release")
    ended = attacker.ended(endpoint, 2)[0]
    assert ended.outcome is Outcome.ROLLED_BACK
    assert "Run Smoke Invocations" in ended.reason
    attacker.assert_all_is_well(endpoint)


def test_the_event_of_a_release_that_died_comes_again_and_starts_nothing_over(
    attacker: Attacker, endpoint: str
) -> None:
    before = attacker.release_1(endpoint)
    drop = attacker.drop("better", endpoint, "2")
    attacker.stop(attacker.reached(endpoint, Phase.WATCH_ALARMS, before.release).execution)
    for _ in range(3):
        attacker.announce(drop.key)
    releases = attacker.ended(endpoint, 2)
    assert [release.outcome for release in releases] == [Outcome.ROLLED_BACK, Outcome.LIVE]
    attacker.assert_all_is_well(endpoint)


def test_what_was_left_to_a_human_can_be_taken_up_again(attacker: Attacker, endpoint: str) -> None:
    before = attacker.release_1(endpoint)
    attacker.drop("better", endpoint, "2")
    release = attacker.reached(endpoint, Phase.WATCH_ALARMS, before.release)
    attacker.ledger.settle(release, Outcome.NEEDS_HUMAN, "nobody could look")
    attacker.stop(release.execution)
    attacker.ended(endpoint, 2)
    attacker.request(kind="recover", release=release.id)
    until(lambda: attacker.ledger.release(release.id).outcome is Outcome.ROLLED_BACK, "it to be rolled back")
    attacker.assert_all_is_well(endpoint)
    assert attacker.ledger.release(release.id).answer(Phase.ROLL_BACK_RELEASE) is not Answer.IMPOSSIBLE
