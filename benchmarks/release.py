"""What a release takes, in calls, dollars and seconds: `python -m benchmarks.release`.

Transitions, invocations and SageMaker calls are counted on the local cloud; the ledger's, the bucket's and
CloudWatch's on the same steps in memory; prices are those of `benchmarks.prices`. Times are printed, not judged: they
depend on the machine.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.prices import Counted, orchestration, watching
from drydock import cloud
from examples.train import build_all
from slipway.ledger import Ledger
from slipway.release.phases import STATES, Phase
from slipway.release.release import ObjectRef, Release
from slipway.telemetry import logger
from tests.fakes.tools import FakeTools, archive
from tests.scenarios.conftest import free_port
from tests.scenarios.person import Person
from tests.scenarios.rollouts import counting_calls, drop_with, transitions
from tests.steps.stories import SMOKE, Story, a_live_endpoint

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".slipway" / "benchmark"
QUICK = {"rollout": {"bake_seconds": 180}}
BUDGETS = {"first release": (24, 8), "guarded update": (28, 12)}
"""Transitions of a release in which no wait looks twice, and SageMaker control-plane calls, second looks included."""

KINDS = {
    **dict.fromkeys(("get", "query", "open_releases"), "ledger read"),
    **dict.fromkeys(("put", "delete"), "ledger write"),
    **dict.fromkeys(("head", "read", "stream"), "S3 read"),
    **dict.fromkeys(("freeze", "write"), "S3 write"),
}


class Counting:
    """Passes every call on, and counts it under its kind."""

    def __init__(self, inner: Any, kind: Callable[[str], str], counted: Counter[str]) -> None:
        self._inner, self._kind, self._counted = inner, kind, counted

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*given: Any) -> Any:
            self._counted[self._kind(name)] += 1
            return method(*given)

        return call if callable(method) else method


def calls_of(*, update: bool) -> Counter[str]:
    """Count what the steps of a release that goes well ask of the ledger, the bucket and CloudWatch."""
    tools: Any = FakeTools()
    if update:
        a_live_endpoint(tools, {"smoke": [SMOKE]})
    counted: Counter[str] = Counter(event=1 + 3, notification=1)  # the drop, then the endpoint's changes
    tools.ledger = Ledger(Counting(tools.store, KINDS.__getitem__, counted), tools.clock)
    tools.artifacts = Counting(tools.artifacts, lambda name: KINDS.get(name, "a test's own"), counted)
    tools.alarms = Counting(tools.alarms, lambda _name: "CloudWatch", counted)
    story = Story(tools, "execution-2")
    story.start(version="2", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v2"))
    if update:
        tools.hosting.bake("churn")
        for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
            story.step(phase)
    tools.hosting.settle("churn")
    story.finish() if not update else _end(story)
    return counted


def _end(story: Story) -> None:
    for phase in (Phase.WATCH_ALARMS, Phase.PROMOTE_RELEASE, Phase.CLOSE_RELEASE):
        story.step(phase)


@contextmanager
def local_cloud() -> Iterator[Person]:
    """Bring the local cloud up with Slipway deployed; nothing of it stays."""
    running = cloud.up(ROOT, port=free_port(), scale=60, state=STATE)
    try:
        outputs = cloud.deploy(running)
        cloud.warm(running)
        with tempfile.TemporaryDirectory() as folder:
            yield Person(running.endpoint, outputs, build_all(Path(folder)))
    finally:
        cloud.down(STATE)


def measured(person: Person, drop: Callable[[], ObjectRef]) -> tuple[Release, float, Counter[str]]:
    """Drop, wait for the end; give the release, seconds, and SageMaker calls by operation."""
    with counting_calls(person) as calls:
        began = time.perf_counter()
        release = person.release_of(drop())
        seconds = time.perf_counter() - began
    return release, seconds, calls


def veto_seconds(person: Person, endpoint: str) -> float:
    """Let the smoke fail in the bake; give the seconds from its verdict to SageMaker's traffic being put back."""
    drop = drop_with(person, "wrong-answers", endpoint, "3", **QUICK)
    failed_at = turned_at = 0.0
    while not turned_at:
        described = person.sagemaker.describe_endpoint(EndpointName=endpoint)
        if failed_at and not _bakes(described):
            turned_at = time.time()
        failed_at = failed_at or (_smoke_failed_at(person, drop) if _bakes(described) else 0.0)
        time.sleep(0.01)
    person.release_of(drop)
    return turned_at - failed_at


def _bakes(described: Any) -> bool:
    variants = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return any(phase["Status"] == "Baking" for variant in variants for phase in variant.get("VariantStatus", []))


def _smoke_failed_at(person: Person, drop: ObjectRef) -> float:
    for claim in person.ledger.claims(drop):
        record = person.ledger.release(claim["release"]).phases.get(Phase.RUN_SMOKE_INVOCATIONS)
        if record is not None and record.ended_at:
            return datetime.fromisoformat(record.ended_at).timestamp()
    return 0.0


def row(table: Table, person: Person, name: str, release: Release, calls: Counter[str]) -> None:
    """Add what one release took, and what that costs."""
    entered, rechecks = transitions(person, release)
    functions = sum(state in STATES.values() for state in person.states(release.execution))
    logger.setLevel("CRITICAL")
    with redirect_stdout(StringIO()):  # the steps' metrics
        asked = calls_of(update=name == "guarded update")
    counted = Counted(entered, functions, asked, asked.pop("CloudWatch"), alarm_metrics=5)
    asked.pop("a test's own", None)
    limits = BUDGETS[name]
    table.add_row(
        name,
        f"{entered} ({rechecks} re-checks; budget {limits[0]} + 2 each)",
        f"{sum(calls.values())}, second looks included (budget {limits[1]})",
        f"${sum(orchestration(counted).values()):.5f} (budget $0.001)",
        f"${sum(watching(counted).values()):.5f} (budget $0.005)",
    )


def main() -> None:
    """Release, update, reject and veto once each, and print what that took."""
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    console = Console(width=150)
    costs = Table("what", "transitions", "SageMaker calls", "orchestration", "alarms and metrics, an hour")
    times = Table("from", "to", "seconds", "budget")
    with local_cloud() as person:
        first, seconds, calls = measured(person, lambda: person.drop("good", "bench", "1"))
        row(costs, person, "first release", first, calls)
        times.add_row("drop", first.outcome or "", f"{seconds:.2f}", "3 (nothing provisioned or watched)")
        update, seconds, calls = measured(person, lambda: drop_with(person, "better", "bench", "2", **QUICK))
        row(costs, person, "guarded update", update, calls)
        times.add_row("drop, bake of 3 s included", update.outcome or "", f"{seconds:.2f}", "")
        bad, seconds, calls = measured(person, lambda: person.drop("not-an-archive", "bench-bad", "1"))
        times.add_row(
            f"bad input ({sum(calls.values())} SageMaker calls)", bad.outcome or "", f"{seconds:.2f}", "2, 0 calls"
        )
        times.add_row("failed smoke", "rollback requested", f"{veto_seconds(person, 'bench'):.2f}", "1")
    console.print(costs, times)


if __name__ == "__main__":
    main()
