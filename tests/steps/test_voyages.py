"""One thing goes wrong at any single call over any port; whatever it is, the same few things are true in the end.

Every example is one release by the real machine, over the real steps: calls are some 120 for each, so each run of the
tests tries a few of them and others each time. `make test-thorough` tries them all, many times over.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.errors import UnavailableError
from slipway.exchanges import Made
from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.properties import part
from tests.steps.stories import SMOKE, Story, a_live_endpoint
from tests.steps.voyage import Trouble, UnforeseenError, Voyage, clear_up

SPEC: dict[str, Any] = {
    "smoke": [SMOKE],
    "tags": {"team": "a"},
    "autoscaling": {"max_capacity": 4, "target_invocations_per_instance": 100},
}
CALLS = st.integers(0, 140)
"""Some releases make fewer calls: then nothing goes wrong."""
CALLS_WITH_THE_TURN = st.integers(40, 140)


class DeathError(BaseException):
    """The function and its execution die."""


@dataclass
class Scene:
    """A world with a drop in it, and how it was before."""

    tools: FakeTools
    event: dict[str, Any]

    def __post_init__(self) -> None:
        hosting = self.tools.hosting
        self.before = {line["release"] for line in self.tools.ledger.history("churn")}
        self.config, self.configs, self.models = self.serving, set(hosting.configs), set(hosting.models)

    @property
    def serving(self) -> str:
        """The config that serves, empty where there is no endpoint."""
        return str(self.tools.hosting.endpoints.get("churn", {}).get("EndpointConfigName", ""))

    @property
    def outcome(self) -> Outcome | None:
        """How the release ended, None if there is none."""
        lines = self.tools.ledger.history("churn")
        new = [line["outcome"] for line in lines if line["release"] not in self.before]
        assert len(new) <= 1
        return Outcome(new[0]) if new else None


@cache
def a_live_world() -> FakeTools:
    tools = a_live_endpoint(spec=SPEC).tools
    tools.executions.end("execution-1")
    return tools


def scene(update: bool) -> Scene:
    tools = deepcopy(a_live_world()) if update else FakeTools()
    tools.clock.advance(60)
    tools.artifacts.drop(BUCKET, "models/churn/2/release.json", json.dumps(SPEC).encode())
    ref = tools.artifacts.drop(BUCKET, "models/churn/2/model.tar.gz", archive(model_joblib="v2"))
    return Scene(tools, drop_event(ref.key, ref.version))


def assert_all_is_well(of: Scene) -> None:
    """Hold a world in which nothing is under way to what must be true after every fault."""
    tools, hosting, live = of.tools, of.tools.hosting, of.tools.ledger.live("churn")
    turn = tools.ledger.turn("churn")
    assert turn is None or turn.holder == ""
    assert tools.ledger.open_releases() == []
    assert tools.alarms.named("slipway-") == []
    assert not any(tools.ledger.tokens(line["release"]) for line in tools.ledger.history("churn"))
    assert of.serving == (live.config if live else "")
    if live is not None:
        assert hosting.endpoints["churn"]["EndpointStatus"] == "InService"
        assert live.config in hosting.configs
        assert live.model in hosting.models
    if of.outcome is Outcome.LIVE:
        assert live is not None
        assert live.release not in of.before
    else:
        assert (of.serving, set(hosting.configs), set(hosting.models)) == (of.config, of.configs, of.models)


def voyage(of: Scene, trouble: Trouble) -> None:
    """Let a release run into trouble, and the janitor clear up after it; what became no release is sent once more."""
    with suppress(DeathError):
        Voyage(of.tools, of.event, "execution-2", trouble).go()
    clear_up(of.tools)
    if of.outcome is None:
        Voyage(of.tools, of.event, "execution-again").go()


@pytest.mark.parametrize("update", [False, True], ids=["first", "update"])
@part(3)
@given(call=CALLS, after=st.booleans(), error=st.sampled_from([UnforeseenError, DeathError]))
def test_after_a_crash_or_a_death_at_any_call_everything_is_well(
    update: bool, call: int, after: bool, error: type[Exception]
) -> None:
    of = scene(update)
    voyage(of, Trouble(call, after, error))
    assert of.outcome in (Outcome.LIVE, Outcome.REJECTED, Outcome.ROLLED_BACK)
    assert_all_is_well(of)


@part(3)
@given(update=st.booleans(), call=CALLS, after=st.booleans())
def test_a_service_that_is_away_for_a_moment_costs_no_release(update: bool, call: int, after: bool) -> None:
    of = scene(update)
    voyage(of, Trouble(call, after, UnavailableError))
    assert of.outcome is Outcome.LIVE
    assert_all_is_well(of)


class Stale:
    """Shows an endpoint for three more looks as it was before each call that changes it."""

    def __init__(self, hosting: Any) -> None:
        self._hosting, self._left = hosting, 0
        self._old: Any = None

    def __getattr__(self, operation: str) -> Any:
        found = getattr(self._hosting, operation)
        if operation == "describe_endpoint":
            return lambda name: self._look(found, name)
        changes = operation in ("create_endpoint", "update_endpoint", "delete_endpoint")
        return (lambda request: self._change(found, request)) if changes else found

    def _look(self, describe: Callable[[str], Any], name: str) -> Any:
        self._left -= 1
        return deepcopy(self._old) if self._left >= 0 else describe(name)

    def _change(self, call: Callable[[Any], Any], request: Any) -> Any:
        old = deepcopy(self._hosting.endpoints.get("churn"))
        answer = call(request)
        if answer.made is Made.CREATED:
            self._old, self._left = old, 3
        return answer


@part(3)
@given(update=st.booleans(), call=CALLS, after=st.booleans())
def test_after_a_crash_among_stale_answers_everything_is_well(update: bool, call: int, after: bool) -> None:
    of = scene(update)
    real, of.tools.hosting = of.tools.hosting, Stale(of.tools.hosting)  # type: ignore[assignment]
    trouble = Trouble(call, after)
    sailing = Voyage(of.tools, of.event, "execution-2", trouble)
    of.tools.hosting = real
    sailing.go()
    clear_up(of.tools)
    if of.outcome is None:
        Voyage(of.tools, of.event, "execution-again").go()
    assert_all_is_well(of)


class Visit(Trouble):
    """Lets something happen right before one call."""

    def __init__(self, call: int, happens: Callable[[], None]) -> None:
        super().__init__()
        self._at, self._happens = call, happens

    def ask(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if len(self.calls) == self._at:
            self._at = -1
            self._happens()
        return super().ask(name, call, *args, **kwargs)


@part(5)
@given(update=st.booleans(), call=CALLS_WITH_THE_TURN)
def test_a_newer_drop_at_any_call_gets_its_turn_and_goes_live(update: bool, call: int) -> None:
    of = scene(update)
    newer = Story(of.tools, "execution-3")

    def drop() -> None:
        newer.drop(version="3", spec=SPEC, body=archive(model_joblib="v3"))
        newer.through(Phase.WAIT_FOR_TURN)

    visit = Visit(call, drop)
    Voyage(of.tools, of.event, "execution-2", visit).go()
    if newer.release_id == "":
        return
    artifact = newer.release.artifact
    assert artifact is not None
    Voyage(of.tools, drop_event(artifact.key, artifact.version), "execution-3").go()
    live = of.tools.ledger.live("churn")
    assert live is not None
    assert (newer.release.outcome, live.release, of.serving) == (Outcome.LIVE, newer.release_id, live.config)
    assert of.tools.ledger.open_releases() == []
