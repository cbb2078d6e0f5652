"""Fakes of the hosting service's neighbours, and the service on a loopback port for real boto3 clients."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from drydock.sagemaker.answers import BrokenStreamError, ContainerAnswer, ContainerStream
from drydock.sagemaker.service import HostingService
from drydock.sagemaker.surroundings import ContainerSpec, LaunchError

ROLE = "arn:aws:iam::000000000000:role/model-execution"
DATA = "s3://artifacts/model.tar.gz"
CONTAINER = {"Image": "model:good", "ModelDataUrl": DATA}
SCALE = 600.0
"""Ten minutes of SageMaker pass in a second of these tests."""

Respond = Callable[[bytes, Mapping[str, str]], ContainerAnswer]


def echo(body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
    return ContainerAnswer(200, body, {"content-type": "text/plain"})


class FakeInstance:
    """A container; `model:deaf` never answers /ping, `model:crash` ends at once, `model:slow` waits for `gate`."""

    def __init__(self, spec: ContainerSpec, respond: Respond) -> None:
        self.spec = spec
        self.alive = spec.image != "model:crash"
        self.stopped = False
        self.sick = False
        """Runs, and answers pings no more."""
        self.seen: list[tuple[bytes, Mapping[str, str]]] = []
        self.gate = threading.Event()
        self.closed = 0
        """Streams that have been closed; their parts are what stands between bars, `break` and `late` break off."""
        self._respond = respond

    async def ping(self) -> bool:
        return self.alive and not self.sick and self.spec.image != "model:deaf"

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        self.seen.append((body, headers))
        if self.spec.image == "model:slow":
            end = time.monotonic() + timeout
            while not self.gate.is_set():
                if time.monotonic() >= end:
                    return ContainerAnswer(0)
                await asyncio.sleep(0.002)
        if not self.alive or self.stopped:
            return ContainerAnswer(0)
        return self._respond(body, headers)

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        answer = await self.invoke(body, headers, timeout)
        return ContainerStream(answer.status, answer.headers, self._parts(answer), self._close)

    async def _parts(self, answer: ContainerAnswer) -> AsyncIterator[bytes]:
        for part in answer.body.split(b"|"):
            if part in (b"break", b"late"):
                raise BrokenStreamError(late=part == b"late")
            yield part

    def _close(self) -> None:
        self.closed += 1

    async def stop(self) -> None:
        self.stopped, self.alive = True, False


class FakeLauncher:
    def __init__(self) -> None:
        self.instances: list[FakeInstance] = []
        self.responses: dict[str, Respond] = {}
        """By image; the others echo."""
        self.missing: set[str] = set()
        """Addresses of model data that is not there."""
        self.slow: set[str] = set()
        """Addresses of model data that takes its time until it is taken out here."""

    async def launch(self, spec: ContainerSpec) -> FakeInstance:
        await asyncio.sleep(0)
        while spec.model_data_url in self.slow:
            await asyncio.sleep(0.002)
        if spec.image == "model:lost" or spec.model_data_url in self.missing:
            raise LaunchError(f'Failed to download model data from URL: "{spec.model_data_url}".')
        instance = FakeInstance(spec, self.responses.get(spec.image, echo))
        self.instances.append(instance)
        return instance

    async def close(self) -> None:
        for instance in self.instances:
            await instance.stop()

    def running(self, image: str = "") -> list[FakeInstance]:
        return [item for item in self.instances if not item.stopped and image in ("", item.spec.image)]


class Metric(NamedTuple):
    name: str
    dimensions: tuple[str, ...]
    value: float


class FakeSurroundings:
    def __init__(self) -> None:
        self.events: list[tuple[str, list[str], dict[str, Any]]] = []
        self.metrics: list[Metric] = []
        self.alarms: dict[str, str] = {}
        self.blind_roles: set[str] = set()
        """Roles that may not read alarms."""
        self.objects: dict[str, bytes] = {}
        self.told: list[tuple[str, dict[str, Any]]] = []
        """What topics have heard."""

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        if bucket == "input" and f"s3://{bucket}/{key}" not in self.objects:
            raise FileNotFoundError(key)
        to.write_bytes(self.objects.get(f"s3://{bucket}/{key}", b""))

    async def has_object(self, bucket: str, key: str) -> bool:
        return (bucket, key) == ("artifacts", "model.tar.gz")

    def has_role(self, arn: str) -> bool:
        return arn == ROLE

    def publish_event(self, detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
        self.events.append((detail_type, resources, detail))

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        self.metrics += [Metric(name, tuple(dimensions.values()), value) for dimensions in dimension_sets]

    def alarm_states(self, names: Iterable[str]) -> dict[str, str]:
        return {name: self.alarms[name] for name in names if name in self.alarms}

    def may_read_alarms(self, role: str) -> bool:
        return role not in self.blind_roles

    async def store(self, bucket: str, key: str, body: bytes) -> None:
        if bucket == "no-such-bucket":
            raise FileNotFoundError(bucket)
        self.objects[f"s3://{bucket}/{key}"] = body

    async def notify(self, topic: str, message: str) -> None:
        if topic.endswith(":gone"):
            raise FileNotFoundError(topic)
        self.told.append((topic, json.loads(message)))

    def log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Nobody reads it here."""

    def details(self, detail_type: str) -> list[dict[str, Any]]:
        return [detail for kind, _, detail in self.events if kind == detail_type]


