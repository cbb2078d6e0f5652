"""What died is taken up again, what was given up is tried again, and what is over stays as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from slipway.errors import LedgerConflictError
from slipway.exchanges import Creation, Invocation, Item, Reply
from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.release import Turn
from slipway.release.verdicts import Answer, Outcome
from slipway.rollout.endpoint_config import model_request
from slipway.steps.janitor import keep_house
from tests.fakes.tools import ROLE, archive, drop_event
from tests.steps.stories import Story, a_live_endpoint, an_update_that_bakes


def asked(**detail: str) -> dict[str, Any]:
    return {
        "id": f"event-{sorted(detail.items())}",
        "source": "slipway.releases",
        "detail-type": "Release Requested",
        "detail": detail,
    }


def heir_of(story: Story, execution: str = "execution-heir") -> Story:
    story.tools.executions.end(story.execution)
    heir = Story(story.tools, execution)
    heir.read(asked(kind="recover", release=story.release_id))
    return heir


def close(story: Story, **told: Any) -> tuple[Outcome | None, str]:
    story.step(Phase.CLOSE_RELEASE, **told)
    return story.release.outcome, story.release.reason


def answer_wrongly(_invocation: Invocation) -> Reply:
    return Reply(200, b'{"ok": false}', "application/json", "main", latency_ms=5.0)


@contextmanager
def seen_late(story: Story, looks: int) -> Iterator[None]:
    """Let the endpoint look for so many looks as it did before the next call."""
    hosting = story.tools.hosting
    real, old, left = hosting.describe_endpoint, hosting.describe_endpoint("churn"), [looks]

    def describe(name: str) -> Any:
        left[0] -= 1
        return old if left[0] >= 0 else real(name)

    hosting.describe_endpoint = describe  # type: ignore[method-assign]
    yield


def test_a_release_that_was_stopped_says_where() -> None:
    heir = heir_of(an_update_that_bakes())
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    heir.step(Phase.VETO_DEPLOYMENT)
    heir.tools.hosting.roll_back("churn")
    heir.step(Phase.WAIT_FOR_ROLLBACK)
    outcome, reason = close(heir)
    assert outcome is Outcome.ROLLED_BACK
    assert reason == "its execution was stopped or died after Create the Endpoint"


def test_a_late_event_of_a_release_that_died_in_its_bake_puts_it_back_and_never_starts_it_over() -> None:
    story = an_update_that_bakes()
    story.tools.executions.end(story.execution)
    late = Story(story.tools, "execution-late")
    assert story.release.artifact is not None
    verdict = late.read(drop_event(story.release.artifact.key, story.release.artifact.version))
    assert verdict.answer is Answer.RECOVER
    assert verdict.route == {"release": story.release_id, "kind": "recover"}


def test_a_release_left_to_a_human_is_tried_again_and_keeps_its_reason() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert close(story, trouble="Watch the Alarms: ClientError: nobody answers")[0] is Outcome.NEEDS_HUMAN
    heir = heir_of(story)
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    heir.step(Phase.VETO_DEPLOYMENT)
    heir.tools.hosting.roll_back("churn")
    heir.step(Phase.WAIT_FOR_ROLLBACK)
    outcome, reason = close(heir)
    assert outcome is Outcome.ROLLED_BACK
    assert "nobody answers" in reason


def test_a_release_that_is_over_is_not_recovered() -> None:
    story = a_live_endpoint()
    story.tools.executions.end(story.execution)
    verdict = Story(story.tools, "execution-2").read(asked(kind="recover", release=story.release_id))
    assert verdict.answer is Answer.NOTHING
    assert "LIVE" in verdict.reason


def test_what_was_decided_before_the_death_is_not_undone_by_the_recovery() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.roll_back("churn", "an alarm rang")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.ledger.settle(story.release, Outcome.ROLLED_BACK, "as it was")
    heir = heir_of(story)
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    assert heir.answer(Phase.ROLL_BACK_RELEASE) is Answer.FORWARD_ONLY
    assert close(heir) == (Outcome.ROLLED_BACK, "as it was")


def test_what_a_dead_execution_left_running_can_no_longer_change_the_endpoint() -> None:
    story = Story()
    story.drop()
    story.through(Phase.CREATE_CONFIG)
    heir_of(story).step(Phase.WAIT_FOR_TURN)
    with pytest.raises(LedgerConflictError):
        story.step(Phase.CREATE_ENDPOINT)
    assert story.tools.hosting.endpoints == {}


def test_an_update_that_cannot_be_seen_yet_is_not_taken_for_nothing_to_undo() -> None:
    story = a_live_endpoint()
    late = Story(story.tools, "execution-2")
    late.drop(version="2", body=archive(model_joblib="v2"))
    late.through(Phase.CREATE_CONFIG)
    config = late.release.fact(Phase.CREATE_CONFIG, "config")
    late.tools.ledger.intend(late.release, Phase.CREATE_ENDPOINT, action="update")
    with seen_late(late, looks=2):
        late.tools.hosting.update_endpoint({"EndpointName": "churn", "EndpointConfigName": config})
        late.step(Phase.ROLL_BACK_RELEASE)
    assert late.answer(Phase.ROLL_BACK_RELEASE) is Answer.IN_DEPLOYMENT


def test_a_create_whose_answer_was_lost_and_that_cannot_be_seen_yet_is_ours() -> None:
    story = Story()
    story.drop()
    story.through(Phase.CREATE_CONFIG)
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    with seen_late(story, looks=2):
        story.tools.hosting.create_endpoint({"EndpointName": "churn", "EndpointConfigName": config})
        story.step(Phase.CREATE_ENDPOINT)
    assert story.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED


def test_a_veto_alarm_that_somebody_deleted_is_made_again() -> None:
    story = an_update_that_bakes()
    names = story.release.fact(Phase.CREATE_CONFIG, "alarms")
    story.tools.alarms.delete(names)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.VETO_DEPLOYMENT)
    (veto,) = [facts for facts in story.tools.alarms.describe(names).values() if facts.name.endswith("-veto")]
    assert veto.state == "ALARM"


def test_a_wait_that_died_leaves_no_token_behind() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.WATCH_ALARMS)
    assert story.tools.ledger.tokens(story.release_id)
    close(story)
    assert story.tools.ledger.tokens(story.release_id) == []


def test_a_function_that_outlives_its_release_leaves_no_token_behind() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    close(story)
    story.step(Phase.WAIT_FOR_APPROVAL)
    assert story.tools.ledger.tokens(story.release_id) == []


def test_a_dead_rollback_is_recovered_where_it_stood() -> None:
    story = an_update_that_bakes()
    story.tools.hosting.settle("churn")
    story.finish()
    back = Story(story.tools, "execution-3")
    back.read(asked(kind="rollback", endpoint="churn"))
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    heir = heir_of(back)
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    assert heir.answer(Phase.ROLL_BACK_RELEASE) is Answer.STARTED
    assert len(heir.tools.hosting.requests("update_endpoint")) == 2
    heir.tools.hosting.settle("churn")
    heir.step(Phase.WAIT_FOR_ROLLBACK)
    assert close(heir)[0] is Outcome.ROLLED_BACK


REFUSED_ROLLBACKS = [
    ("an endpoint that no release knows", {"endpoint": "unknown"}, "no earlier release"),
    ("a release that nobody knows", {"endpoint": "churn", "to": "20260101t000000-nobody-abcdef"}, "was ever live"),
]


@pytest.mark.parametrize(("detail", "words"), [c[1:] for c in REFUSED_ROLLBACKS], ids=[c[0] for c in REFUSED_ROLLBACKS])
def test_a_rollback_to_nowhere_is_rejected_with_its_reason(detail: dict[str, str], words: str) -> None:
    back = Story(a_live_endpoint().tools, "execution-2")
    back.read(asked(kind="rollback", **detail))
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    outcome, reason = close(back)
    assert outcome is Outcome.REJECTED
    assert words in reason


def test_a_rollback_that_was_refused_at_once_says_why() -> None:
    back = Story(a_live_endpoint().tools, "execution-2")
    back.read(asked(kind="rollback", endpoint="churn", to="no release id"))
    outcome, reason = close(back)
    assert outcome is Outcome.REJECTED
    assert "detail.to" in reason


def test_nobody_goes_back_to_a_release_that_was_rolled_back() -> None:
    bad = an_update_that_bakes()
    bad.tools.hosting.roll_back("churn", "an alarm rang")
    bad.step(Phase.WAIT_FOR_IN_SERVICE)
    close(bad)
    back = Story(bad.tools, "execution-3")
    back.read(asked(kind="rollback", endpoint="churn", to=bad.release_id))
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    assert back.answer(Phase.ROLL_BACK_RELEASE) is Answer.IMPOSSIBLE


def test_a_rollback_of_two_releases_takes_the_live_pointer_with_it() -> None:
    second = an_update_that_bakes()
    second.tools.hosting.settle("churn")
    second.finish()
    first = second.tools.ledger.history("churn")[-1]["release"]
    third = Story(second.tools, "execution-3")
    third.tools.clock.advance(60)
    third.start(version="3", body=archive(model_joblib="v3"))
    third.tools.hosting.settle("churn")
    third.finish()
    back = Story(third.tools, "execution-4")
    back.read(asked(kind="rollback", endpoint="churn", to=first))
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    back.tools.hosting.settle("churn")
    back.step(Phase.WAIT_FOR_ROLLBACK)
    close(back)
    live = back.tools.ledger.live("churn")
    assert live is not None
    assert (live.release, live.config) == (first, back.tools.hosting.endpoints["churn"]["EndpointConfigName"])


def test_what_crashed_is_told_without_the_json_around_it() -> None:
    story = Story()
    story.drop()
    wrapped = '{"errorMessage": "An error occurred (\\"Throttling\\")", "errorType": "ClientError"}'
    assert close(story, trouble=f"Create the Model: ClientError: {wrapped}")[1] == (
        'Create the Model: ClientError: An error occurred ("Throttling")'
    )


def killed_in_create_the_model(story: Story | None = None) -> Story:
    """Let the function die after SageMaker made the model, before anybody wrote that down."""
    story = story or Story()
    story.drop()
    story.through(Phase.WAIT_FOR_TURN)
    made = model_request(story.release, story.release.wanted.serve, frozen_addresses(story.release), ROLE)
    story.tools.ledger.intend(story.release, Phase.CREATE_MODEL, model=made["ModelName"])
    story.tools.hosting.create_model(made)
    return story


def test_a_model_that_a_dying_function_made_is_removed_by_the_recovery() -> None:
    heir = heir_of(killed_in_create_the_model())
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    assert close(heir)[0] is Outcome.REJECTED
    assert heir.tools.hosting.models == {}


def test_a_model_that_came_to_be_after_the_recovery_is_removed_by_retention_though_there_is_no_endpoint() -> None:
    story = killed_in_create_the_model()
    models = dict(story.tools.hosting.models)
    close(story, trouble="Create the Model: Runtime.ExitError")
    story.tools.hosting.models |= models
    assert keep_house({"task": "retire"}, story.tools)["retired"] == [story.release_id]
    assert story.tools.hosting.models == {}


def test_a_model_that_a_live_release_serves_from_is_not_removed_with_the_one_that_died() -> None:
    first = a_live_endpoint()
    dead = Story(first.tools, "execution-2")
    dead.drop(version="2", spec={"owner": "somebody"})
    dead.through(Phase.WAIT_FOR_TURN)
    (model,) = dead.tools.hosting.models
    dead.tools.ledger.intend(dead.release, Phase.CREATE_MODEL, model=model)
    close(dead, trouble="Create the Model: Runtime.ExitError")
    assert list(dead.tools.hosting.models) == [model]


def test_the_model_that_a_release_left_to_a_human_serves_from_is_not_removed_with_a_later_one() -> None:
    left = Story()
    left.start()
    left.tools.hosting.settle("churn")
    left.step(Phase.WAIT_FOR_IN_SERVICE)
    assert close(left, trouble="boom")[0] is Outcome.NEEDS_HUMAN
    again = killed_in_create_the_model(Story(left.tools, "execution-2"))
    assert close(again, trouble="Create the Model: ThrottlingException")[0] is Outcome.REJECTED
    assert list(again.tools.hosting.models) == [left.release.fact(Phase.CREATE_MODEL, "model")]


def test_a_model_that_somebody_serves_from_by_hand_is_not_removed() -> None:
    story = killed_in_create_the_model()
    (model,) = story.tools.hosting.models
    story.tools.hosting.serve("churn", "a-config-made-by-hand", model=model)
    assert close(story, trouble="Create the Model: Runtime.ExitError")[0] is Outcome.REJECTED
    assert list(story.tools.hosting.models) == [model]


def test_a_takeover_that_is_tried_again_still_recovers_what_touched_its_endpoint() -> None:
    story = an_update_that_bakes()
    story.tools.executions.end(story.execution)
    assert story.release.artifact is not None
    event = drop_event(story.release.artifact.key, story.release.artifact.version)
    late = Story(story.tools, "execution-late")
    assert [late.read(event).answer, late.read(event).answer] == [Answer.RECOVER, Answer.RECOVER]


def test_a_takeover_that_died_before_it_adopted_the_release_adopts_it_when_it_is_tried_again() -> None:
    story = an_update_that_bakes()
    story.tools.executions.end(story.execution)
    assert story.release.artifact is not None
    (claim,) = story.tools.ledger.claims(story.release.artifact)
    assert story.tools.ledger.claim_over(claim, story.release_id, "execution-late")
    late = Story(story.tools, "execution-late")
    verdict = late.read(drop_event(story.release.artifact.key, story.release.artifact.version))
    assert (verdict.answer, late.release.execution) == (Answer.RECOVER, "execution-late")


def test_a_newcomer_does_not_take_the_fence_from_who_holds_the_turn() -> None:
    holder = Story()
    holder.drop()
    holder.through(Phase.CREATE_CONFIG)
    tools, newcomer = holder.tools, Story(holder.tools, "execution-2")
    change = tools.ledger.change_turn

    def after_a_newcomer(before: Turn | None, after: Turn) -> bool:
        tools.ledger.change_turn = change  # type: ignore[method-assign]
        tools.clock.advance(60)
        newcomer.drop(version="2", body=archive(model_joblib="v2"))
        newcomer.step(Phase.VERIFY_ARTIFACT)
        assert newcomer.step(Phase.WAIT_FOR_TURN) is None
        return change(before, after)

    tools.ledger.change_turn = after_a_newcomer  # type: ignore[method-assign]
    holder.step(Phase.CREATE_ENDPOINT)
    turn = tools.ledger.turn("churn")
    assert holder.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED
    assert turn is not None
    assert (turn.next or {})["release"] == newcomer.release_id


def test_a_model_whose_making_was_not_answered_is_known_as_ones_own_and_goes_with_its_rejection() -> None:
    story = Story()
    story.drop(spec={"alarms": ["an-alarm-that-is-not-there"]})
    story.through(Phase.WAIT_FOR_TURN)
    create = story.tools.hosting.create_model

    def after_a_lost_answer(request: Item) -> Creation:
        create(request)
        return create(request)

    story.tools.hosting.create_model = after_a_lost_answer  # type: ignore[method-assign]
    story.step(Phase.CREATE_MODEL)
    story.step(Phase.VERIFY_CONFIG)
    assert close(story)[0] is Outcome.REJECTED
    assert story.tools.hosting.models == {}


def test_an_older_model_of_the_same_content_is_not_taken_for_ones_own() -> None:
    first = a_live_endpoint()
    first.tools.clock.advance(60)
    again = Story(first.tools, "execution-2")
    again.drop(version="2", spec={"owner": "somebody"})
    again.through(Phase.CREATE_MODEL)
    assert again.release.fact(Phase.CREATE_MODEL, "made") == []
