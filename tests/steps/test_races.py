"""Answers from before a call, executions that outlive their end, and endpoints that move for reasons of their own."""

import copy

import pytest

from slipway.errors import LedgerConflictError
from slipway.exchanges import Creation, Item, Made, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

SCALED = {"smoke": [SMOKE], "autoscaling": {"max_capacity": 4, "target_invocations_per_instance": 100}}


def waiting(tools: FakeTools, version: str) -> Story:
    """Let a further release of the endpoint come up to its turn."""
    story = Story(tools, f"execution-{version}")
    tools.clock.advance(60)
    story.drop(version=version, body=archive(model_joblib=version))
    story.step(Phase.VERIFY_ARTIFACT)
    return story


def recovery(story: Story) -> Story:
    """Recover a release whose execution is over."""
    other = Story(story.tools, "execution-recovery")
    detail = {"kind": "recover", "release": story.release_id}
    other.read({"id": "x", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail})
    return other


def show_from_before(tools: FakeTools, before: Item | None, times: int) -> None:
    """Let SageMaker answer some DescribeEndpoint as before a call, as it may (eventual consistency)."""
    now, left = tools.hosting.describe_endpoint, [times]

    def describe(name: str) -> Item | None:
        left[0] -= 1
        return copy.deepcopy(before) if left[0] >= 0 else now(name)

    tools.hosting.describe_endpoint = describe  # type: ignore[method-assign]


def test_a_release_that_ends_while_it_waits_gives_up_its_place() -> None:
    holder = Story()
    holder.start()
    waiter = waiting(holder.tools, "2")
    assert waiter.step(Phase.WAIT_FOR_TURN) is None
    waiter.step(Phase.CLOSE_RELEASE, trouble="Wait for a Turn: ClientError: ThrottlingException")
    holder.tools.hosting.settle("churn")
    holder.finish()
    turn = holder.tools.ledger.turn("churn")
    assert turn is not None
    assert (turn.holder, turn.next) == ("", None)
    verdict = waiting(holder.tools, "3").step(Phase.WAIT_FOR_TURN)
    assert verdict is not None
    assert verdict.answer is Answer.OURS


def test_a_turn_that_a_closed_release_left_behind_is_handed_on() -> None:
    story = a_live_endpoint()
    story.tools.executions.end("execution-1")
    ledger = story.tools.ledger
    turn = ledger.turn("churn")
    assert turn is not None
    stuck = type(turn)("churn", turn.fence + 1, story.release_id, "execution-1")
    assert ledger.change_turn(turn, stuck)
    newcomer = waiting(story.tools, "2")
    assert newcomer.step(Phase.WAIT_FOR_TURN) is None
    verdict = newcomer.step(Phase.WAIT_FOR_TURN)
    assert verdict is not None
    assert verdict.answer is Answer.OURS