class LocalHosting:
    """The service on a free loopback port, in an event loop of its own thread."""

    def __init__(self, scale: float = SCALE, **options: Any) -> None:
        self.launcher = FakeLauncher()
        self.surroundings = FakeSurroundings()
        self._scale, self._skipped = scale, 0.0
        given = {"shortest_startup": 0.05, "now": lambda: time.time() + self._skipped, **options}
        self.service = HostingService(self.launcher, self.surroundings, scale=scale, **given)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._serve(), self.loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.sagemaker = self.client("sagemaker")
        self.runtime = self.client("sagemaker-runtime")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.sagemaker.close()
        self.runtime.close()
        try:
            asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(10)
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(10)
            self.loop.close()

    def client(self, name: str) -> Any:
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=20)
        make: Callable[..., Any] = boto3.client
        return make(
            name,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    def skip(self, seconds: float) -> None:
        """Let SageMaker's time jump: a bake lasts as long as a test looks at it."""
        self._skipped += seconds / self._scale

    def fault(self, kind: str, **more: Any) -> str:
        """Plan a fault through the door; its id."""
        return str(self.ask("POST", "faults", {"kind": kind, **more})["id"])

    def ask(self, method: str, door: str, document: object = None) -> dict[str, Any]:
        """Go through one of Drydock's own doors."""
        body = None if document is None else json.dumps(document).encode()
        request = Request(f"{self.url}/_drydock/{door}", body, method=method)  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310
            return dict(json.loads(answer.read()))

    def model(self, name: str, **container: Any) -> None:
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={**CONTAINER, **container})

    def config(self, name: str, image: str = "model:good", instances: int = 1, **variant: Any) -> None:
        """Make a model and a configuration of this name with one variant."""
        self.model(name, Image=image)
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[production_variant(name, instances, **variant)]
        )

    def endpoint(self, name: str, config: str) -> dict[str, Any]:
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return self.settled(name)

    def settled(self, name: str) -> dict[str, Any]:
        """Wait until an endpoint is no longer changing and describe it."""
        return self.wait(name, lambda seen: seen["EndpointStatus"] not in ("Creating", "Updating", "RollingBack"))

    def wait(self, name: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + 10
        while not until(seen := self.sagemaker.describe_endpoint(EndpointName=name)):
            assert time.monotonic() < end, seen
            time.sleep(0.005)
        return dict(seen)

    async def _serve(self) -> asyncio.Server:
        await self.service.start()
        return await asyncio.start_server(self._answer, "127.0.0.1", 0)

    async def _stop(self) -> None:
        self._server.close()
        try:
            await self.service.close()
        finally:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer_one(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer_one(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        url = urlsplit(target)
        status, named, content = await self.service.handle(method, url.path, headers, body, parse_qs(url.query))
        length = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {"Connection": "close"}
        answer = "".join(f"{name}: {value}\r\n" for name, value in {**named, **length}.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{answer}\r\n".encode())
        if isinstance(content, bytes):
            writer.write(content)
        else:
            async for part in content:
                writer.write(part)
                await writer.drain()
            writer.close()
        await writer.drain()


def production_variant(model: str, instances: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "VariantName": "main",
        "ModelName": model,
        "InitialInstanceCount": instances,
        "InstanceType": "ml.m5.large",
        **more,
    }


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, 5 s at most."""
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def rolling(batch: int = 1, wait: int = 60, back: int = 0, *alarms: str, **policy: Any) -> dict[str, Any]:
    """A RollingUpdatePolicy counted in instances."""
    size = {"RollbackMaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": back}} if back else {}
    return {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": batch},
            "WaitIntervalInSeconds": wait,
            **size,
            **policy,
        },
        **({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}),
    }


def stepwise(kind: str, wait: int, bake: int, *alarms: str, **size: Any) -> dict[str, Any]:
    """A CANARY or LINEAR policy."""
    policy = all_at_once(bake, *alarms)
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    policy["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] = routing
    return policy


def all_at_once(bake: int, *alarms: str, **policy: Any) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": bake,
            **policy,
        },
        **({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}),
    }
