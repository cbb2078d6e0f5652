"""`python -m drydock serve`: the service without a cloud around it, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hosting_support import ROLE, production_variant
from ministack_kit import Kit, eventually

from examples.packing import pack

pytestmark = pytest.mark.cloud

ROOT = Path(__file__).parents[2]
ECHO = (
    b"def model_fn(d):\n    return None\n\ndef transform_fn(model, data, content_type, accept):\n"
    b"    return (bytes([each]) for each in data)\n"
)
KEYS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def s3(kit: Kit) -> str:
    """An S3 somewhere else, with a model in it."""
    client = kit.client("s3")
    client.create_bucket(Bucket="artifacts")
    client.put_object(Bucket="artifacts", Key="model.tar.gz", Body=pack({"code/inference.py": ECHO}))
    return kit.cloud.endpoint


class Alone:
    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self.sagemaker: Any = self.client("sagemaker")
        self.runtime: Any = self.client("sagemaker-runtime")

    def client(self, name: str) -> Any:
        return boto3.client(name, endpoint_url=self.url, **KEYS)  # type: ignore[call-overload]


@contextmanager
def alone(s3: str, *words: str) -> Iterator[Alone]:
    port = free_port()
    command = [sys.executable, "-m", "drydock", "serve", "--port", str(port), "--s3-endpoint-url", s3, *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))  # noqa: S603 - our own interpreter
    try:
        _wait_for(port, process)
        yield Alone(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"it does not answer: {process.poll()}")


def in_service(service: Alone, name: str) -> dict[str, Any]:
    end = time.monotonic() + 20
    while (seen := service.sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] != "InService":
        assert time.monotonic() < end, seen
        time.sleep(0.05)
    return dict(seen)


def answer(service: Alone, body: bytes) -> bytes:
    """Invoke; nothing while the instances of a remembered endpoint still come up."""
    try:
        return bytes(service.runtime.invoke_endpoint(EndpointName="churn", Body=body)["Body"].read())
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ServiceUnavailable"
        return b""


def test_it_serves_a_model_from_another_s3_tells_its_events_and_remembers(s3: str, tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state.json"), "--scale", "60")
    with alone(s3, *state) as first:
        container = {"Image": "any", "ModelDataUrl": "s3://artifacts/model.tar.gz"}
        first.sagemaker.create_model(ModelName="one", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        variants = [production_variant("one")]
        first.sagemaker.create_endpoint_config(EndpointConfigName="one", ProductionVariants=variants)
        first.sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="one")
        in_service(first, "churn")
        assert first.runtime.invoke_endpoint(EndpointName="churn", Body=b"1")["Body"].read() == b"1"
        stream = first.runtime.invoke_endpoint_with_response_stream(EndpointName="churn", Body=b"12")["Body"]
        assert [event["PayloadPart"]["Bytes"] for event in stream] == [b"1", b"2"]
        variant = {"ResourceId": "endpoint/churn/variant/main", "ServiceNamespace": "sagemaker"}
        first.client("application-autoscaling").register_scalable_target(
            **variant, ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=2, MaxCapacity=2
        )
        eventually(lambda: in_service(first, "churn")["ProductionVariants"][0]["CurrentInstanceCount"] == 2)
    assert first.process.returncode == 0
    assert first.process.stdout
    events = [json.loads(line) for line in first.process.stdout.read().splitlines()]
    assert [event["detail"]["EndpointStatus"] for event in events if "Endpoint State" in event["detail-type"]] == [
        "CREATING",
        "IN_SERVICE",
        "UPDATING",
        "IN_SERVICE",
    ]
    with alone(s3, *state) as second:
        in_service(second, "churn")
        assert eventually(lambda: answer(second, b"2"), 20) == b"2"


def test_a_model_that_is_not_there_is_refused(s3: str) -> None:
    with alone(s3) as service, pytest.raises(Exception, match=r"Could not find model data at s3://artifacts/no\.gz"):
        service.sagemaker.create_model(
            ModelName="m",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "i", "ModelDataUrl": "s3://artifacts/no.gz"},
        )


def test_an_s3_that_does_not_answer_has_no_model() -> None:
    container = {"Image": "i", "ModelDataUrl": "s3://artifacts/model.tar.gz"}
    with alone(f"http://127.0.0.1:{free_port()}") as service, pytest.raises(ClientError) as refused:
        service.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_taken_port_and_a_foreign_state_end_it_with_a_word(tmp_path: Path) -> None:
    foreign = tmp_path / "state.json"
    foreign.write_text("[]")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port, more, text in (
            (taken.getsockname()[1], [], "in use"),
            (free_port(), ["--state", str(foreign)], "holds no state of this service"),
        ):
            words = ["serve", "--port", str(port), "--s3-endpoint-url", "http://127.0.0.1:9", *more]
            ended = subprocess.run(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "drydock", *words],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )
            assert (ended.returncode, text in ended.stderr) == (1, True), ended.stderr
