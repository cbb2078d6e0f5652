"""What is refused, or adopted, before anything is created."""

from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint


def refused_as(story: Story, spec: dict[str, Any]) -> list[str]:
    """Drop version 2 with this spec; give the codes of what is found before the config is made."""
    story.drop(version="2", spec=spec, body=archive(model_joblib="v2"))
    story.through(Phase.VERIFY_CONFIG)
    return [finding.code for finding in story.release.phases[Phase.VERIFY_CONFIG].findings]


def over_a_live_endpoint(**alarms: dict[str, int]) -> Story:
    first = a_live_endpoint()
    for name, request in alarms.items():
        first.tools.alarms.add(name, **request)
    return Story(first.tools, "execution-2")


def test_a_canary_of_a_fleet_of_one_is_refused_before_anything_is_created() -> None:
    story = over_a_live_endpoint()
    assert refused_as(story, {"rollout": {"strategy": "canary"}}) == ["FLEET_TOO_SMALL"]
    assert len(story.tools.hosting.requests("create_config")) == 1


def test_a_bake_that_a_users_slow_alarm_cannot_use_is_refused_in_its_name() -> None:
    story = over_a_live_endpoint(sales={"Period": 300, "EvaluationPeriods": 2})
    assert refused_as(story, {"alarms": ["sales"], "rollout": {"bake_seconds": 600}}) == ["BAKE_TOO_SHORT"]
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert "sales" in finding.message
    assert "720" in finding.next_step


def test_a_first_release_whose_watch_is_too_short_is_refused() -> None:
    assert refused_as(Story(), {"watch": {"seconds": 60}}) == ["WATCH_TOO_SHORT"]


def test_everything_that_speaks_against_a_rollout_is_said_at_once() -> None:
    found = refused_as(
        over_a_live_endpoint(), {"alarms": ["nobodys"], "rollout": {"strategy": "linear", "bake_seconds": 9}}
    )
    assert found == ["ALARM_UNKNOWN", "FLEET_TOO_SMALL", "BAKE_TOO_SHORT"]


def foreign(variant: str = "AllTraffic") -> Story:
    """An endpoint that somebody else made, whose variant has a name of its own."""
    story = Story()
    hosting = story.tools.hosting
    hosting.serve("churn", "theirs")
    for thing in (hosting.configs["theirs"], hosting.endpoints["churn"]):
        thing["ProductionVariants"][0]["VariantName"] = variant
    return story


def test_a_foreign_endpoint_is_refused_with_the_key_that_adopts_it() -> None:
    story = foreign()
    assert refused_as(story, {}) == ["ENDPOINT_FOREIGN"]
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert "adopt: true" in finding.next_step
    assert story.tools.ledger.live("churn") is None


def an_adopting_release() -> Story:
    story = foreign()
    story.start(version="2", spec={"adopt": True, "smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    return story


def test_adoption_records_what_serves_as_live_and_marks_the_endpoint() -> None:
    story = an_adopting_release()
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert (live.config, live.model) == ("theirs", "a-model")
    assert story.tools.ledger.release(live.release).outcome is Outcome.LIVE
    (tagged,) = story.tools.hosting.requests("tag")
    assert tagged["tags"]["slipway:release"] == live.release
    assert [release.id for release in story.tools.ledger.open_releases()] == [story.release_id]


def test_an_adopted_endpoint_keeps_the_name_of_its_variant() -> None:
    story = an_adopting_release()
    (request,) = story.tools.hosting.requests("create_config")
    assert request["ProductionVariants"][0]["VariantName"] == "AllTraffic"
    alarm = story.tools.alarms.requests[f"slipway-{request['EndpointConfigName']}-5xx"]
    dimensions = {pair["Name"]: pair["Value"] for pair in alarm["Metrics"][0]["MetricStat"]["Metric"]["Dimensions"]}
    assert dimensions["VariantName"] == "AllTraffic"


def test_a_release_that_adopts_and_fails_leaves_the_adopted_config_live() -> None:
    story = an_adopting_release()
    story.tools.hosting.roll_back("churn", "an alarm rang")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.CLOSE_RELEASE)
    live = story.tools.ledger.live("churn")
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert live is not None
    assert live.config == "theirs"
    assert "theirs" in story.tools.hosting.configs


def test_after_an_adoption_the_next_drop_is_an_ordinary_update() -> None:
    story = an_adopting_release()
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.settle("churn")
    story.step(Phase.WATCH_ALARMS)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    third = Story(story.tools, "execution-3")
    third.drop(version="3", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v3"))
    third.through(Phase.VERIFY_CONFIG)
    assert third.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE
    assert third.release.fact(Phase.VERIFY_CONFIG, "variant") == "AllTraffic"


@pytest.mark.parametrize("code", ["VARIANTS_CHANGED", "VARIANT_UNGUARDED"])
def test_an_endpoint_that_sagemaker_would_not_guard_is_not_adopted(code: str) -> None:
    story = foreign()
    variants = story.tools.hosting.configs["theirs"]["ProductionVariants"]
    if code == "VARIANTS_CHANGED":
        variants.append({**variants[0], "VariantName": "other"})
    else:
        del variants[0]["InitialInstanceCount"]
    assert refused_as(story, {"adopt": True}) == [code]
    assert story.tools.ledger.live("churn") is None


def test_an_endpoint_whose_name_differs_in_case_only_is_named_and_nothing_is_waited_for() -> None:
    story = Story()
    story.tools.hosting.serve("Churn", "theirs")
    story.start(spec={"smoke": [SMOKE]})
    assert story.answer(Phase.CREATE_ENDPOINT) is Answer.REFUSED
    (finding,) = story.release.phases[Phase.CREATE_ENDPOINT].findings
    assert (finding.code, "Churn" in finding.next_step) == ("ENDPOINT_OTHER_CASE", True)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert set(story.tools.hosting.configs) == {"theirs"}
