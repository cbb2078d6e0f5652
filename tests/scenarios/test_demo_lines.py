"""One scenario a line of the demo, on the whole local cloud."""

from collections.abc import Iterator

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.scenarios.person import Person

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


@pytest.fixture
def endpoint(person: Person, request: pytest.FixtureRequest) -> Iterator[str]:
    """An endpoint of the test's own, where version 1 is live."""
    name = f"e-{abs(hash(request.node.name)) % 10**8}"
    assert person.release_of(person.drop("good", name, "1")).outcome is Outcome.LIVE
    yield name


def test_a_bare_drop_is_live_and_answers_a_plain_client(person: Person) -> None:
    release = person.release_of(person.drop("good", "bare", "1", with_spec=False))
    assert (release.outcome, release.spec_source) == (Outcome.LIVE, "stack defaults")
    answer = person.ask("bare", person.traffic("good")["requests"][0])
    assert answer
    assert person.serving("bare") == person.live("bare").config


def test_a_better_model_goes_live_and_no_request_is_lost(person: Person, endpoint: str) -> None:
    before = person.live(endpoint)
    with person.asking(endpoint, "good") as answers:
        release = person.release_of(person.drop("better", endpoint, "2"))
    assert release.outcome is Outcome.LIVE, release.reason
    assert set(answers) == {"answered"}
    assert answers["answered"] > 50
    assert person.serving(endpoint) == person.live(endpoint).config != before.config
    assert release.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.BAKING


def test_a_model_that_answers_wrongly_is_vetoed_in_its_bake(person: Person, endpoint: str) -> None:
    before = person.live(endpoint)
    with person.asking(endpoint, "good") as answers:
        release = person.release_of(person.drop("wrong-answers", endpoint, "3"))
    assert release.outcome is Outcome.ROLLED_BACK
    assert release.answer(Phase.RUN_SMOKE_INVOCATIONS) is Answer.FAILED
    assert release.answer(Phase.VETO_DEPLOYMENT) is Answer.VETOED
    assert set(answers) == {"answered"}
    assert person.serving(endpoint) == before.config
    assert person.live(endpoint) == before


def test_a_model_that_fails_under_traffic_is_put_back_by_its_alarm(person: Person, endpoint: str) -> None:
    before = person.live(endpoint)
    with person.asking(endpoint, "failing-under-traffic") as answers:
        release = person.release_of(person.drop("failing-under-traffic", endpoint, "4"))
    assert release.outcome is Outcome.ROLLED_BACK
    # Its traffic may trip the alarm while the smoke still runs, or before it began.
    assert release.answer(Phase.RUN_SMOKE_INVOCATIONS) in (Answer.PASSED, Answer.ROLLED_BACK, None), release.reason
    assert "5xx" in release.reason
    assert answers["ModelError"] > 0
    assert person.serving(endpoint) == before.config


def test_what_is_not_an_archive_is_rejected_before_any_call_of_sagemaker(person: Person) -> None:
    release = person.release_of(person.drop("not-an-archive", "never-made", "5"))
    assert release.outcome is Outcome.REJECTED
    assert release.phases[Phase.VERIFY_ARTIFACT].findings
    assert Phase.CREATE_MODEL not in release.phases
    names = [found["EndpointName"] for found in person.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]]
    assert "never-made" not in names


def test_a_first_ever_model_that_crashes_leaves_nothing_behind(person: Person) -> None:
    release = person.release_of(person.drop("crashing", "first-crash", "1"))
    assert release.outcome is Outcome.ROLLED_BACK
    assert "ping health check" in release.reason
    names = [found["EndpointName"] for found in person.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]]
    assert "first-crash" not in names
    configs = person.sagemaker.list_endpoint_configs(NameContains="first-crash")["EndpointConfigs"]
    models = person.sagemaker.list_models(NameContains="first-crash")["Models"]
    assert (configs, models) == ([], [])


def test_a_closed_release_leaves_no_alarm(person: Person, endpoint: str) -> None:
    alarms = person.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"slipway-{endpoint}")
    assert alarms["MetricAlarms"] == []
