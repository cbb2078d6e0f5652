"""An endpoint that a release left to a human is frozen; a human goes back, or forward by force, and is named."""

from typing import Any

import pytest

from slipway.record.announcements import next_command
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import SMOKE, Story, an_update_that_bakes

ALICE = "arn:aws:sts::111122223333:assumed-role/Release/alice"
MIXED = "UpdateRollbackFailed"


def a_mix_of_fleets() -> Story:
    """Let an update and its rollback fail: old and new instances serve side by side."""
    story = an_update_that_bakes()
    story.tools.hosting.endpoints["churn"].pop("PendingDeploymentSummary")
    story.tools.hosting.remain("churn", MIXED, "no capacity")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.CLOSE_RELEASE)
    return story


def the_next_one(tools: FakeTools, **spec: Any) -> Story:
    story = Story(tools, "execution-3")
    tools.clock.advance(60)
    body = archive(model_joblib="v3")
    story.drop(version="3", spec={"smoke": [SMOKE], **spec}, body=body, asked_by=ALICE)
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG):
        story.step(phase)
    return story


def test_a_mix_of_fleets_needs_a_human_who_is_told_both_configs_and_both_commands() -> None:
    story = a_mix_of_fleets()
    release, live = story.release, story.tools.ledger.live("churn")
    assert release.outcome is Outcome.NEEDS_HUMAN
    assert live is not None
    assert release.fact(Phase.CREATE_CONFIG, "config") in release.reason
    assert live.config in release.reason
    told = next_command(release, release.outcome)
    assert f"slipway rollback churn --to {live.release}" in told
    assert "slipway release <model.tar.gz> --endpoint churn --version <new> --force" in told


def test_where_the_fleets_are_not_mixed_the_way_back_is_tried_again() -> None:
    story = an_update_that_bakes()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.CLOSE_RELEASE, trouble="Watch the Alarms: ClientError: nobody answers")
    assert f"back: slipway recover {story.release_id}" in next_command(story.release, story.release.outcome)


def test_a_drop_on_a_mix_of_fleets_is_refused_and_told_the_ways_out() -> None:
    story = the_next_one(a_mix_of_fleets().tools)
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert finding.code == "ENDPOINT_FROZEN"
    assert "slipway rollback churn --to" in finding.next_step
    assert "--force" in finding.next_step


def test_a_forced_release_goes_forward_over_it_and_says_who_forced_it() -> None:
    story = the_next_one(a_mix_of_fleets().tools, force=True)
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert finding.code == "FORCED"
    assert ALICE in finding.message
    assert MIXED in finding.message
    story.step(Phase.CREATE_CONFIG)
    story.step(Phase.CREATE_ENDPOINT)
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE


def test_the_old_mix_that_is_still_seen_after_the_call_is_no_verdict_on_it() -> None:
    story = the_next_one(a_mix_of_fleets().tools, force=True)
    story.step(Phase.CREATE_CONFIG)
    before = story.tools.hosting.describe_endpoint("churn")
    story.step(Phase.CREATE_ENDPOINT)
    assert before is not None
    after, story.tools.hosting.endpoints["churn"] = story.tools.hosting.endpoints["churn"], before
    assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
    story.tools.hosting.endpoints["churn"] = after
    story.tools.hosting.remain("churn", MIXED)
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.STUCK


def test_force_stays_with_its_release() -> None:
    frozen = a_mix_of_fleets().tools
    frozen.artifacts.drop("the-bucket", "models/churn/release.json", b'{"force": true}')
    story = Story(frozen, "execution-3")
    verdict = story.drop(version="3", body=archive(model_joblib="v3"))
    assert verdict.answer is Answer.REFUSED
    assert "cannot say force" in verdict.reason


def test_a_forced_release_where_nothing_is_frozen_is_a_release_like_any_other() -> None:
    story = an_update_that_bakes({"force": True})
    assert story.release.phases[Phase.VERIFY_CONFIG].findings == ()


@pytest.mark.parametrize("force", [False, True])
def test_a_config_that_is_not_known_to_serve_well_is_released_over_by_force_only(force: bool) -> None:
    left = an_update_that_bakes()
    left.step(Phase.WAIT_FOR_IN_SERVICE)
    left.step(Phase.CLOSE_RELEASE, trouble="Watch the Alarms: ClientError: nobody answers")
    left.tools.hosting.settle("churn")
    story = the_next_one(left.tools, force=force)
    assert story.answer(Phase.VERIFY_CONFIG) is (Answer.ACCEPTABLE if force else Answer.REFUSED)


def test_a_foreign_config_is_adopted_and_never_forced() -> None:
    tools = FakeTools()
    tools.hosting.serve("churn", "by-hand")
    assert the_next_one(tools, force=True).answer(Phase.VERIFY_CONFIG) is Answer.REFUSED


def test_a_human_goes_back_from_a_mix_of_fleets() -> None:
    left = a_mix_of_fleets()
    live = left.tools.ledger.live("churn")
    assert live is not None
    back = Story(left.tools, "execution-back")
    detail = {"kind": "rollback", "endpoint": "churn", "to": live.release, "requested_by": ALICE}
    back.read({"id": "e", "source": "slipway.releases", "detail-type": "Release Requested", "detail": detail})
    back.step(Phase.WAIT_FOR_TURN)
    back.step(Phase.ROLL_BACK_RELEASE)
    assert back.tools.hosting.requests("update_endpoint")[-1]["EndpointConfigName"] == live.config
    back.tools.hosting.settle("churn")
    back.step(Phase.WAIT_FOR_ROLLBACK)
    back.step(Phase.CLOSE_RELEASE)
    assert back.release.outcome is Outcome.ROLLED_BACK
