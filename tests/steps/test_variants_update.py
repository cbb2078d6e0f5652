"""An update of several variants: guarded while their names stay, told and cold where they change."""

import json
from typing import Any

import pytest

from slipway.errors import UnavailableError
from slipway.exchanges import Creation
from slipway.release.approval import Decision
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.scaled import Scaled
from slipway.release.verdicts import Answer, Outcome
from slipway.rollout.autoscaling import POLICY
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, FakeTools, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

CHAMPION = {"name": "champion", "weight": 9}
CHALLENGER = {"name": "challenger", "serve": {"instance_count": 2}}
BOTH: dict[str, Any] = {"variants": [CHAMPION, CHALLENGER], "smoke": [SMOKE]}
ONE: dict[str, Any] = {"smoke": [SMOKE]}
UNGUARDED = {"rollout": {"unguarded": True}, "watch": {"seconds": 300}}
TRACKED = {"max_capacity": 4, "target_invocations_per_instance": 900}


def another(tools: FakeTools, version: str = "2", **spec: Any) -> Story:
    """Release another version as far as the call that updates the endpoint."""
    tools.clock.advance(60)
    story = Story(tools, f"execution-{version}")
    story.start(version=version, spec={**BOTH, **spec}, body=archive(model_joblib=f"v{version}"))
    return story


def an_update(before: dict[str, Any] = BOTH, **spec: Any) -> Story:
    return another(a_live_endpoint(spec=before).tools, **spec)


def finished(story: Story) -> Story:
    story.tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS):
        story.step(phase)
    story.step(Phase.WATCH_ALARMS, round=99)
    story.step(Phase.PROMOTE_RELEASE)
    story.step(Phase.CLOSE_RELEASE)
    return story


def the_call(story: Story) -> dict[str, Any]:
    """Give the last UpdateEndpoint."""
    request: dict[str, Any] = story.tools.hosting.requests("update_endpoint")[-1]
    return request


def excluded(story: Story) -> list[str]:
    return [each["VariantPropertyType"] for each in the_call(story).get("ExcludeRetainedVariantProperties", [])]


def configured(story: Story) -> dict[str, int]:
    variants = story.tools.hosting.requests("create_config")[-1]["ProductionVariants"]
    return {each["VariantName"]: each["InitialInstanceCount"] for each in variants}


def codes(release: Release) -> list[str]:
    return [finding.code for finding in release.phases[Phase.VERIFY_CONFIG].findings]


def scaled_by_hand(tools: FakeTools, name: str, **now: Any) -> None:
    """Let somebody change what a variant shall have: its count, its weight."""
    for variant in tools.hosting.endpoints["churn"]["ProductionVariants"]:
        if variant["VariantName"] == name:
            variant.update(now)