@pytest.mark.parametrize("is_update", [True, False])
@pytest.mark.parametrize("trouble", ["", "Wait for InService: ClientError: ThrottlingException"])
def test_the_endpoint_as_it_was_before_the_call_is_no_way_back(is_update: bool, trouble: str) -> None:
    tools = a_live_endpoint(spec={"smoke": [SMOKE]}).tools if is_update else FakeTools()
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    story.drop(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    before = copy.deepcopy(tools.hosting.endpoints.get("churn"))
    story.step(Phase.CREATE_ENDPOINT)
    show_from_before(tools, before, 3)
    if not trouble:
        tools.ledger.abort(story.release_id, "alice")
        story.step(Phase.WAIT_FOR_IN_SERVICE)
    verdict = story.step(Phase.ROLL_BACK_RELEASE, trouble=trouble)
    assert verdict is not None
    assert verdict.answer is Answer.IN_DEPLOYMENT
    assert story.release.fact(Phase.CREATE_CONFIG, "config") in tools.hosting.configs


def test_what_never_shows_after_a_call_that_was_taken_is_waited_for_and_not_believed() -> None:
    tools = a_live_endpoint(spec={"smoke": [SMOKE]}).tools
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    story.drop(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    before = copy.deepcopy(tools.hosting.endpoints.get("churn"))
    story.step(Phase.CREATE_ENDPOINT)
    show_from_before(tools, before, 1000)
    verdict = story.step(Phase.ROLL_BACK_RELEASE)
    assert verdict is not None
    assert (verdict.answer, verdict.reason) == (
        Answer.IN_DEPLOYMENT,
        "what SageMaker began cannot be seen yet; it is waited for",
    )


def test_an_execution_that_outlives_its_end_promotes_nothing() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    tools, old = first.tools, first.release.fact(Phase.CREATE_CONFIG, "config")
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    story.start(version="2", spec={"smoke": [SMOKE], "tags": {"team": "a"}}, body=archive(model_joblib="v2"))
    tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
        story.step(phase)
    recovering: list[Story] = []
    tag = tools.hosting.tag

    def recovered_meanwhile(arn: str, tags: dict[str, str]) -> Creation:
        tools.hosting.tag = tag  # type: ignore[method-assign]
        tools.executions.end("execution-2")
        recovering.append(recovery(story))
        recovering[0].step(Phase.WAIT_FOR_TURN)
        recovering[0].step(Phase.ROLL_BACK_RELEASE)
        tools.hosting.settle("churn")
        return tag(arn, tags)

    tools.hosting.tag = recovered_meanwhile  # type: ignore[method-assign]
    with pytest.raises(LedgerConflictError):
        story.step(Phase.PROMOTE_RELEASE)
    recovering[0].step(Phase.WAIT_FOR_ROLLBACK)
    recovering[0].step(Phase.CLOSE_RELEASE)
    live = tools.ledger.live("churn")
    assert live is not None
    assert (live.config, tools.hosting.endpoints["churn"]["EndpointConfigName"]) == (old, old)
    assert recovering[0].release.outcome is Outcome.ROLLED_BACK


def test_an_abort_that_comes_before_the_promotion_is_heard() -> None:
    story = Story()
    story.start(spec={"smoke": [SMOKE]})
    story.tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
        story.step(phase)
    story.tools.ledger.abort(story.release_id, "alice")
    verdict = story.step(Phase.PROMOTE_RELEASE)
    assert verdict is not None
    assert (verdict.answer, verdict.reason) == (Answer.NOT_LIVE, "aborted by alice")
    assert story.tools.ledger.live("churn") is None


def an_update_that_serves(spec: Item) -> Story:
    """Release version 2 over a scaled version 1, up to the moment when nothing but it serves."""
    tools = a_live_endpoint(spec=spec).tools
    story = Story(tools, "execution-2")
    tools.clock.advance(60)
    story.start(version="2", spec={"smoke": [SMOKE], "watch": {"seconds": 1800}}, body=archive(model_joblib="v2"))
    tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    return story


def test_a_cold_way_back_waits_until_the_endpoint_is_rescaled() -> None:
    story = an_update_that_serves(SCALED)
    tools = story.tools
    tools.hosting.remain("churn", "Updating")
    verdict = story.step(Phase.ROLL_BACK_RELEASE)
    assert verdict is not None
    assert verdict.answer is Answer.IN_DEPLOYMENT
    story.step(Phase.VETO_DEPLOYMENT)
    assert story.step(Phase.WAIT_FOR_ROLLBACK) is None
    tools.hosting.remain("churn", "InService")
    again = story.step(Phase.WAIT_FOR_ROLLBACK)
    assert again is not None
    assert again.answer is Answer.IN_SERVICE
    begun = story.step(Phase.ROLL_BACK_RELEASE)
    assert begun is not None
    assert begun.answer is Answer.STARTED


def test_a_way_back_whose_first_answer_was_lost_is_seen_to_be_under_way() -> None:
    story = an_update_that_serves({"smoke": [SMOKE]})
    tools = story.tools
    before, update = copy.deepcopy(tools.hosting.endpoints["churn"]), tools.hosting.update_endpoint

    def lost(request: Item) -> Creation:
        update(request)
        show_from_before(tools, before, 2)
        return Creation(Made.REFUSED, "ValidationException", 'Cannot update in-progress endpoint "arn".')

    tools.hosting.update_endpoint = lost  # type: ignore[method-assign]
    verdict = story.step(Phase.ROLL_BACK_RELEASE)
    assert verdict is not None
    assert verdict.answer is Answer.STARTED


def test_a_forced_release_that_fails_leaves_the_live_pointer_where_it_was() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    tools, live = first.tools, first.tools.ledger.live("churn")
    second = Story(tools, "execution-2")
    tools.clock.advance(60)
    second.start(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    tools.hosting.settle("churn")
    second.step(Phase.WAIT_FOR_IN_SERVICE)
    second.step(Phase.CLOSE_RELEASE, trouble="the rollback failed")
    forced = Story(tools, "execution-3")
    tools.clock.advance(60)
    forced.start(version="3", spec={"smoke": [SMOKE], "force": True}, body=archive(model_joblib="v3"))
    tools.hosting.settle("churn")
    forced.step(Phase.WAIT_FOR_IN_SERVICE)
    tools.hosting.answer = lambda _: Reply(500, b"", error="ModelError", latency_ms=1)
    forced.step(Phase.RUN_SMOKE_INVOCATIONS)
    forced.step(Phase.ROLL_BACK_RELEASE)
    tools.hosting.settle("churn")
    forced.step(Phase.WAIT_FOR_ROLLBACK)
    forced.step(Phase.CLOSE_RELEASE)
    assert tools.ledger.live("churn") == live
    assert [line["outcome"] for line in tools.ledger.history("churn")].count(Outcome.LIVE) == 1


def test_a_request_that_could_not_be_read_is_told() -> None:
    story = Story()
    story.release_id = ""
    closed = story.step(Phase.CLOSE_RELEASE, trouble="Read the Release: ClientError: AccessDenied")
    assert closed is not None
    assert closed.route == {"outcome": Outcome.NEEDS_HUMAN}
    (told,) = story.tools.announcer.announced
    assert "AccessDenied" in told.text
    assert "describe-execution" in told.text
    assert len(told.subject) <= 100
