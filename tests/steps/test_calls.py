"""How many calls a release makes to SageMaker's control plane, however long it takes."""

from typing import Any

import pytest

from slipway.exchanges import Reply
from slipway.release.naming import config_name
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from slipway.steps.wake import wake
from tests.fakes.tools import archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

WAITS = (Phase.WAIT_FOR_IN_SERVICE, Phase.WATCH_ALARMS)


class Machine:
    """Takes a release through its waits as the machine does: a timeout a round, a signal by an event."""

    def __init__(self, story: Story) -> None:
        self.story, self.at, self.rounds, self.looks = story, Phase.WAIT_FOR_IN_SERVICE, 0, 0
        self.step()

    def step(self, heard: str = "") -> None:
        """Enter the wait; an answer leads on."""
        verdict = self.story.step(self.at, round=self.rounds, looks=self.looks, heard=heard)
        if verdict is not None and verdict.answer in (Answer.IN_SERVICE, Answer.BAKING):
            self.story.step(Phase.RUN_SMOKE_INVOCATIONS)
            self.at, self.rounds, self.looks = Phase.WATCH_ALARMS, 0, 0
            self.step()

    def wait(self, seconds: int) -> None:
        """Let time pass in which nobody tells anything."""
        phase = Phase.CREATE_ENDPOINT if self.at is WAITS[0] else WAITS[0]
        key = "wait_seconds" if self.at is WAITS[0] else "watch_seconds"
        for _ in range(seconds // self.story.release.fact(phase, key)):
            self.rounds += 1
            self.step()

    def hear(self, status: str = "UPDATING", **told: Any) -> None:
        """Let an event come."""
        detail = {"EndpointName": "churn", "EndpointStatus": status, **told}
        before = len(self.story.tools.executions.signals)
        wake({"detail": detail}, self.story.tools)
        for _, signal in self.story.tools.executions.signals[before:]:
            self.looks += 1
            self.step(signal["heard"])

    def bake(self, capacity: str) -> None:
        """Let the new fleet bake, and SageMaker tell of it."""
        self.story.tools.hosting.bake("churn", capacity)
        pending = self.story.tools.hosting.endpoints["churn"]["PendingDeploymentSummary"]
        self.hear(PendingDeploymentSummary=pending)

    def settle(self) -> None:
        """Let the endpoint get there, and SageMaker tell of it."""
        self.story.tools.hosting.settle("churn")
        self.hear("IN_SERVICE")

    def calls(self) -> int:
        """End the release; count what it asked of the control plane since it was dropped."""
        assert self.story.answer(Phase.WATCH_ALARMS) is Answer.QUIET
        self.story.step(Phase.PROMOTE_RELEASE)
        self.story.step(Phase.CLOSE_RELEASE)
        assert self.story.release.outcome is Outcome.LIVE
        return len([name for name, _ in self.story.tools.hosting.calls if name != "invoke"])


def an_update(rollout: dict[str, Any], instances: int = 10) -> Machine:
    spec = {"smoke": [SMOKE], "serve": {"instance_count": instances}, "rollout": rollout}
    first = a_live_endpoint(spec=spec)
    first.tools.hosting.calls.clear()
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec=spec, body=archive(model_joblib="v2"))
    machine = Machine(story)
    machine.hear()
    machine.hear(PendingDeploymentSummary={"EndpointConfigName": config_name("churn", story.release_id)})
    return machine


def a_first_release(seconds: int) -> int:
    story = Story()
    story.start(spec={"smoke": [SMOKE]})
    machine = Machine(story)
    machine.hear("CREATING")
    machine.wait(seconds)
    machine.settle()
    return machine.calls()


@pytest.mark.parametrize(("minutes", "calls"), [(1, 8), (9, 8), (19, 9), (39, 10), (54, 11)])
def test_a_first_release_makes_eight_calls_and_one_for_each_doubling_beyond_ten_minutes(
    minutes: int, calls: int
) -> None:
    assert a_first_release(minutes * 60) <= calls


@pytest.mark.parametrize(("minutes", "calls"), [(1, 10), (3, 10), (7, 11), (14, 12), (29, 13), (57, 14)])
def test_a_guarded_update_makes_ten_calls_and_one_for_each_doubling_beyond_its_bake(minutes: int, calls: int) -> None:
    machine = an_update({})
    machine.wait(minutes * 60)
    machine.bake("full")
    machine.wait(300)
    machine.settle()
    assert machine.calls() <= calls


def test_an_hour_of_small_steps_makes_no_more_calls_than_one_step() -> None:
    machine = an_update({"strategy": "linear", "step_percent": 10, "wait_seconds": 300})
    machine.wait(360)
    for _ in range(9):
        machine.bake("canary")
        machine.wait(300)
    machine.bake("full")
    machine.wait(300)
    machine.settle()
    assert machine.calls() <= 12


def test_every_step_is_probed_whether_or_not_it_is_looked_at() -> None:
    machine = an_update({"strategy": "linear", "step_percent": 10, "wait_seconds": 300})
    hosting = machine.story.tools.hosting
    for _ in range(3):
        before = len(hosting.requests("invoke"))
        machine.bake("canary")
        machine.wait(75)
        assert len(hosting.requests("invoke")) > before + 1


@pytest.mark.parametrize("minutes", range(8))
def test_a_bake_that_nobody_tells_of_is_seen_before_it_is_over(minutes: int) -> None:
    machine = an_update({})
    machine.wait(minutes * 60)
    machine.story.tools.hosting.bake("churn")
    machine.wait(300)
    assert machine.at is Phase.WATCH_ALARMS


def test_a_fleet_that_comes_up_as_its_deadline_ends_is_seen_although_nobody_tells() -> None:
    story = Story()
    story.start(spec={"smoke": [SMOKE]})
    machine = Machine(story)
    rounds = story.release.fact(Phase.CREATE_ENDPOINT, "rounds")
    machine.wait(300 * (rounds - 2))
    story.tools.hosting.settle("churn")
    machine.wait(300)
    assert machine.at is Phase.WATCH_ALARMS


def test_a_probe_that_fails_in_a_silence_is_a_reason_to_look() -> None:
    machine = an_update({"strategy": "canary"})
    machine.bake("canary")
    machine.story.tools.hosting.answer = lambda _: Reply(500, error="ModelError", message="broken")
    machine.wait(75)
    assert machine.story.answer(Phase.WAIT_FOR_IN_SERVICE) is Answer.FAILED
