"""The real machine over the real steps, on a world in memory that moves while they wait and breaks where it is told."""

from collections.abc import Callable
from typing import Any

from slipway.ledger import Ledger
from slipway.release.phases import Phase, phase_of
from slipway.release.verdicts import Verdict
from slipway.step import run
from slipway.steps.janitor import recover_the_dead
from slipway.steps.read_release import read_release
from slipway.steps.work import Request, Work
from tests.fakes.tools import FakeTools
from tests.statemachine.asl import is_waiting, states
from tests.statemachine.failures import StatesError
from tests.statemachine.runner import Run, Runner
from tests.steps.stories import STEPS

PORTS = ("artifacts", "hosting", "scaling", "alarms", "executions", "announcer", "parameters", "signatures")
Step = Callable[[Work], Verdict | None]


class UnforeseenError(Exception):
    """What nobody foresaw."""


class Trouble:
    """Breaks one call of all that go over any port: before it has its effect, or when its answer is on its way."""

    def __init__(self, call: int = -1, after: bool = False, error: type[Exception] = UnforeseenError) -> None:
        self._call, self._after, self._error = call, after, error
        self.calls: list[str] = []
        """What was asked of the world, in order."""

    def over(self, name: str, port: Any) -> Any:
        """Put this trouble between a port and those who use it."""
        return _Troubled(self, name, port)

    def ask(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make one call."""
        number = len(self.calls)
        self.calls.append(name)
        if number == self._call and not self._after:
            raise self._error(f"before {name}")
        answer = call(*args, **kwargs)
        if number == self._call:
            raise self._error(f"after {name}")
        return answer


class _Troubled:
    def __init__(self, trouble: Trouble, name: str, port: Any) -> None:
        self._trouble, self._name, self._port = trouble, name, port

    def __getattr__(self, operation: str) -> Any:
        found = getattr(self._port, operation)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._trouble.ask(f"{self._name}.{operation}", found, *args, **kwargs)


def troubled(tools: FakeTools, trouble: Trouble) -> FakeTools:
    """Give the same world with trouble on its ports."""
    view = FakeTools()
    vars(view).update(vars(tools))
    for name in PORTS:
        setattr(view, name, trouble.over(name, getattr(tools, name)))
    view.ledger = Ledger(trouble.over("store", tools.store), tools.clock)
    return view


class Voyage(Runner):
    """One execution of the machine whose functions are the steps."""

    def __init__(self, tools: FakeTools, event: dict[str, Any], execution: str, trouble: Trouble | None = None) -> None:
        super().__init__({}, event, execution, tools.clock.now().isoformat())
        self.world, self.name = tools, execution
        self._tools = troubled(tools, trouble) if trouble else tools
        tools.executions.run(execution)

    def go(self) -> Run:
        """Run to an end."""
        try:
            return super().go()
        finally:
            self.world.executions.end(self.name)

    def _call(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        executions = self.world.executions
        token, before = payload.get("token", ""), len(executions.signals)
        executions.wait(token)
        try:
            answer = self._step_of(name)(payload)
        except Exception as error:
            raise StatesError(type(error).__name__, str(error)) from error
        if not is_waiting(states()[name]):
            return answer or {}
        said = [output for signalled, output in executions.signals[before:] if signalled == token]
        if not said:
            self.move()
            raise StatesError("States.Timeout")
        return said[-1]

    def move(self) -> None:
        """Let the world go on while a wait lasts."""
        move(self.world)

    def _step_of(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
        phase = phase_of(name)
        step: Step = read_release if phase is Phase.READ_RELEASE else STEPS[phase]

        def act(payload: dict[str, Any]) -> dict[str, Any] | None:
            verdict = run(Work(Request.read(payload), self._tools), step)
            return verdict.as_output() if verdict else None

        return act


def move(tools: FakeTools, endpoint: str = "churn") -> None:
    """Let a minute pass: what is under way bakes, then ends; what was vetoed goes back."""
    tools.clock.advance(60)
    there = tools.hosting.endpoints.get(endpoint)
    if there is None or there["EndpointStatus"] not in ("Creating", "Updating", "Deleting"):
        return
    pending = there.get("PendingDeploymentSummary")
    veto = f"slipway-{pending['EndpointConfigName']}-veto" if pending else ""
    if any(facts.state == "ALARM" for facts in tools.alarms.describe([veto]).values()):
        tools.hosting.roll_back(endpoint, "an alarm rang")
    elif pending and there["EndpointStatus"] == "Updating" and not _bakes(pending):
        tools.hosting.bake(endpoint)
    else:
        tools.hosting.settle(endpoint)


def _bakes(pending: dict[str, Any]) -> bool:
    (phase, *_) = pending["ProductionVariants"][0]["VariantStatus"]
    return bool(phase["Status"] == "Baking")


def clear_up(tools: FakeTools) -> None:
    """Let the janitor look after deaths, and whatever was started run, until nobody is dead."""
    for _ in range(5):
        recover_the_dead(tools)
        for name in list(tools.executions.started):
            if name in tools.executions.running:
                Voyage(tools, tools.executions.started[name], name).go()
