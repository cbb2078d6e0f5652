"""What somebody did to an endpoint by hand is said, and the next drop knows what to make of it."""

from slipway.exchanges import Item
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint, an_update_that_bakes


def two_live_releases() -> Story:
    """Let version 2 be live over version 1."""
    story = an_update_that_bakes()
    story.tools.hosting.settle("churn")
    story.finish()
    return story


def put_back_by_hand(story: Story) -> Item:
    """Put version 1 back as somebody does in the console; gives its line of the history."""
    line = story.tools.ledger.history("churn")[-1]
    story.tools.hosting.update_endpoint({"EndpointName": "churn", "EndpointConfigName": line["config"]})
    story.tools.hosting.settle("churn")
    return line


def third(story: Story, execution: str = "execution-3", body: bytes = archive(model_joblib="v3")) -> Story:
    """Drop another version."""
    story.tools.clock.advance(60)
    another = Story(story.tools, execution)
    another.start(version="3", spec={"smoke": [SMOKE]}, body=body)
    return another


def finding_of(story: Story) -> Finding:
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    return finding


def live_release(story: Story) -> str:
    live = story.tools.ledger.live("churn")
    assert live is not None
    return live.release


def test_a_drop_builds_on_a_live_release_that_was_put_back_by_hand_and_says_which() -> None:
    story = two_live_releases()
    first = put_back_by_hand(story)
    drop = third(story)
    assert drop.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED
    assert finding_of(drop).code == "PUT_BACK_BY_HAND"
    assert first["release"] in finding_of(drop).message
    assert live_release(drop) == first["release"]


def test_what_was_put_back_by_hand_is_what_a_failed_drop_goes_back_to() -> None:
    story = two_live_releases()
    first = put_back_by_hand(story)
    drop = third(story)
    drop.tools.hosting.roll_back("churn", "an alarm rang")
    drop.step(Phase.WAIT_FOR_IN_SERVICE)
    drop.step(Phase.CLOSE_RELEASE)
    assert drop.release.outcome is Outcome.ROLLED_BACK
    assert drop.tools.hosting.endpoints["churn"]["EndpointConfigName"] == first["config"]
    assert live_release(drop) == first["release"]


def test_a_drop_of_what_was_put_back_by_hand_is_unchanged() -> None:
    story = two_live_releases()
    first = put_back_by_hand(story)
    again = Story(story.tools, "execution-3")
    story.tools.clock.advance(60)
    again.drop(version="3", spec={"smoke": [SMOKE]})
    again.through(Phase.VERIFY_CONFIG)
    assert again.answer(Phase.VERIFY_CONFIG) is Answer.UNCHANGED
    assert live_release(again) == first["release"]


def test_a_release_that_is_not_known_to_serve_well_is_named_and_refused_with_the_way_out() -> None:
    story = an_update_that_bakes()
    live = live_release(story)
    story.tools.hosting.settle("churn")
    story.step(Phase.CLOSE_RELEASE, trouble="nobody could look")
    assert story.release.outcome is Outcome.NEEDS_HUMAN
    drop = third(story)
    assert drop.answer(Phase.VERIFY_CONFIG) is Answer.REFUSED
    assert finding_of(drop).code == "ENDPOINT_UNPROVEN"
    assert story.release_id in finding_of(drop).message
    assert f"slipway rollback churn --to {live}" in finding_of(drop).next_step


def test_an_endpoint_that_somebody_deleted_is_made_anew_by_a_first_release() -> None:
    story = two_live_releases()
    del story.tools.hosting.endpoints["churn"]
    drop = third(story)
    assert drop.release.fact(Phase.VERIFY_CONFIG, "mode") == "create"
    drop.tools.hosting.settle("churn")
    drop.finish()
    assert drop.release.outcome is Outcome.LIVE
    assert live_release(drop) == drop.release_id


def test_the_bytes_that_were_live_on_a_deleted_endpoint_are_not_unchanged() -> None:
    story = a_live_endpoint()
    del story.tools.hosting.endpoints["churn"]
    again = Story(story.tools, "execution-2")
    story.tools.clock.advance(60)
    again.start(version="2")
    assert again.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED
