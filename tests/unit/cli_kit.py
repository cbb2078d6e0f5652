"""A desk at which the fakes answer, and a clock that lets a release go on whenever a command waits."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from slipway.intake.requests import DETAIL_TYPE
from slipway.ledger import Ledger
from slipway.release.phases import Phase
from slipway.release.release import Kind, Live, ObjectRef, Release
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Answer, Finding, Outcome, Verdict
from slipway.settings import Settings
from slipway_cli.app import app
from slipway_cli.desk import LogLine
from slipway_cli.errors import CommandError
from tests.fakes.artifacts import FakeArtifacts
from tests.fakes.clock import FakeClock
from tests.fakes.executions import FakeExecutions
from tests.fakes.hosting import FakeHosting
from tests.fakes.ledger_store import FakeLedgerStore
from tests.fakes.parameters import FakeParameters
from tests.fakes.signatures import FakeSignatures
from tests.fakes.tools import ENVIRONMENT

BUCKET = "the-bucket"
ENDPOINT = "churn"
Action = Callable[[], object]


class ScriptedClock(FakeClock):
    """While somebody sleeps, the next thing happens."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[Action] = []

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.script:
            self.script.pop(0)()


class FakeBucket:
    """Keeps what was uploaded, in order."""

    def __init__(self) -> None:
        self.uploads: list[tuple[str, str]] = []
        self.asked_by: list[str] = []
        self.texts: list[bytes] = []

    def put(self, path: Path, key: str, asked_by: str = "") -> ObjectRef:
        self.uploads.append((path.name, key))
        self.asked_by.append(asked_by)
        self.texts.append(path.read_bytes())
        return ObjectRef(BUCKET, key, f"v{len(self.uploads)}")


class FakeLogs:
    """Groups of lines."""

    def __init__(self) -> None:
        self.groups: dict[str, list[LogLine]] = {}
        self.asked: list[tuple[str, float, float | None]] = []

    def write(self, group: str, at: float, text: str) -> None:
        self.groups.setdefault(group, []).append(LogLine(at, text))

    def function_groups(self) -> dict[str, str]:
        return {group: group.rpartition("/")[2] for group in self.groups if group.startswith("/aws/lambda/")}

    def lines(self, group: str, since: float, until: float | None, containing: str = "") -> Iterator[LogLine]:
        self.asked.append((group, since, until))
        return (line for line in self.groups.get(group, []) if containing in line.text)


class FakePlumbing:
    """In order, until a test breaks it."""

    def __init__(self) -> None:
        self.known = {"drop": True, "wake": True}
        self.told = True
        self.lost = 0
        self.refusal: CommandError | None = None

    def rules(self) -> dict[str, bool]:
        if self.refusal:
            raise self.refusal
        return dict(self.known)

    def are_drops_told(self) -> bool:
        return self.told

    def lost_events(self) -> int:
        return self.lost


class FakeDesk:
    """Satisfies `slipway_cli.desk.Desk`."""

    place = "cloud of the test"
    poll_seconds = 1.0
    caller = "arn:aws:iam::111122223333:user/alice"

    def __init__(self) -> None:
        self.clock = ScriptedClock()
        self.ledger = Ledger(FakeLedgerStore(), self.clock)
        self.hosting = FakeHosting(self.clock)
        self.executions = FakeExecutions()
        self.plumbing = FakePlumbing()
        self.bucket = FakeBucket()
        self.artifacts = FakeArtifacts(self.clock)
        self.parameters = FakeParameters()
        self.settings = Settings(ENVIRONMENT)
        self.logs = FakeLogs()
        self.requests: list[dict[str, Any]] = []
        self.detail_types: list[str] = []

    def sign(self, key: str, algorithm: str, digest: bytes) -> dict[str, str]:
        signature = base64.b64encode(FakeSignatures().sign(key, algorithm, digest)).decode()
        return {"KeyId": key, "Signature": signature, "SigningAlgorithm": algorithm}

    def endpoints(self) -> list[str]:
        return list(self.hosting.endpoints)

    def request(self, detail: dict[str, Any], detail_type: str = DETAIL_TYPE) -> str:
        self.requests.append(detail)
        self.detail_types.append(detail_type)
        return f"event-{len(self.requests)}"

    # What tests do

    def then(self, *actions: Action) -> None:
        """Let these happen one by one, each while the command waits."""
        self.clock.script += actions

    def begin(
        self,
        release: str,
        claim: ObjectRef | None = None,
        kind: Kind = Kind.RELEASE,
        spec: ReleaseSpec | None = None,
    ) -> Release:
        """Let a release be claimed and opened."""
        artifact = claim or ObjectRef(BUCKET, f"models/{ENDPOINT}/7/model.tar.gz", "v1")
        begun = Release(release, kind, ENDPOINT, "execution-1", "o1", self.ledger.now(), artifact=artifact, spec=spec)
        self.ledger.claim(artifact, "none", release, "execution-1")
        self.ledger.open(begun)
        return begun

    def conclude(self, release: str, phase: Phase, answer: Answer, reason: str = "", *found: Finding) -> None:
        """Let a phase of a release end."""
        self.ledger.conclude(self.ledger.release(release), phase, Verdict(answer, reason, found))

    def end(self, release: str, outcome: Outcome, reason: str = "for a reason") -> None:
        """Let a release end and be closed."""
        ended = self.ledger.settle(self.ledger.release(release), outcome, reason)
        self.ledger.remember(ended, outcome, reason)
        self.conclude(release, Phase.CLOSE_RELEASE, Answer.CLOSED, reason)
        self.ledger.finish(self.ledger.release(release))

    def go_live(self, release: str) -> None:
        """Let a release end LIVE and the endpoint serve it."""
        live = Live(ENDPOINT, release, f"config-{release}", "model-1", "digest", "hash", at=self.ledger.now())
        self.ledger.move_live(self.ledger.live(ENDPOINT), live)
        self.hosting.serve(ENDPOINT, live.config)
        self.end(release, Outcome.LIVE, "it serves")


def run(desk: FakeDesk, *words: str, stdin: str | None = None) -> Result:
    """Type a command."""
    return CliRunner().invoke(app, words, obj=lambda _place, _stack: desk, input=stdin)


def data(result: Result) -> Any:
    """Read what a command printed for programs."""
    return json.loads(result.stdout)
