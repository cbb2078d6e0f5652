"""The demo's own local cloud: in a fresh folder, on a free port, gone at the end."""

import contextlib
import json
import shutil
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import boto3
from botocore.config import Config

from drydock import cloud
from slipway_cli.aws_desk import AwsDesk

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".slipway" / "demo"
MODELS = STATE / "models"
SCALE = 60
POLL_SECONDS = 0.1
NEVER = 1_000_000_000
"""The call at which a fault strikes that shall never strike: it only counts calls."""


@dataclass(frozen=True)
class Stage:
    """What the demo plays on."""

    url: str
    bucket: str
    desk: AwsDesk
    examples: dict[str, Path]

    def client(self, service: str) -> Any:
        """Make a plain boto3 client; it sends each request once, so that nothing lost stays unseen."""
        config = Config(retries={"total_max_attempts": 1})
        return _session().client(service, endpoint_url=self.url, config=config)  # type: ignore[call-overload]

    @contextlib.contextmanager
    def counting_calls(self) -> Iterator[Callable[[], int]]:
        """Count the calls that reach SageMaker, whatever they are."""
        door = f"{self.url}/_drydock/faults"
        counter = _http("POST", door, {"kind": "delay", "nth": NEVER})["id"]
        try:
            yield lambda: next(fault["chances"] for fault in _http("GET", door)["faults"] if fault["id"] == counter)
        finally:
            _http("DELETE", f"{door}?id={counter}")


@contextlib.contextmanager
def open_stage(say: Callable[[str], None]) -> Iterator[Stage]:
    """Bring the local cloud up and train the models; take everything away at the end, whatever happens."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _clear()
        here = cloud.up(ROOT, port=_free_port(), scale=SCALE, state=STATE, say=say)
        with ThreadPoolExecutor(1) as pool:
            say("Training the models")
            examples = pool.submit(_train)
            outputs = cloud.deploy(here, say=say)
            cloud.warm(here, say=say)
        desk = AwsDesk(_session(), here.endpoint, cloud.STACK, f"local cloud, {here.endpoint}", POLL_SECONDS)
        yield Stage(here.endpoint, outputs["ArtifactBucketName"], desk, examples.result())
    finally:
        _clear()


def _train() -> dict[str, Path]:
    from examples.train import build_all  # only here: scikit-learn loads while the stack is deployed

    return build_all(MODELS)


def _clear() -> None:
    shutil.rmtree(MODELS, ignore_errors=True)
    cloud.down(STATE)
    with contextlib.suppress(OSError):
        STATE.parent.rmdir()


def _session() -> boto3.Session:
    return boto3.Session("demo", "demo", region_name="us-east-1")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _http(method: str, url: str, document: dict[str, Any] | None = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
