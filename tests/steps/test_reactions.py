"""What happens outside the machine: wake and janitor."""

from slipway.release.phases import Phase
from slipway.steps.janitor import recover_the_dead
from slipway.steps.wake import wake
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import Story, an_update_that_bakes


def test_an_event_of_its_endpoint_lets_a_waiting_release_look() -> None:
    story = Story()
    story.start()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    told = wake({"detail": {"EndpointName": "churn", "EndpointStatus": "IN_SERVICE"}}, story.tools)
    assert told == {"releases": [story.release_id], "signalled": 1}
    assert story.tools.executions.signals[-1][1]["answer"] == "look"


def test_an_alarm_wakes_the_release_that_listens_to_it() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.WATCH_ALARMS)
    name = f"slipway-{story.release.fact(Phase.CREATE_CONFIG, 'config')}-5xx"
    assert wake({"detail": {"alarmName": name}}, story.tools)["signalled"] == 1


def test_an_event_that_nobody_waits_for_is_nothing() -> None:
    told = wake({"detail": {"EndpointName": "unknown"}}, FakeTools())
    assert told == {"releases": [], "signalled": 0}


def test_a_second_event_finds_nobody_waiting() -> None:
    story = Story()
    story.start()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    event = {"detail": {"EndpointName": "churn"}}
    wake(event, story.tools)
    assert wake(event, story.tools)["signalled"] == 0


def test_the_janitor_recovers_a_dead_release_once() -> None:
    story = Story()
    story.start()
    assert recover_the_dead(story.tools) == {"dead": [], "started": []}
    story.tools.executions.end("execution-1")
    assert recover_the_dead(story.tools)["started"] == [story.release_id]
    assert recover_the_dead(story.tools)["started"] == [story.release_id]
    assert len(story.tools.executions.started) == 1


def test_a_recovery_that_died_before_it_took_over_is_followed_by_another() -> None:
    story = Story()
    story.start()
    story.tools.executions.end("execution-1")
    recover_the_dead(story.tools)
    (name,) = story.tools.executions.started
    story.tools.executions.end(name)
    recover_the_dead(story.tools)
    assert len(story.tools.executions.started) == 2


def test_a_release_that_waits_has_a_dead_holder_of_the_turn_recovered() -> None:
    holder = Story()
    holder.start()
    waiting = Story(holder.tools, "execution-2")
    waiting.tools.clock.advance(60)
    waiting.drop(version="2", body=archive(model_joblib="v2"))
    waiting.step(Phase.VERIFY_ARTIFACT)
    waiting.step(Phase.WAIT_FOR_TURN)
    assert holder.tools.executions.started == {}
    holder.tools.executions.end("execution-1")
    assert waiting.step(Phase.WAIT_FOR_TURN) is None
    (event,) = holder.tools.executions.started.values()
    assert event["detail"] == {"kind": "recover", "release": holder.release_id}


def test_the_next_in_turn_is_woken_when_a_release_is_closed() -> None:
    first = Story()
    first.start()
    second = Story(first.tools, "execution-2")
    second.tools.clock.advance(60)
    second.drop(version="2", body=archive(model_joblib="v2"))
    second.step(Phase.VERIFY_ARTIFACT)
    assert second.step(Phase.WAIT_FOR_TURN) is None
    first.tools.hosting.settle("churn")
    first.finish()
    assert second.tools.executions.signals[-1][1]["answer"] == "look"
    ours = second.step(Phase.WAIT_FOR_TURN)
    assert ours is not None
    assert ours.answer == "ours"


def test_a_newer_drop_supersedes_the_one_that_waits() -> None:
    first = Story()
    first.start()
    waiting, newest = Story(first.tools, "execution-2"), Story(first.tools, "execution-3")
    for story, version in ((waiting, "2"), (newest, "3")):
        story.tools.clock.advance(60)
        story.drop(version=version, body=archive(model_joblib=version))
        story.step(Phase.VERIFY_ARTIFACT)
        assert story.step(Phase.WAIT_FOR_TURN) is None
    superseded = waiting.step(Phase.WAIT_FOR_TURN)
    assert superseded is not None
    assert superseded.answer == "superseded"
    waiting.step(Phase.CLOSE_RELEASE)
    assert waiting.release.outcome == "SUPERSEDED"
