"""The smoke is sent as the spec says: warmed up, to every instance, so many at once, every field of the request set."""

from datetime import timedelta
from threading import Barrier
from typing import Any

from slipway.exchanges import Invocation, Reply
from slipway.judging.smoke_requests import enough_to_meet
from slipway.release.phases import Phase
from slipway.release.smoke_spec import SmokeCase
from slipway.release.verdicts import Answer, Verdict
from slipway.steps.invoking import invocation_of
from tests.fakes.hosting import GOOD
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

GROUP = "/aws/sagemaker/Endpoints/churn"


def smoked(case: dict[str, Any], answer: Any = None, instances: int = 1) -> tuple[Story, Verdict | None]:
    """Release `churn` with one case until its smoke is answered."""
    story = Story()
    story.start(spec={"serve": {"instance_count": instances}, "smoke": [{**SMOKE, **case}]})
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = answer or story.tools.hosting.answer
    return story, story.step(Phase.RUN_SMOKE_INVOCATIONS)


def sent(story: Story) -> list[Invocation]:
    return [asked for operation, asked in story.tools.hosting.calls if operation == "invoke"]


def test_a_case_is_sent_three_times_after_one_warm_up() -> None:
    story, verdict = smoked({})
    assert verdict is not None
    assert len(sent(story)) == 1 + 3
    assert verdict.facts["cases"][0]["requests"] == 3


def test_several_instances_are_met_by_so_many_requests_that_missing_one_is_unlikely() -> None:
    story, _ = smoked({}, instances=2)
    assert len(sent(story)) == 1 + enough_to_meet(2)
    assert enough_to_meet(2) > 3 * 2


def test_the_instances_that_a_scaled_fleet_really_has_are_met() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    first.tools.hosting.endpoints["churn"]["ProductionVariants"][0]["DesiredInstanceCount"] = 3
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    before = len(sent(story))
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert len(sent(story)) - before == 1 + enough_to_meet(3)


def test_warm_up_and_repeats_are_the_users_choice_and_the_warm_up_is_not_judged() -> None:
    answers = [Reply(500, error="ModelError")] * 2 + [GOOD] * 5
    story, verdict = smoked({"warm_up": 2, "repeats": 5}, lambda _: answers.pop(0))
    assert verdict is not None
    assert (verdict.answer, len(sent(story))) == (Answer.PASSED, 7)


def test_requests_are_on_their_way_at_once() -> None:
    together = Barrier(4, timeout=5)

    def answer(_: Invocation) -> Reply:
        together.wait()
        return GOOD

    _, verdict = smoked({"warm_up": 0, "repeats": 4, "concurrency": 4}, answer)
    assert verdict is not None
    assert verdict.answer is Answer.PASSED


def test_every_field_of_a_case_is_in_the_request() -> None:
    fields = {
        "custom_attributes": "trace=1",
        "target_variant": "main",
        "inference_id": "mine",
        "session_id": "NEW_SESSION",
        "enable_explanations": "`true`",
    }
    story, _ = smoked(fields)
    assert {name: getattr(sent(story)[0], name) for name in fields} == fields
    targets = {"target_model": "a.tar.gz", "target_container": "first"}
    asked = invocation_of("churn", SmokeCase(name="aimed", json=[], **targets), "release")  # type: ignore[arg-type]
    assert {name: getattr(asked, name) for name in targets} == targets


def test_without_an_inference_id_the_release_names_its_requests() -> None:
    story, _ = smoked({})
    assert {asked.inference_id for asked in sent(story)} == {story.release_id}


def test_an_error_of_the_service_is_asked_again_as_often_as_its_kind_allows_with_growing_pauses() -> None:
    story, verdict = smoked({"warm_up": 0, "repeats": 1}, lambda _: Reply(0, error="InternalDependencyException"))
    assert verdict is not None
    assert verdict.answer is Answer.INCONCLUSIVE
    assert len(sent(story)) == 1 + 3
    assert story.tools.clock.slept == [1.0, 2.0, 4.0]


def test_a_model_that_still_loads_is_waited_for() -> None:
    answers = [Reply(0, error="ModelNotReadyException")] * 7 + [GOOD] * 2
    _, verdict = smoked({"repeats": 1}, lambda _: answers.pop(0))
    assert verdict is not None
    assert verdict.answer is Answer.PASSED