class TestTheSameNames:
    def test_are_guarded_and_get_the_weights_of_the_spec(self) -> None:
        story = an_update()
        request = the_call(story)
        alarms = request["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
        kinds = [each["AlarmName"].partition(".")[2] for each in alarms]
        assert kinds == ["champion.errors", "challenger.errors", ""]
        assert request["RetainAllVariantProperties"] is True
        assert excluded(story) == ["DesiredWeight"]

    def test_their_order_says_nothing(self) -> None:
        assert "DeploymentConfig" in the_call(an_update(variants=[CHALLENGER, CHAMPION]))

    def test_the_alarms_read_the_new_fleet_of_each_alone(self) -> None:
        story = an_update()
        config = story.release.fact(Phase.CREATE_CONFIG, "config")
        for name in ("champion", "challenger"):
            told = str(story.tools.alarms.requests[f"slipway-{config}.{name}.errors"])
            assert f"'EndpointConfigName', 'Value': '{config}'" in told

    def test_a_bake_of_one_of_them_is_not_yet_the_bake_of_all(self) -> None:
        story = an_update()
        story.tools.hosting.bake("churn")
        coming = story.tools.hosting.endpoints["churn"]["PendingDeploymentSummary"]["ProductionVariants"]
        done, coming[1]["VariantStatus"] = coming[1]["VariantStatus"], [{"Status": "ActivatingTraffic"}]
        assert story.step(Phase.WAIT_FOR_IN_SERVICE) is None
        coming[1]["VariantStatus"] = done
        verdict = story.step(Phase.WAIT_FOR_IN_SERVICE)
        assert verdict is not None
        assert verdict.answer is Answer.BAKING

    def test_go_live_and_back_as_a_whole(self) -> None:
        story = an_update(variants=[{**CHAMPION, "weight": 1}, CHALLENGER])
        first = story.tools.ledger.live("churn")
        finished(story)
        assert story.release.outcome is Outcome.LIVE
        back = rolled_back(story.tools)
        assert back.release.outcome is Outcome.ROLLED_BACK
        assert (the_call(back)["EndpointConfigName"], excluded(back)) == (first and first.config, ["DesiredWeight"])
        assert first is not None
        assert set(first.models) <= set(back.tools.hosting.models)


def rolled_back(tools: FakeTools) -> Story:
    """Go back on request, to the end."""
    story = asked_back(tools)
    story.step(Phase.ROLL_BACK_RELEASE)
    tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    return story


def asked_back(tools: FakeTools) -> Story:
    """Ask for the way back, and get the turn."""
    story = Story(tools, "execution-back")
    detail = {"kind": "rollback", "endpoint": "churn"}
    event = {"source": "slipway.releases", "detail-type": "Release Requested", "detail": detail, "id": "event-back"}
    story.read({**event, "time": "2026-01-05T13:00:00Z"})
    story.step(Phase.WAIT_FOR_TURN)
    return story


def losing_its_answer(back: Story) -> None:
    """Begin the way back, and let the answer of SageMaker to its call be lost."""
    hosting = back.tools.hosting
    taken = hosting.update_endpoint

    def lost(request: dict[str, Any]) -> Creation:
        taken(request)
        raise UnavailableError("UpdateEndpoint: the connection was closed")

    hosting.update_endpoint = lost  # type: ignore[method-assign]
    with pytest.raises(UnavailableError):
        back.step(Phase.ROLL_BACK_RELEASE)
    hosting.update_endpoint = taken  # type: ignore[method-assign]


class TestInstances:
    def test_what_a_person_scaled_stays_where_the_spec_says_nothing_new(self) -> None:
        tools = a_live_endpoint(spec=BOTH).tools
        scaled_by_hand(tools, "champion", DesiredInstanceCount=5, CurrentInstanceCount=5)
        story = another(tools)
        assert excluded(story) == ["DesiredWeight"]
        assert configured(story) == {"champion": 5, "challenger": 2}

    def test_one_that_is_resized_takes_none_from_the_other_now_nor_with_the_release_after(self) -> None:
        tools = a_live_endpoint(spec=BOTH).tools
        scaled_by_hand(tools, "champion", DesiredInstanceCount=5, CurrentInstanceCount=5)
        larger = [CHAMPION, {**CHALLENGER, "serve": {"instance_count": 3}}]
        story = another(tools, variants=larger)
        assert excluded(story) == ["DesiredInstanceCount", "DesiredWeight"]
        assert configured(story) == {"champion": 5, "challenger": 3}
        finished(story)
        assert configured(another(tools, "3", variants=larger)) == {"champion": 5, "challenger": 3}

    def test_each_that_is_registered_for_scaling_keeps_its_count(self) -> None:
        tools = a_live_endpoint(spec=BOTH).tools
        tools.scaling.scaled["churn", "challenger"] = Scaled(1, 9, {"theirs": {}})
        story = another(tools, variants=[CHAMPION, {**CHALLENGER, "serve": {"instance_count": 9}}])
        assert configured(story) == {"champion": 1, "challenger": 2}
        assert story.release.fact(Phase.VERIFY_CONFIG, "scaled") is True

    def test_a_canary_fits_every_fleet(self) -> None:
        canary = {"rollout": {"strategy": "canary"}}
        story = an_update(**canary)
        (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
        assert finding.code == "FLEET_TOO_SMALL"
        assert "of the variant champion" in finding.message
        both = [{**CHAMPION, "serve": {"instance_count": 4}}, CHALLENGER]
        routing = the_call(an_update(variants=both, **canary))["DeploymentConfig"]["BlueGreenUpdatePolicy"]
        assert routing["TrafficRoutingConfiguration"]["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": 1}

    def test_a_step_too_large_for_one_of_them_names_it(self) -> None:
        story = an_update(
            variants=[{**CHAMPION, "serve": {"instance_count": 6}}, CHALLENGER],
            rollout={"strategy": "linear", "step_instances": 2},
        )
        (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
        assert finding.code == "STEP_OUT_OF_BOUNDS"
        assert "of 2 instances of the variant challenger" in finding.message


def test_a_weight_that_somebody_changed_by_hand_becomes_the_specs_and_is_told() -> None:
    tools = a_live_endpoint(spec=BOTH).tools
    scaled_by_hand(tools, "challenger", DesiredWeight=4.0)
    story = another(tools)
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert (finding.code, finding.message) == (
        "WEIGHT_BY_HAND",
        "The weight of challenger is 4 by somebody's hand, and becomes 1.",
    )
    assert story.answer(Phase.CREATE_ENDPOINT) is Answer.STARTED


def test_the_same_drop_again_brings_the_weights_of_the_spec_back() -> None:
    tools = a_live_endpoint(spec=BOTH).tools
    again = Story(tools, "execution-again")
    again.drop(spec=BOTH)
    again.through(Phase.VERIFY_CONFIG)
    assert again.answer(Phase.VERIFY_CONFIG) is Answer.UNCHANGED
    again.step(Phase.CLOSE_RELEASE)
    scaled_by_hand(tools, "challenger", DesiredWeight=4.0)
    story = Story(tools, "execution-once-more")
    story.drop(spec=BOTH)
    story.through(Phase.CREATE_ENDPOINT)
    assert excluded(story) == ["DesiredWeight"]


def test_probes_meet_each_variant_while_traffic_is_split() -> None:
    four = [{**CHAMPION, "serve": {"instance_count": 4}}, {**CHALLENGER, "serve": {"instance_count": 4}}]
    rollout = {"strategy": "canary", "wait_seconds": 300}
    story = an_update(before={**BOTH, "variants": four}, variants=four, rollout=rollout)
    story.tools.hosting.bake("churn", "canary")
    story.tools.hosting.calls.clear()
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    probed = [request.target_variant for request in story.tools.hosting.requests("invoke")]
    assert probed.count("champion") == probed.count("challenger") > 10


def test_more_alarms_than_sagemaker_takes_are_refused_with_the_numbers() -> None:
    many = [{"name": f"v{number}"} for number in range(4)]
    watch = {"latency_p95_ms": 50, "latency_p99_ms": 90}
    story = Story()
    story.drop(spec={**BOTH, "variants": many, "watch": watch})
    story.through(Phase.VERIFY_CONFIG)
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert finding.code == "TOO_MANY_ALARMS"
    assert "13 alarms would guard the deployment, 13 of them Slipway's own; SageMaker takes 10" in finding.message


class TestOtherNames:
    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            (ONE, BOTH, "has main, and the release brings champion and challenger"),
            (BOTH, ONE | {"variants": []}, "has champion and challenger, and the release brings main"),
            (BOTH, {"variants": [CHAMPION, {"name": "third"}]}, "brings champion and third"),
        ],
    )
    def test_are_refused_since_sagemaker_would_skip_the_bake(
        self, before: dict[str, Any], after: dict[str, Any], told: str
    ) -> None:
        story = an_update(before, **after)
        (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
        assert (finding.code, finding.where) == ("VARIANTS_CHANGED", "variants")
        assert told in finding.message
        assert "unguarded: true" in finding.next_step
        assert story.tools.hosting.requests("update_endpoint") == []

    def test_go_without_guardrails_where_the_spec_accepts_it_and_the_record_says_so(self) -> None:
        story = an_update(ONE, **UNGUARDED)
        assert the_call(story).keys() == {
            "EndpointName",
            "EndpointConfigName",
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
        }
        assert codes(story.release) == ["VARIANTS_UNGUARDED"]
        (name, *_) = [each for each in story.tools.alarms.requests if each.endswith("challenger.errors")]
        assert "EndpointConfigName" not in str(story.tools.alarms.requests[name])
        finished(story)
        assert story.release.outcome is Outcome.LIVE

    def test_are_watched_long_enough_for_their_alarms(self) -> None:
        assert codes(an_update(ONE, **{**UNGUARDED, "watch": {"seconds": 60}}).release) == ["WATCH_TOO_SHORT"]

    def test_go_back_cold_to_what_served(self) -> None:
        story = an_update(ONE, **UNGUARDED)
        live = story.tools.ledger.live("churn")
        story.tools.hosting.settle("churn")
        story.step(Phase.WAIT_FOR_IN_SERVICE)
        assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.IN_SERVICE
        (name, *_) = [each for each in story.tools.alarms.requests if each.endswith("challenger.errors")]
        story.step(Phase.RUN_SMOKE_INVOCATIONS)
        story.tools.alarms.ring(name)
        for phase in (Phase.WATCH_ALARMS, Phase.ROLL_BACK_RELEASE):
            story.step(phase)
        story.tools.hosting.settle("churn")
        story.step(Phase.WAIT_FOR_ROLLBACK)
        story.step(Phase.CLOSE_RELEASE)
        assert story.release.outcome is Outcome.ROLLED_BACK
        assert live is not None
        assert story.tools.hosting.endpoints["churn"]["EndpointConfigName"] == live.config

    def test_lead_back_to_one_variant_too(self) -> None:
        story = finished(an_update(BOTH, **UNGUARDED, variants=[]))
        assert story.release.outcome is Outcome.LIVE, story.release.reason
        assert configured(story) == {"main": 1}
        assert story.tools.ledger.live("churn") is not None

    def test_share_the_traffic_as_before_when_one_alone_gave_way_to_them_again(self) -> None:
        both = {**BOTH, "variants": [{"name": "main", "weight": 9}, {"name": "challenger"}]}
        story = finished(an_update(both, **UNGUARDED, variants=[]))
        assert story.release.outcome is Outcome.LIVE, story.release.reason
        assert excluded(rolled_back(story.tools)) == ["DesiredWeight"]

    def test_are_guarded_once_somebody_put_the_same_ones_back_while_the_release_waited(self) -> None:
        tools = a_live_endpoint(spec=BOTH).tools
        first = tools.ledger.live("churn")
        finished(another(tools, "2", **UNGUARDED, variants=[]))
        story = another(tools, "3", **UNGUARDED, approval={"before": "update"})
        assert story.release.fact(Phase.VERIFY_CONFIG, "renamed") is True
        assert first is not None
        tools.hosting.serve("churn", first.config)
        tools.ledger.decide(story.release_id, Decision(Phase.WAIT_FOR_APPROVAL, approves=True, by="bob"))
        for phase in (Phase.WAIT_FOR_APPROVAL, Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
            story.step(phase)
        assert "DeploymentConfig" in the_call(story)

    def test_that_would_drop_one_registered_for_scaling_are_refused(self) -> None:
        tools = a_live_endpoint(spec={**BOTH, "autoscaling": TRACKED}).tools
        story = another(tools, variants=[CHAMPION, {"name": "third"}], **UNGUARDED)
        (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
        assert finding.code == "AUTOSCALING_VARIANT"
        assert "challenger is registered" in finding.message


class TestScaling:
    def test_of_each_variant_survives_a_release_that_says_nothing_of_it(self) -> None:
        tools = a_live_endpoint(spec={**BOTH, "autoscaling": TRACKED}).tools
        before = dict(tools.scaling.scaled)
        assert finished(another(tools)).release.outcome is Outcome.LIVE
        assert tools.scaling.scaled == before

    @pytest.mark.parametrize("meanwhile", [0, 1], ids=["still under way", "done by then"])
    def test_of_each_variant_comes_back_although_the_answer_to_the_update_was_lost(self, meanwhile: int) -> None:
        tools = a_live_endpoint(spec={**BOTH, "autoscaling": TRACKED}).tools
        before = dict(tools.scaling.scaled)
        finished(another(tools, autoscaling={"max_capacity": 8, "target_invocations_per_instance": 50}))
        back = asked_back(tools)
        losing_its_answer(back)
        for _ in range(meanwhile):
            tools.hosting.settle("churn")
        verdict = back.step(Phase.ROLL_BACK_RELEASE)
        assert verdict is not None
        assert verdict.answer is (Answer.NOTHING_TO_UNDO if meanwhile else Answer.STARTED)
        assert tools.scaling.scaled == before

    def test_of_each_variant_comes_back_with_a_rollback(self) -> None:
        tools = a_live_endpoint(spec={**BOTH, "autoscaling": TRACKED}).tools
        finished(another(tools, autoscaling={"max_capacity": 8, "target_invocations_per_instance": 50}))
        rolled_back(tools)
        for name in ("champion", "challenger"):
            scaled = tools.scaling.scaled["churn", name]
            assert (scaled.maximum, scaled.policies[POLICY]["TargetValue"]) == (4, 900)

    def test_keeps_the_type_of_the_variant_that_is_registered(self) -> None:
        tools = a_live_endpoint(spec=BOTH).tools
        tools.scaling.scaled["churn", "challenger"] = Scaled(1, 9, {"theirs": {}})
        other = {"instance_type": "ml.c5.large", "instance_count": 2}
        story = another(tools, variants=[{**CHAMPION, "serve": other}, {**CHALLENGER, "serve": other}])
        findings = story.release.phases[Phase.VERIFY_CONFIG].findings
        assert [(each.code, each.where) for each in findings] == [
            ("AUTOSCALING_INSTANCE_TYPE", "variants[1].serve.instance_type")
        ]


def test_each_variant_is_compared_with_its_live_counterpart() -> None:
    story = an_update(regression={"inputs": "smoke"})
    asked = [request.target_variant for request in story.tools.hosting.requests("invoke")]
    assert {"champion", "challenger"} == set(asked[-6:])
    assert story.release.fact(Phase.CREATE_CONFIG, "compares") == 2


def test_an_endpoint_with_several_is_adopted_by_a_spec_that_names_them() -> None:
    story = Story()
    hosting = story.tools.hosting
    hosting.serve("churn", "theirs", model="model-a")
    variants = hosting.configs["theirs"]["ProductionVariants"]
    variants[0]["VariantName"] = "champion"
    variants.append({**variants[0], "VariantName": "challenger", "ModelName": "model-b", "InitialInstanceCount": 2})
    hosting.models["model-b"] = {"ModelName": "model-b"}
    hosting.settle("churn")
    story.drop(spec={**BOTH, "adopt": True})
    story.through(Phase.CREATE_ENDPOINT)
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert (live.config, live.models) == ("theirs", ("model-a", "model-b"))
    assert "DeploymentConfig" in the_call(story)


def test_captured_requests_are_sent_to_the_variant_that_they_were_for() -> None:
    tools = a_live_endpoint(spec=BOTH).tools
    for name in ("champion", "challenger"):
        asked = {"observedContentType": "text/csv", "data": f"for the {name}", "encoding": "CSV"}
        line = json.dumps({"captureData": {"endpointInput": asked}, "eventMetadata": {"eventId": name}})
        tools.artifacts.drop(BUCKET, f"captured/churn/{name}/2026/01/05/10/00-00.jsonl", line.encode())
    tools.hosting.calls.clear()
    another(tools, regression={"inputs": "captured", "sample": 2})
    sent = {(request.target_variant, request.body) for request in tools.hosting.requests("invoke")}
    assert sent == {("champion", b"for the champion"), ("challenger", b"for the challenger")}


def test_the_alarms_of_variants_that_a_dead_release_left_are_swept_and_yours_are_not() -> None:
    story = a_live_endpoint(spec=BOTH)
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    left, yours = f"slipway-{config}.challenger.errors", "slipway-of.my.own"
    for name in (left, yours):
        story.tools.alarms.add(name)
    keep_house({"task": "retire"}, story.tools)
    assert set(story.tools.alarms.requests) == {yours}


def test_every_model_of_a_release_that_can_be_gone_back_to_is_kept_and_every_one_before_it_goes() -> None:
    tools = a_live_endpoint(spec=BOTH).tools
    before = set(tools.hosting.models)
    for version in ("2", "3"):
        finished(another(tools, version, variants=[CHAMPION, {**CHALLENGER, "serve": {"environment": {"V": version}}}]))
    assert (len(before), len(tools.hosting.models)) == (1, 5)
    keep_house({"task": "retire"}, tools)
    assert len(tools.hosting.models) == 4
    assert not before & set(tools.hosting.models)
