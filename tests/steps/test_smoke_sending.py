"""The smoke is sent as the spec says: warmed up, to every instance, so many at once, every field of the request set."""

from threading import Barrier
from typing import Any

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from tests.fakes.hosting import GOOD
from tests.steps.stories import SMOKE, Story


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


def test_a_case_is_sent_three_times_to_each_instance_after_one_warm_up() -> None:
    story, verdict = smoked({}, instances=2)
    assert verdict is not None
    assert len(sent(story)) == 1 + 3 * 2
    assert verdict.facts["cases"][0]["requests"] == 6


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
        "target_model": "a.tar.gz",
        "target_container": "first",
        "inference_id": "mine",
        "session_id": "NEW_SESSION",
        "enable_explanations": "`true`",
    }
    story, _ = smoked(fields)
    assert {name: getattr(sent(story)[0], name) for name in fields} == fields


def test_without_an_inference_id_the_release_names_its_requests() -> None:
    story, _ = smoked({})
    assert {asked.inference_id for asked in sent(story)} == {story.release_id}


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
