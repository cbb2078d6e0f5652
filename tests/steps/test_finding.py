"""A drop whose event was lost is found, once; everything that some execution saw is left alone."""

from datetime import timedelta

from slipway.release.verdicts import Answer
from slipway.steps.finding import AT_ONCE, EVENTS_TAKE, FOUND_WITHIN
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, FakeTools
from tests.steps.stories import MODEL, Story

FIND = {"task": "find"}
KEY = "models/churn/1/model.tar.gz"


def dropped(*keys: str, ago: timedelta = EVENTS_TAKE) -> FakeTools:
    """Upload objects whose events nobody hears."""
    tools = FakeTools()
    for key in keys:
        tools.artifacts.drop(BUCKET, key, MODEL)
    tools.clock.advance(ago.total_seconds())
    return tools


def test_a_lost_drop_is_released_as_by_its_event() -> None:
    tools = dropped(KEY)
    assert keep_house(FIND, tools)["found"] == [f"s3://{BUCKET}/{KEY}"]
    ((name, event),) = tools.executions.started.items()
    story = Story(tools, name)
    assert story.read(event).answer is Answer.ACCEPTED
    assert story.release.artifact is not None
    assert (story.release.artifact.key, story.release.artifact.version) == (KEY, "v1")


def test_it_is_started_once_whatever_comes_of_it() -> None:
    tools = dropped(KEY)
    keep_house(FIND, tools)
    tools.executions.end(next(iter(tools.executions.started)))
    assert keep_house(FIND, tools)["found"] == []
    assert len(tools.executions.started) == 1


def test_an_event_that_comes_after_all_is_a_duplicate() -> None:
    tools = dropped(KEY)
    keep_house(FIND, tools)
    ((name, event),) = tools.executions.started.items()
    Story(tools, name).read(event)
    assert Story(tools, "the-late-one").read(event).answer is Answer.NOTHING


def test_a_drop_that_was_seen_is_left_alone_and_so_is_one_that_was_overwritten() -> None:
    story = Story()
    story.drop()
    story.tools.clock.advance(EVENTS_TAKE.total_seconds())
    assert keep_house(FIND, story.tools)["found"] == []
    story.tools.artifacts.drop(BUCKET, KEY, b"newer")
    story.tools.artifacts.drop(BUCKET, KEY, b"newest")
    story.tools.clock.advance(EVENTS_TAKE.total_seconds())
    keep_house(FIND, story.tools)
    (event,) = story.tools.executions.started.values()
    assert event["detail"]["object"]["version-id"] == "v3"


def test_an_event_may_still_be_on_its_way_and_what_is_old_is_nobodys_wish() -> None:
    assert keep_house(FIND, dropped(KEY, ago=EVENTS_TAKE - timedelta(seconds=1)))["found"] == []
    assert keep_house(FIND, dropped(KEY, ago=FOUND_WITHIN + timedelta(seconds=1)))["found"] == []


def test_only_what_would_have_started_a_release_counts() -> None:
    others = ("models/churn/1/notes.txt", "models/churn/1/release.yaml", f"{KEY}.sig", "frozen/sha256/a/model.tar.gz")
    assert keep_house(FIND, dropped(*others))["found"] == []


def test_many_lost_drops_are_started_in_parts_the_oldest_first() -> None:
    tools = dropped(*(f"models/churn/{number:03}/model.tar.gz" for number in range(AT_ONCE + 1)))
    assert len(keep_house(FIND, tools)["found"]) == AT_ONCE
    tools.executions.running.clear()
    assert len(keep_house(FIND, tools)["found"]) == 1
