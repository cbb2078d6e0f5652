"""The folder of one local cloud: who runs it, on which port, its log, its lock and its temporary files."""

import contextlib
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from drydock.ministack.environment import DUMMY, HOST, KEPT, REGION, STAMP

_FOREIGN = ("AWS_", "SAM_CLI_")


class CloudError(Exception):
    """The local cloud cannot do what was asked; the message says why and what to do."""


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    port: int
    pid: int
    root: str
    """The checkout it was started for."""
    state: str
    """Its folder."""
    scale: float
    """How much faster than AWS durations pass."""
    provisioning_seconds: float
    keep: bool = False
    """Whether what it holds outlives it."""

    @property
    def endpoint(self) -> str:
        """Where every service answers."""
        return f"http://{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Give the environment in which any AWS tool talks to this cloud and to no other."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": DUMMY,
            "AWS_SECRET_ACCESS_KEY": DUMMY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.2",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        }


@dataclass(frozen=True)
class Folder:
    """The files of one local cloud."""

    path: Path

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "cloud.log"

    @property
    def build(self) -> Path:
        """What `sam build` makes; it writes beside its folder too."""
        return self.path / "sam" / "build"

    @property
    def temporary(self) -> Path:
        """The server's private temporary files."""
        return self.path / "tmp"

    @property
    def kept(self) -> Path:
        """What outlives the server, where that was asked for."""
        return self.path / KEPT

    @property
    def _description(self) -> Path:
        return self.path / "cloud.json"

    @property
    def _lock(self) -> Path:
        return self.path / "lock"

    def read(self) -> Cloud | None:
        """Read who runs, or ran last; None when nobody did."""
        try:
            return Cloud(**json.loads(self._description.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, cloud: Cloud) -> None:
        """Write who runs."""
        draft = self._description.with_suffix(".new")
        draft.write_text(json.dumps(asdict(cloud), indent=2))
        draft.replace(self._description)

    @contextlib.contextmanager
    def occupied(self) -> Iterator[None]:
        """Hold the folder for as long as the server lives; the system lets go of it even after a crash.

        Raises:
            CloudError: a server holds it already.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CloudError(f"A local cloud runs already in {self.path}; `slipway down` stops it.") from error
            yield

    def is_occupied(self) -> bool:
        """Whether a server holds the folder."""
        if not self._lock.exists():
            return False
        try:
            with self.occupied():
                return False
        except CloudError:
            return True

    def kept_by(self) -> int | None:
        """The process that wrote what is kept; None where nothing is."""
        try:
            return int(json.loads((self.kept / STAMP).read_text())["pid"])
        except (OSError, ValueError, KeyError):
            return None

    def forget(self) -> bool:
        """Remove what was kept; says whether there was something."""
        found = self.kept.exists()
        shutil.rmtree(self.kept, ignore_errors=True)
        return found

    def clear(self) -> None:
        """Remove everything the local cloud made, except for what is kept."""
        for folder in (self.temporary, self.build.parent):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._description, self._lock, self.log):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()