def test_an_endpoint_that_is_gone_judges_no_model() -> None:
    gone = Reply(0, error="ValidationError", message="Endpoint churn of account 1 not found.")
    _, verdict = smoked({"warm_up": 0}, lambda _: gone)
    assert verdict is not None
    assert (verdict.answer, verdict.findings[0].code) == (Answer.INCONCLUSIVE, "SMOKE_NO_ENDPOINT")


def test_what_was_not_asked_in_time_leaves_the_smoke_open() -> None:
    story = Story()

    def slowly(_: Invocation) -> Reply:
        story.tools.clock.advance(59)
        return GOOD

    story.start(spec={"smoke": [{**SMOKE, "repeats": 50, "warm_up": 0}]})
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = slowly
    verdict = story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert verdict is not None
    assert (verdict.answer, verdict.findings[0].code) == (Answer.INCONCLUSIVE, "SMOKE_OUT_OF_TIME")
    assert len(sent(story)) == 9


def test_a_failed_case_shows_what_the_container_wrote_around_its_request() -> None:
    story = Story()
    boom = Reply(500, error="ModelError", message="Received server error", latency_ms=500, log_stream=f"arn:{GROUP}")

    def crash(_: Invocation) -> Reply:
        now = story.tools.clock.now()
        story.tools.logs.write(GROUP, now - timedelta(seconds=60), "long before")
        story.tools.logs.write(GROUP, now, "GET /ping 200")
        story.tools.logs.write(GROUP, now, "KeyError: \x1b[31m'rows'\n")
        story.tools.logs.write(GROUP.replace("churn", "other"), now, "another endpoint's")
        return boom

    story.start(spec={"smoke": [{**SMOKE, "repeats": 1, "warm_up": 0}]})
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.tools.hosting.answer = crash
    verdict = story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert verdict is not None
    assert verdict.facts["cases"][0]["log"] == ["KeyError:  [31m'rows'"]
    assert "The container wrote: KeyError:  [31m'rows'." in verdict.findings[0].message


def test_a_smoke_that_passes_reads_no_logs_and_one_without_lines_fails_all_the_same() -> None:
    story, _ = smoked({})
    assert story.tools.logs.asked == []
    story, verdict = smoked({}, lambda _: Reply(500, error="ModelError"))
    assert verdict is not None
    assert (verdict.answer, story.tools.logs.asked) == (Answer.FAILED, [GROUP])
    assert "log" not in verdict.facts["cases"][0]


def test_a_line_that_cloudwatch_shows_late_is_read_when_the_release_is_closed_and_holds_no_rollback_up() -> None:
    story, verdict = smoked({}, lambda _: Reply(500, error="ModelError", latency_ms=500))
    before = story.release.phases[Phase.RUN_SMOKE_INVOCATIONS]
    assert verdict is not None
    assert "The container wrote" not in verdict.findings[0].message
    story.tools.logs.write(GROUP, story.tools.clock.now(), "KeyError: 'rows'")
    story.tools.clock.advance(120)
    story.step(Phase.CLOSE_RELEASE)
    smoke = story.release.phases[Phase.RUN_SMOKE_INVOCATIONS]
    assert "The container wrote: KeyError: 'rows'." in smoke.findings[0].message
    assert smoke.facts["cases"][0]["log"] == ["KeyError: 'rows'"]
    assert (smoke.ended_at, smoke.answer, smoke.reason) == (before.ended_at, before.answer, before.reason)
    asked = len(story.tools.logs.asked)
    story.step(Phase.CLOSE_RELEASE)
    assert len(story.tools.logs.asked) == asked


def test_a_failed_case_shows_the_request_the_status_the_message_the_log_and_the_difference() -> None:
    boom = Reply(500, error="ModelError", message="Received server error", request_id="r-7", log_stream="churn/i-1")
    wrong = Reply(200, b'{"ok": false}', "application/json", request_id="r-8")
    answers = [boom, wrong, wrong]
    _, verdict = smoked({"warm_up": 0}, lambda _: answers.pop(0))
    assert verdict is not None
    told = [str(finding) for finding in verdict.findings]
    assert verdict.answer is Answer.FAILED
    assert "got status 500: 'Received server error' (request r-7)" in told[0]
    assert "Read the container's log churn/i-1." in told[0]
    assert "$.ok is false instead of true (request r-8)" in told[1]
