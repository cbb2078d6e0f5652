"""The live model is asked before the update and the new one when it has all traffic; their answers are compared."""

import json
from typing import Any

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from tests.fakes.tools import BUCKET, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

CASE = {**SMOKE, "expect": {}}


def answering(score: float, latency_ms: float = 10.0) -> Any:
    return lambda _: Reply(200, json.dumps({"score": score}).encode(), "application/json", latency_ms=latency_ms)


def updated(regression: dict[str, Any], live: Any = None, capture: dict[str, bytes] | None = None) -> Story:
    """Release version 2 over a live version 1 up to Create the Config; the live model answers 0.5 meanwhile."""
    first = a_live_endpoint(spec={"smoke": [CASE]})
    for name, content in (capture or {}).items():
        first.tools.artifacts.drop(BUCKET, f"captured/churn/main/{name}", content)
    story = Story(first.tools, "execution-2")
    story.tools.clock.advance(60)
    story.tools.hosting.answer = live or answering(0.5)
    story.drop(version="2", spec={"smoke": [CASE], "regression": regression}, body=archive(model_joblib="v2"))
    story.through(Phase.CREATE_CONFIG)
    return story


def smoked(story: Story, new: Any) -> Verdict:
    """Go on to the smoke, at which the new model answers."""
    story.step(Phase.CREATE_ENDPOINT)
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = new
    verdict = story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert verdict is not None
    return verdict


def codes(story: Story, phase: Phase) -> list[str]:
    return [finding.code for finding in story.release.phases[phase].findings]


def captured(*bodies: str) -> bytes:
    return b"".join(
        json.dumps(
            {
                "captureData": {"endpointInput": {"observedContentType": "text/csv", "data": body, "encoding": "CSV"}},
                "eventMetadata": {"eventId": body},
            }
        ).encode()
        + b"\n"
        for body in bodies
    )


def test_a_new_model_that_answers_as_the_live_one_passes() -> None:
    verdict = smoked(updated({"inputs": "smoke"}), answering(0.5))
    assert verdict.answer is Answer.PASSED
    assert verdict.reason.endswith("0 of 1 answers differ from the live model's")
    assert verdict.facts["regression"]["compared"] == 1


def test_a_new_model_that_answers_otherwise_fails_though_its_smoke_passed() -> None:
    verdict = smoked(updated({"inputs": "smoke"}), answering(0.7))
    assert verdict.answer is Answer.FAILED
    assert "compared with the live model: 1 of 1 answers differ" in verdict.reason
    assert "$.score is 0.7 instead of 0.5" in verdict.reason
    assert verdict.facts["cases"][0]["answer"] == "passed"


def test_a_new_model_that_is_too_slow_against_the_live_one_fails() -> None:
    verdict = smoked(updated({"inputs": "smoke", "latency_factor": 3}), answering(0.5, latency_ms=31))
    assert [finding.code for finding in verdict.findings] == ["REGRESSION_SLOWER"]


def test_the_latest_captured_requests_are_sent_to_both_each_once() -> None:
    hours = {"2026/01/05/10/00-00.jsonl": captured("1", "2"), "2026/01/05/11/30-00.jsonl": captured("3", "3", "4")}
    story = updated({"inputs": "captured", "sample": 3}, capture=hours)
    live = [asked.body for name, asked in story.tools.hosting.calls if name == "invoke"]
    assert live[-9:] == [b"4"] * 3 + [b"3"] * 3 + [b"2"] * 3, "a warm-up and two answers of each"
    verdict = smoked(story, answering(0.5))
    assert verdict.facts["regression"]["compared"] == 3


def test_nothing_captured_is_told_and_refused_only_where_the_spec_says_so() -> None:
    story = updated({"inputs": "captured"})
    assert (story.answer(Phase.CREATE_CONFIG), codes(story, Phase.CREATE_CONFIG)) == (
        Answer.CREATED,
        ["REGRESSION_NO_DATA"],
    )
    assert smoked(story, answering(0.9)).answer is Answer.PASSED
    strict = updated({"inputs": "captured", "no_data": "fail"})
    assert strict.answer(Phase.CREATE_CONFIG) is Answer.REFUSED
    assert strict.tools.hosting.endpoints["churn"]["EndpointStatus"] == "InService"


def test_the_first_release_of_an_endpoint_has_nothing_to_compare_and_is_released() -> None:
    story = Story()
    story.start(spec={"smoke": [SMOKE], "regression": {"inputs": "smoke", "no_data": "fail"}})
    assert codes(story, Phase.CREATE_CONFIG) == ["REGRESSION_FIRST"]
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.answer(Phase.PROMOTE_RELEASE) is Answer.LIVE


def test_what_the_live_model_answers_differently_each_time_is_left_out_and_told() -> None:
    scores = iter([0.1 * index for index in range(20)])

    def drawn(_: Invocation) -> Reply:
        return answering(next(scores))(_)

    story = updated({"inputs": "smoke"}, live=drawn)
    assert codes(story, Phase.CREATE_CONFIG) == ["REGRESSION_UNSTABLE", "REGRESSION_NO_DATA"]


def test_without_the_section_nobody_is_asked_before_the_update() -> None:
    story = updated({})
    before = [name for name, _ in story.tools.hosting.calls].count("invoke")
    assert before == 1 + 3, "the smoke of the first release"


@pytest.mark.parametrize("error", ["ServiceUnavailable", "ReadTimeoutError"])
def test_a_service_that_does_not_answer_leaves_the_comparison_open(error: str) -> None:
    answers = iter([answering(0.5)(None)] * 4)
    silent = Reply(0, error=error)
    verdict = smoked(updated({"inputs": "smoke"}), lambda _: next(answers, silent))
    assert (verdict.answer, verdict.findings[-1].code) == (Answer.INCONCLUSIVE, "REGRESSION_NOT_ANSWERED")
