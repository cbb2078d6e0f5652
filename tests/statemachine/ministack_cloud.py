"""A bare MiniStack with the machine on it and one scripted function behind every state."""

import copy
import io
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.statemachine import scripted_lambda
from tests.statemachine.asl import is_waiting, machine
from tests.statemachine.failures import TIMEOUT, Raises, Reply
from tests.statemachine.scripts import Changes, script

ROLE = "arn:aws:iam::000000000000:role/any"


def definition(function: str) -> str:
    """Give the machine with one function behind every state, and with short waits."""
    adapted = copy.deepcopy(machine())
    for state in adapted["States"].values():
        if state["Type"] == "Task":
            state["Arguments"]["FunctionName"] = function
            state["TimeoutSeconds"] = 1 if is_waiting(state) else 30
    return json.dumps(adapted)


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cloud:
    """MiniStack with one scripted function and the machine."""

    def __init__(self, endpoint: str, scripts: Path) -> None:
        session = boto3.Session("test", "test", region_name="us-east-1")
        self._lambda = session.client("lambda", endpoint_url=endpoint)
        self._steps = session.client("stepfunctions", endpoint_url=endpoint)
        self._scripts = scripts
        self._machine = ""

    def deploy(self) -> None:
        """Create the function and the machine."""
        self._scripts.mkdir()
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(scripted_lambda.__file__, "app.py")
        function = self._lambda.create_function(
            FunctionName="scripted",
            Runtime="python3.13",
            Role=ROLE,
            Handler="app.lambda_handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
            Environment={"Variables": {"SCRIPTS": str(self._scripts)}},
        )
        created = self._steps.create_state_machine(
            name="release",
            definition=definition(function["FunctionArn"]),
            roleArn=ROLE,
        )
        self._machine = created["stateMachineArn"]

    def start(self, name: str, changes: Changes) -> str:
        """Start an execution under its script."""
        folder = self._scripts / name
        folder.mkdir()
        replies = {state: [as_reply(reply) for reply in found] for state, found in script(changes).items()}
        (folder / "script.json").write_text(json.dumps(replies))
        started = self._steps.start_execution(stateMachineArn=self._machine, name=name, input='{"source": "aws.s3"}')
        return str(started["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self._steps.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                return dict(found)
            time.sleep(0.05)
        raise AssertionError(f"{execution} did not end")

    def visited(self, execution: str) -> list[str]:
        """Give the states that an execution entered."""
        pages = self._steps.get_paginator("get_execution_history").paginate(executionArn=execution)
        details = [event.get("stateEnteredEventDetails") for page in pages for event in page["events"]]
        return [detail["name"] for detail in details if detail]

    def payloads(self, name: str) -> list[dict[str, Any]]:
        """Give the payloads that functions were given, in order."""
        return [json.loads(path.read_text()) for path in sorted((self._scripts / name).glob("call-*.json"))]


def as_reply(reply: Reply) -> dict[str, Any]:
    """Put a scripted reply into the words of the scripted function."""
    if not isinstance(reply, Raises):
        return reply
    return {"silent": True} if reply is TIMEOUT else {"raise": "EndpointStatus"}


@contextmanager
def ministack(folder: Path) -> Iterator[Cloud]:
    """Run MiniStack on the loopback with its files in a folder."""
    port = free_port()
    own = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "TMPDIR": str(folder),
        "SFN_WAIT_SCALE": "0",
        "LOG_LEVEL": "ERROR",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "ministack"], env=os.environ | own, stdout=log, stderr=log)
        try:
            wait_until_somebody_listens(port)
            yield Cloud(own["AWS_ENDPOINT_URL"], folder / "scripts")
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_somebody_listens(port: int) -> None:
    """Wait at most half a minute for a port of the loopback."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("MiniStack did not start")
