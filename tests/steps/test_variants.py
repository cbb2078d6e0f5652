"""A release of several variants on its way: each is made, met, watched and scaled; none hides behind another."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.hosting import GOOD
from tests.fakes.tools import BUCKET, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

CHAMPION = {"name": "champion", "weight": 9}
CHALLENGER = {"name": "challenger", "serve": {"instance_count": 2, "environment": {"DEPTH": "8"}}}
SPEC: dict[str, Any] = {"variants": [CHAMPION, CHALLENGER], "smoke": [SMOKE]}


def sent_to(story: Story) -> set[str]:
    return {request.target_variant for request in story.tools.hosting.requests("invoke")}


def answers(**wrong: bytes):  # type: ignore[no-untyped-def]
    """Let one variant answer otherwise than well."""

    def answer(invocation: Invocation) -> Reply:
        body = wrong.get(invocation.target_variant)
        return GOOD if body is None else Reply(200, body, "application/json", invocation.target_variant, request_id="r")

    return answer


def a_first_release(spec: dict[str, Any] = SPEC) -> Story:
    story = Story()
    story.start(spec=spec)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    return story


def test_each_variant_has_its_model_its_instances_and_its_weight() -> None:
    story = a_first_release()
    (config,) = story.tools.hosting.requests("create_config")
    told = {each["VariantName"]: each for each in config["ProductionVariants"]}
    assert [(each["InitialVariantWeight"], each["InitialInstanceCount"]) for each in told.values()] == [(9, 1), (1, 2)]
    models = story.tools.hosting.models
    assert models[told["challenger"]["ModelName"]]["PrimaryContainer"]["Environment"] == {"DEPTH": "8"}
    assert models[told["champion"]["ModelName"]]["PrimaryContainer"]["Environment"] == {}


def test_variants_of_the_same_content_share_a_model() -> None:
    story = a_first_release({"variants": [CHAMPION, {"name": "twin"}], "smoke": [SMOKE]})
    assert len(story.tools.hosting.requests("create_model")) == 1
    (config,) = story.tools.hosting.requests("create_config")
    assert len({each["ModelName"] for each in config["ProductionVariants"]}) == 1


def test_every_case_meets_every_variant_unless_it_names_one() -> None:
    one = {**SMOKE, "name": "of one", "target_variant": "challenger"}
    story = a_first_release({**SPEC, "smoke": [SMOKE, one]})
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    cases = story.release.fact(Phase.RUN_SMOKE_INVOCATIONS, "cases")
    assert [each["name"] for each in cases] == ["one row on champion", "one row on challenger", "of one on challenger"]
    assert sent_to(story) == {"champion", "challenger"}


def test_more_instances_of_a_variant_are_met_by_more_requests() -> None:
    story = a_first_release()
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    asked = {each["name"]: each["requests"] for each in story.release.fact(Phase.RUN_SMOKE_INVOCATIONS, "cases")}
    assert asked["one row on challenger"] > asked["one row on champion"] == 3


def test_a_variant_that_answers_wrongly_fails_the_release_by_name() -> None:
    story = a_first_release()
    story.tools.hosting.answer = answers(challenger=b'{"ok": false}')
    verdict = story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert verdict is not None
    assert verdict.answer is Answer.FAILED
    assert "one row on challenger" in verdict.reason
    assert all("challenger" in finding.where for finding in verdict.findings)


def test_each_variant_has_alarms_of_its_own() -> None:
    story = a_first_release({**SPEC, "watch": {"latency_p95_ms": 50, "seconds": 300}})
    config = story.release.fact(Phase.CREATE_CONFIG, "config")
    kinds = ["champion.errors", "champion.p95", "challenger.errors", "challenger.p95"]
    assert story.release.fact(Phase.CREATE_CONFIG, "alarms") == [
        *(f"slipway-{config}.{kind}" for kind in kinds),
        f"slipway-{config}-veto",
    ]
    request = story.tools.alarms.requests[f"slipway-{config}.challenger.errors"]
    metrics = [each["MetricStat"]["Metric"] for each in request["Metrics"] if "MetricStat" in each]
    for metric in metrics:
        assert {"Name": "VariantName", "Value": "challenger"} in metric["Dimensions"]


def watched(story: Story, *heard: str) -> Any:
    """Go to the end of the watch of an endpoint of which these variants had requests."""
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    for name in heard:
        seen = {"EndpointName": "churn", "VariantName": name}
        story.tools.alarms.publish("AWS/SageMaker", "Invocations", seen, 7)
    return story.step(Phase.WATCH_ALARMS, round=99)


def test_a_variant_without_a_request_does_not_hide_behind_one_that_had_some() -> None:
    quiet = watched(a_first_release({**SPEC, "watch": {"seconds": 300}}), "champion", "challenger")
    assert (quiet.answer, quiet.findings) == (Answer.QUIET, ())
    policy = {"seconds": 300, "no_data": "fail"}
    verdict = watched(a_first_release({**SPEC, "watch": policy}), "champion")
    assert verdict.answer is Answer.NO_DATA
    assert "No request of challenger was seen" in verdict.reason


def test_a_variant_that_fails_is_named_with_what_was_measured() -> None:
    story = a_first_release({**SPEC, "watch": {"seconds": 300}})
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    (name,) = [each for each in story.tools.alarms.requests if each.endswith("challenger.errors")]
    reason = "Threshold Crossed: 1 datapoint [0.5 (05/01/26 12:00:00)] was greater than the threshold (0.05)."
    story.tools.alarms.ring(name, reason)
    verdict = story.step(Phase.WATCH_ALARMS)
    assert verdict is not None
    assert verdict.reason.startswith("variant challenger: 50.0% of the requests were answered with 5xx or not at all")


def test_each_variant_is_scaled_as_the_spec_asks() -> None:
    wanted = {"max_capacity": 4, "target_invocations_per_instance": 900}
    story = a_live_endpoint(spec={**SPEC, "autoscaling": wanted})
    assert set(story.tools.scaling.scaled) == {("churn", "champion"), ("churn", "challenger")}
    assert story.release.outcome is Outcome.LIVE


def test_all_its_models_are_known_to_serve() -> None:
    story = a_live_endpoint(spec=SPEC)
    live = story.tools.ledger.live("churn")
    assert live is not None
    assert len(live.models) == 2
    assert live.model == live.models[0]
    (line,) = story.tools.ledger.history("churn")
    assert set(line["models"]) == set(live.models) == set(story.tools.hosting.models)


def test_what_a_failed_release_made_is_removed_whole() -> None:
    story = a_first_release()
    story.tools.hosting.answer = answers(challenger=b"{}")
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.step(Phase.ROLL_BACK_RELEASE)
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK
    assert (story.tools.hosting.models, story.tools.hosting.configs) == ({}, {})
    assert story.tools.alarms.requests == {}


def test_a_model_that_is_refused_leaves_none_of_the_others_behind() -> None:
    story = Story()
    story.drop(spec=SPEC)
    story.through(Phase.WAIT_FOR_TURN)
    story.tools.hosting.refuse("create_model", "ValidationException", "no image")
    story.tools.hosting._refusals["create_model"].insert(0, None)  # type: ignore[arg-type]
    verdict = story.step(Phase.CREATE_MODEL)
    assert verdict is not None
    assert verdict.answer is Answer.REFUSED
    assert len(story.tools.hosting.models) == 1
    story.step(Phase.CLOSE_RELEASE)
    assert story.tools.hosting.models == {}


@pytest.mark.parametrize("before", [{"smoke": [SMOKE]}, SPEC])
def test_people_are_told_of_each_variant(before: dict[str, Any]) -> None:
    story = a_first_release(before)
    told = str(story.tools.announcer.announced)
    assert ("challenger (weight 1): 2 x ml.m5.large of an-image:1" in told) is ("variants" in before)


OWN = "models/churn/1/challenger.tar.gz"
OTHER = archive(model_joblib="of the challenger")
WITH_OWN = {**SPEC, "variants": [CHAMPION, {"name": "challenger", "artifact": OWN}]}


def with_an_artifact_of_its_own(body: bytes = OTHER, last: Phase = Phase.CREATE_ENDPOINT) -> Story:
    story = Story()
    story.tools.artifacts.drop(BUCKET, OWN, body)
    story.drop(spec=WITH_OWN)
    story.through(last)
    return story


def test_a_variant_serves_the_artifact_that_it_names_from_frozen_bytes() -> None:
    story = with_an_artifact_of_its_own()
    (config,) = story.tools.hosting.requests("create_config")
    models = story.tools.hosting.models
    served = {each["VariantName"]: models[each["ModelName"]] for each in config["ProductionVariants"]}
    addresses = {name: model["PrimaryContainer"]["ModelDataUrl"] for name, model in served.items()}
    assert addresses == {
        "champion": story.release.fact(Phase.VERIFY_ARTIFACT, "frozen"),
        "challenger": f"s3://{BUCKET}/frozen/sha256/{hashlib.sha256(OTHER).hexdigest()}/model.tar.gz",
    }


def test_the_same_drop_with_another_challenger_is_another_release() -> None:
    first = with_an_artifact_of_its_own()
    first.tools.hosting.settle("churn")
    first.finish()
    for body, expected in ((OTHER, Answer.UNCHANGED), (archive(model_joblib="a better one"), Answer.ACCEPTABLE)):
        first.tools.clock.advance(60)
        again = Story(first.tools, f"execution-{expected}")
        again.tools.artifacts.drop(BUCKET, OWN, body)
        again.drop(spec=WITH_OWN)
        again.through(Phase.VERIFY_CONFIG)
        assert again.answer(Phase.VERIFY_CONFIG) is expected


def test_what_is_wrong_with_a_variants_artifact_is_told_with_its_name() -> None:
    story = with_an_artifact_of_its_own(b"no archive", Phase.VERIFY_ARTIFACT)
    (finding,) = story.release.phases[Phase.VERIFY_ARTIFACT].findings
    assert story.answer(Phase.VERIFY_ARTIFACT) is Answer.REFUSED
    assert OWN in finding.where


def test_a_case_of_the_archive_for_a_variant_that_there_is_not_is_refused() -> None:
    case = json.dumps({"json": [1], "target_variant": "third"})
    story = Story()
    story.drop(spec={"variants": [CHAMPION, CHALLENGER]}, body=archive(model_joblib="v1", smoke__a_json=case))
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert [finding.code for finding in verdict.findings] == ["SPEC_SMOKE_VARIANT"]


def test_a_burst_of_probes_meets_each_variant_alike_however_the_cases_are_shared_out() -> None:
    only = [{**SMOKE, "name": f"case {number}", "target_variant": "champion"} for number in range(4)]
    story = a_first_release({**SPEC, "smoke": [SMOKE, *only], "watch": {"seconds": 300}})
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    story.tools.hosting.calls.clear()
    story.step(Phase.WATCH_ALARMS)
    probed = [request.target_variant for request in story.tools.hosting.requests("invoke")]
    assert probed.count("champion") == probed.count("challenger") == 10


def test_a_variant_that_no_case_meets_is_told() -> None:
    only = {**SMOKE, "target_variant": "champion"}
    story = Story()
    story.drop(spec={**SPEC, "smoke": [only]})
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    (finding,) = verdict.findings
    assert (finding.code, "challenger" in finding.message) == ("SMOKE_UNMET", True)


def test_a_variant_without_weight_is_met_by_its_smoke_all_the_same() -> None:
    story = a_first_release({**SPEC, "variants": [CHAMPION, {"name": "challenger", "weight": 0}]})
    (config,) = story.tools.hosting.requests("create_config")
    assert [each["InitialVariantWeight"] for each in config["ProductionVariants"]] == [9, 0]
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert sent_to(story) == {"champion", "challenger"}


def test_models_of_a_function_that_died_between_them_are_removed() -> None:
    story = Story()
    story.drop(spec=SPEC)
    story.through(Phase.CREATE_MODEL)
    record = story.release.phases[Phase.CREATE_MODEL]
    died = replace(record, answer=None, facts={}, ended_at="")
    story.tools.ledger.write(story.release, died)
    story.tools.hosting.models.popitem()
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.REJECTED
    assert story.tools.hosting.models == {}
