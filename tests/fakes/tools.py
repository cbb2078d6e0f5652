"""The whole world in memory, and a bench on which steps are run against it one by one."""

import gzip
import io
import tarfile
from typing import Any

from slipway.ledger import Ledger
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Verdict
from slipway.settings import Settings
from slipway.step import run
from slipway.steps.work import Request, Work
from tests.fakes.alarm_board import FakeAlarmBoard
from tests.fakes.announcer import FakeAnnouncer
from tests.fakes.artifacts import FakeArtifacts
from tests.fakes.clock import FakeClock
from tests.fakes.container_logs import FakeContainerLogs
from tests.fakes.executions import FakeExecutions
from tests.fakes.hosting import FakeHosting
from tests.fakes.ledger_store import FakeLedgerStore
from tests.fakes.parameters import FakeParameters
from tests.fakes.scaling import FakeScaling
from tests.fakes.signatures import FakeSignatures

BUCKET = "the-bucket"
ROLE = "arn:aws:iam::123456789012:role/slipway-model"
ENVIRONMENT = {
    "SLIPWAY_LEDGER_TABLE": "ledger",
    "SLIPWAY_ARTIFACT_BUCKET": BUCKET,
    "SLIPWAY_SOURCE_BUCKETS": "arn:aws:s3:::a-teams-own",
    "SLIPWAY_MODEL_ROLE_ARN": ROLE,
    "SLIPWAY_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:slipway",
    "SLIPWAY_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:slipway-release",
    "SLIPWAY_DEFAULT_IMAGE": "an-image:1",
    "SLIPWAY_DEFAULT_INSTANCE_TYPE": "ml.m5.large",
    "SLIPWAY_DEFAULT_INSTANCE_COUNT": "1",
    "SLIPWAY_MODELS_IN_VPC": "true",
    "SLIPWAY_DEFAULT_BAKE_SECONDS": "300",
    "SLIPWAY_DEFAULT_WATCH_SECONDS": "0",
    "SLIPWAY_ENDPOINT_DEADLINE_SECONDS": "3600",
    "SLIPWAY_KEEP_RELEASES": "2",
    "SLIPWAY_IMAGE_DIGEST_REQUIRED": "false",
    "SLIPWAY_MAX_INSTANCES": "10",
    "SLIPWAY_NETWORK_ISOLATION_REQUIRED": "false",
    "SLIPWAY_PICKLES": "allow",
    "SLIPWAY_APPROVAL_REQUIRED": "never",
    "SLIPWAY_APPROVAL_BY_ANOTHER": "false",
}


class FakeTools:
    """Satisfies `slipway.steps.work.Tools`."""

    def __init__(self) -> None:
        self.settings = Settings(ENVIRONMENT)
        self.clock = FakeClock()
        self.store = FakeLedgerStore()
        self.ledger = Ledger(self.store, self.clock)
        self.artifacts = FakeArtifacts(self.clock)
        self.hosting = FakeHosting(self.clock)
        self.scaling = FakeScaling(self.hosting)
        self.alarms = FakeAlarmBoard(self.clock)
        self.logs = FakeContainerLogs()
        self.executions = FakeExecutions()
        self.announcer = FakeAnnouncer()
        self.parameters = FakeParameters()
        self.signatures = FakeSignatures()


class Bench:
    """Runs steps as the machine would, one call each, for one execution."""

    def __init__(self, tools: FakeTools | None = None, execution: str = "execution-1") -> None:
        self.tools = tools or FakeTools()
        self.execution = execution
        self.tools.executions.run(execution)
        self.release_id = ""

    def read(self, event: dict[str, Any]) -> Verdict:
        """Run the first step on an event."""
        from slipway.steps.read_release import read_release

        started = self.tools.clock.now().isoformat()
        request = Request(Phase.READ_RELEASE.state, self.execution, started=started, event=event)
        verdict = read_release(Work(request, self.tools))
        self.release_id = verdict.route["release"]
        return verdict

    def run(self, action: Any, phase: Phase, **asked: Any) -> Verdict | None:
        """Run any later step; a waiting one waits by a token named after its phase."""
        token = f"token-{phase}-{self.execution}" if phase in WAITING else ""
        self.tools.executions.wait(token)
        request = Request(phase.state, self.execution, release=self.release_id, token=token, **asked)
        work = Work(request, self.tools)
        return run(work, action)

    @property
    def release(self) -> Release:
        """The release as the ledger tells it now."""
        return self.tools.ledger.release(self.release_id)


WAITING = (
    Phase.WAIT_FOR_TURN,
    Phase.WAIT_FOR_APPROVAL,
    Phase.WAIT_FOR_IN_SERVICE,
    Phase.WATCH_ALARMS,
    Phase.WAIT_FOR_FINAL_APPROVAL,
    Phase.WAIT_FOR_ROLLBACK,
)


def archive(**members: str) -> bytes:
    """Pack a model.tar.gz; a double underscore in a member's name stands for a slash, a single one for a dot."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_", "."))
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return packed.getvalue()


def drop_event(key: str, version: str = "", bucket: str = BUCKET) -> dict[str, Any]:
    """Give the event that S3 sends for an upload."""
    thing = {"key": key, "size": 1, "etag": "e", "sequencer": "00"} | ({"version-id": version} if version else {})
    return {
        "id": f"event-{key}-{version}",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-01-05T12:00:00Z",
        "detail": {"bucket": {"name": bucket}, "object": thing},
    }
