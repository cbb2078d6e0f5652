"""The rules of the machine's file, state by state: nothing here runs it."""

import re
from pathlib import Path
from typing import Any

import pytest

from slipway.errors import UnavailableError
from slipway.release.phases import STATES, Phase
from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.asl import PATH, State, all_ways, function_of, is_waiting, machine, states, words

FUNCTIONS = Path(__file__).parents[2] / "functions"
TASKS = states("Task").items()
CHOICES = states("Choice").items()
WAITS = [(name, state) for name, state in TASKS if is_waiting(state)]
LAMBDA_ERRORS = {
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
LONGER = ("Roll Back the Release", "Close the Release")
"""Tasks that are tried longer whatever goes wrong: without them an endpoint or a turn stays as it is."""
SHARED = {
    Phase.WAIT_FOR_IN_SERVICE: "wait_for_endpoint",
    Phase.WAIT_FOR_ROLLBACK: "wait_for_endpoint",
    Phase.WAIT_FOR_FINAL_APPROVAL: "wait_for_approval",
}
"""Phases that share a function with another."""
TO_THE_DEFAULT = {
    Answer.REFUSED,
    Answer.SUPERSEDED,
    Answer.UNCHANGED,
    Answer.CREATED,
    Answer.STUCK,
    Answer.INCONCLUSIVE,
    Answer.RINGING,
    Answer.NO_DATA,
    Answer.VETOED,
    Answer.NOT_LIVE,
    Answer.NOTHING_TO_UNDO,
    Answer.FORWARD_ONLY,
    Answer.IMPOSSIBLE,
    Answer.CLOSED,
}
"""Answers that no rule names: they take the cautious branch, or the only way there is."""


def used() -> set[str]:
    """Give every answer that some rule names."""
    return {word for _, choice in CHOICES for rule in choice["Choices"] for word in words(rule["Condition"])}


def test_the_machine_speaks_jsonata_and_ends_some_day() -> None:
    assert machine()["QueryLanguage"] == "JSONata"
    assert machine()["TimeoutSeconds"] == 432_000


@pytest.mark.parametrize(("name", "state"), states().items())
def test_a_state_says_what_it_is_for(name: str, state: State) -> None:
    assert state["Comment"].endswith(".")
    assert 40 < len(state["Comment"]) < 200


def test_every_way_leads_to_a_state_and_every_state_is_reached() -> None:
    ends = {way.end for way in all_ways()}

    assert ends | {machine()["StartAt"]} == set(states())


def test_the_machine_runs_the_phases_of_the_domain() -> None:
    assert {name for name, _ in TASKS} == set(STATES.values())


@pytest.mark.parametrize("phase", list(Phase))
def test_a_state_its_phase_and_its_function_have_one_name(phase: Phase) -> None:
    folder = SHARED.get(phase, phase.value)
    words_of_state = [word.lower() for word in phase.state.replace("InService", "In Service").split()]

    assert function_of(states()[phase.state]) == folder
    assert (FUNCTIONS / folder / "app.py").is_file()
    assert [word for word in words_of_state if word not in ("a", "the")] == phase.value.split("_")


def test_substitutions_are_function_arns_inside_strings() -> None:
    found = re.findall(r"(.)\$\{(\w+)\}(.)", PATH.read_text("utf-8"))

    assert len(found) == len(TASKS)
    assert all(before == after == '"' and name.endswith("FunctionArn") for before, name, after in found)


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_task_is_bounded_in_time(name: str, state: State) -> None:
    seconds = state["TimeoutSeconds"]

    assert re.fullmatch(r"\{% \$\w+_seconds %\}", seconds) if isinstance(seconds, str) else 1 <= seconds <= 960


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_task_retries_what_passes_by_itself_with_full_jitter(name: str, state: State) -> None:
    """Lambda's own errors, and those of a service that throttles, fails or is not reached, by the class they have."""
    first = state["Retry"][0]

    assert set(first["ErrorEquals"]) == LAMBDA_ERRORS | {UnavailableError.__name__}
    assert (first["IntervalSeconds"], first["BackoffRate"]) == (2, 2)
    assert first["MaxAttempts"] == (12 if name in LONGER else 6)
    assert all(retrier["JitterStrategy"] == "FULL" and retrier["MaxDelaySeconds"] == 60 for retrier in state["Retry"])


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_task_never_retries_a_timeout(name: str, state: State) -> None:
    retried = {error for retrier in state["Retry"] for error in retrier["ErrorEquals"]}

    assert not retried & {"States.Timeout", "States.ALL"}


def test_only_the_way_back_and_the_close_try_longer_whatever_the_error() -> None:
    longer = {
        name for name, state in TASKS if any("States.TaskFailed" in each["ErrorEquals"] for each in state["Retry"])
    }

    assert longer == {"Veto the Deployment", "Roll Back the Release", "Close the Release"}


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_a_task_catches_everything_last(name: str, state: State) -> None:
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert state["Catch"][-1]["Assign"].keys() & {"trouble", "reason"}


@pytest.mark.parametrize(("name", "state"), WAITS)
def test_a_wait_catches_its_timeout_first_into_a_choice(name: str, state: State) -> None:
    first = state["Catch"][0]

    assert first["ErrorEquals"] == ["States.Timeout"]
    assert states()[first["Next"]]["Type"] == "Choice"
    assert first["Assign"] == {"waited": "{% $waited + 1 %}"}


@pytest.mark.parametrize(("name", "state"), TASKS)
def test_only_a_wait_hands_over_a_token(name: str, state: State) -> None:
    assert ("token" in state["Arguments"]["Payload"]) is is_waiting(state)
    assert state["Resource"].startswith("arn:aws:states:::lambda:invoke")


@pytest.mark.parametrize(("name", "state"), CHOICES)
def test_a_choice_is_a_question_with_a_default(name: str, state: State) -> None:
    assert name.endswith("?")
    assert state["Default"] in states()


def test_only_choices_are_questions() -> None:
    assert {name for name in states() if name.endswith("?")} == {name for name, _ in CHOICES}


@pytest.mark.parametrize(("name", "state"), CHOICES)
def test_a_choice_assigns_in_its_rules_only(name: str, state: State) -> None:
    """AWS's pages and the language's specification do not agree on what an Assign beside Choices does."""
    assert not state.keys() & {"Assign", "Output"}


@pytest.mark.parametrize(("name", "state"), CHOICES)
def test_a_final_answer_comes_before_look_again(name: str, state: State) -> None:
    rules = [words(rule["Condition"]) for rule in state["Choices"]]
    looks = [index for index, found in enumerate(rules) if "look" in found]

    assert all(found in ([], ["look"]) for found in rules[looks[0] :]) if looks else True


@pytest.mark.parametrize(("name", "state"), CHOICES)
def test_looking_again_is_bounded(name: str, state: State) -> None:
    for rule in state["Choices"]:
        if is_waiting(states()[rule["Next"]]) and "look" in words(rule["Condition"]):
            assert "$looks < 100" in rule["Condition"]
            assert rule["Assign"] == {"looks": "{% $looks + 1 %}"}


def test_every_answer_of_a_rule_is_a_word_of_the_domain_and_no_word_is_forgotten() -> None:
    answers = {answer.value for answer in Answer}

    assert used() <= answers
    assert answers - used() == {answer.value for answer in TO_THE_DEFAULT}


def test_every_outcome_has_its_end() -> None:
    rules: list[dict[str, Any]] = states()["How Did It End?"]["Choices"]
    ends = {re.findall(r"'(\w+)'", rule["Condition"])[0]: rule["Next"] for rule in rules}
    ends[Outcome.NEEDS_HUMAN] = states()["How Did It End?"]["Default"]

    assert set(ends) == {outcome.value for outcome in Outcome}
    assert {states()[end]["Type"] for word, end in ends.items() if Outcome(word).is_success} == {"Succeed"}
    assert {word: states()[end]["Error"] for word, end in ends.items() if states()[end]["Type"] == "Fail"} == {
        outcome.value: outcome.value for outcome in Outcome if not outcome.is_success
    }


@pytest.mark.parametrize(("name", "state"), states("Fail").items())
def test_a_failure_carries_the_reason(name: str, state: State) -> None:
    assert state["Cause"] == "{% $reason %}"


@pytest.mark.parametrize(("name", "state"), states("Succeed").items())
def test_a_success_hands_on_what_it_was_given(name: str, state: State) -> None:
    """MiniStack does not evaluate the Output of a Succeed, so the state before it gives the output."""
    assert set(state) == {"Type", "Comment"}
