"""A model without instances on its way: no guardrails, judged while it serves, and back without an old fleet."""

from typing import Any

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

SERVERLESS = {"serverless": {"memory_mb": 2048, "max_concurrency": 5}, "network_isolation": False}
SPEC: dict[str, Any] = {"serve": SERVERLESS, "smoke": [SMOKE]}
PLAIN: dict[str, Any] = {"smoke": [SMOKE]}
WATCHED = {**SPEC, "watch": {"seconds": 300}}
ANOTHER = archive(model_joblib="v2")


def an_update(spec: dict[str, Any] = WATCHED, before: dict[str, Any] = SPEC) -> Story:
    """A live endpoint, serverless unless said otherwise, and the next release as far as the call that updates it."""
    story = Story(a_live_endpoint(spec=before).tools, "execution-2")
    story.tools.clock.advance(60)
    story.start(version="2", spec=spec, body=ANOTHER)
    return story


def answer_wrongly(_: Invocation) -> Reply:
    return Reply(200, b'{"ok": false}', "application/json", "main", latency_ms=5.0, request_id="r")


def test_its_config_has_no_instances_and_none_of_their_timeouts() -> None:
    story = a_live_endpoint(spec=SPEC)
    (request,) = story.tools.hosting.requests("create_config")
    (variant,) = request["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert variant.keys() == {"VariantName", "ModelName", "InitialVariantWeight", "ServerlessConfig"}


def test_an_update_goes_without_guardrails_and_is_judged_when_it_serves() -> None:
    story = an_update()
    (request,) = story.tools.hosting.requests("update_endpoint")
    assert request.keys() == {"EndpointName", "EndpointConfigName"}
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    assert story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.IN_SERVICE
    assert story.release.fact(Phase.WAIT_FOR_IN_SERVICE, "watch_rounds") > 0
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    assert story.answer(Phase.RUN_SMOKE_INVOCATIONS) is Answer.PASSED


def test_an_update_says_that_nothing_guards_it() -> None:
    story = an_update()
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert (finding.code, finding.where) == ("SERVERLESS_UNGUARDED", "serve.serverless")


def test_its_alarms_read_the_metrics_of_the_endpoint_since_there_is_one_fleet() -> None:
    story = an_update()
    names = story.release.fact(Phase.CREATE_CONFIG, "alarms")
    assert names
    told = str([story.tools.alarms.requests[name] for name in names if "veto" not in name])
    assert "VariantName" in told
    assert "EndpointConfigName" not in told


def test_a_wrong_answer_takes_it_back_without_guardrails_too() -> None:
    story = an_update()
    live = story.tools.ledger.live("churn")
    assert live is not None
    story.tools.hosting.settle("churn")
    story.tools.hosting.answer = answer_wrongly
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.ROLL_BACK_RELEASE):
        story.step(phase)
    back = story.tools.hosting.requests("update_endpoint")[-1]
    assert back == {"EndpointName": "churn", "EndpointConfigName": live.config}
    story.tools.hosting.settle("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    assert story.release.outcome is Outcome.ROLLED_BACK


def test_what_the_model_before_answered_counts_neither_against_it_nor_for_it() -> None:
    story = an_update()
    alarms, dimensions = story.tools.alarms, {"EndpointName": "churn", "VariantName": "main"}
    (name, *_) = [name for name in story.release.fact(Phase.CREATE_CONFIG, "alarms") if name.endswith("5xx")]
    alarms.ring(name, "5xx of the model before")
    alarms.publish("AWS/SageMaker", "Invocations", dimensions, 50)
    story.tools.clock.advance(60)
    alarms.set_state(name, "OK", "it is over")
    story.tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS):
        story.step(phase)
    assert story.step(Phase.WATCH_ALARMS) is None
    story.step(Phase.WATCH_ALARMS, round=100)
    assert story.release.fact(Phase.WATCH_ALARMS, "requests") == 0


def test_an_alarm_that_rings_on_once_it_serves_counts() -> None:
    story = an_update()
    (name, *_) = [name for name in story.release.fact(Phase.CREATE_CONFIG, "alarms") if name.endswith("5xx")]
    story.tools.hosting.settle("churn")
    for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS):
        story.step(phase)
    story.tools.alarms.ring(name)
    assert story.step(Phase.WATCH_ALARMS).answer is Answer.RINGING  # type: ignore[union-attr]


def test_a_watch_that_no_alarm_could_ring_in_is_refused() -> None:
    story = an_update({**SPEC, "watch": {"seconds": 60}})
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.REFUSED


@pytest.mark.parametrize(("before", "after"), [(PLAIN, SPEC), (SPEC, PLAIN)])
def test_instances_do_not_become_serverless_nor_the_other_way_round(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    story = an_update(after, before)
    findings = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert [finding.code for finding in findings] == ["VARIANT_OTHER_KIND"]


def test_what_is_told_of_it_speaks_of_no_instances() -> None:
    story = an_update()
    told = str(story.tools.announcer.announced)
    assert "up to 5 serverless containers of 2048 MB" in told
    assert "instance-hours" not in told
