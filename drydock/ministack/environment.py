"""The environment MiniStack is imported with; the only module here that may run before it."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REGION = "us-east-1"
HOST = "127.0.0.1"
DUMMY = "test"
"""The credentials of the local cloud: any will do."""
HOSTING_STATE = "hosting.json"
"""The file among the temporary ones that holds the hosting service's state where it is kept."""
KEPT, STAMP = "kept", "kept.json"
"""The folder of what outlives a cloud, and the file in it that says who wrote it."""
_FOREIGN = ("AWS_", "LOCALSTACK_", "SFN_", "MINISTACK_", "LAMBDA_")


@dataclass(frozen=True)
class Options:
    """How to run the local cloud."""

    port: int
    state: Path
    """The folder that holds everything the local cloud writes."""
    scale: float = 60.0
    """How much faster than AWS durations pass."""
    provisioning_seconds: float = 0.0
    """What it takes on AWS to bring an instance up; divided by the scale like every duration."""
    keep: bool = False
    """Whether what the cloud holds outlives it."""

    @property
    def kept(self) -> Path:
        """The folder that holds what an earlier life left."""
        return self.state.resolve() / KEPT


def prepare(options: Options) -> Path:
    """Set this process's environment for MiniStack and its Lambda workers, which inherit it.

    Settings of another cloud in the caller's environment are removed, so that no function can ever reach it.
    Roles are enforced unless the caller says AUTH=false.
    LOG_LEVEL is removed too: a worker that inherits it logs too little, and MiniStack then waits for its log.

    Returns:
        The private folder for temporary files; the caller removes it at the end.
    """
    for name in [name for name in os.environ if name.startswith(_FOREIGN)] + ["LOG_LEVEL"]:
        os.environ.pop(name, None)
    temporary = options.state.resolve() / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = None
    os.environ.setdefault("AUTH", "true")
    os.environ.update(
        GATEWAY_PORT=str(options.port),
        BIND_HOST=HOST,
        MINISTACK_HOST="localhost",
        MINISTACK_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=DUMMY,
        AWS_SECRET_ACCESS_KEY=DUMMY,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        SFN_WAIT_SCALE=repr(1 / options.scale),
        TMPDIR=str(temporary),
        STATE_DIR=str(temporary / "state"),
        S3_DATA_DIR=str(temporary / "s3"),
        PATH=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
    )
    return temporary
