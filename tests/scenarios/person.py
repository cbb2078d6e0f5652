"""What a person does with plain AWS clients, and what they see."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from slipway.aws.clock import SystemClock
from slipway.aws.ledger_store import DynamoLedgerStore
from slipway.errors import ReleaseNotFoundError
from slipway.ledger import Ledger
from slipway.release.release import Live, ObjectRef, Release

PATIENCE_SECONDS = 60.0
LOOK_EVERY = 0.25
"""Seconds between two looks at what takes seconds: each look is a few requests, and they cost the cloud's processor."""
ASK_EVERY = 0.04
"""Seconds between a client's requests: a hundred in the shortest bake."""


class Person:
    """Drops models, asks endpoints, reads the ledger."""

    def __init__(self, url: str, outputs: dict[str, str], examples: dict[str, Path]) -> None:
        self.url = url
        self.bucket = outputs["ArtifactBucketName"]
        self.key = outputs.get("SigningKey", "")
        """ARN of the KMS key that the stack was deployed with."""
        self.machine = outputs["ReleaseStateMachineArn"]
        self.released: list[str] = []
        """The releases that were waited for."""
        self.examples = examples
        self._session: Any = boto3.Session()
        self._clients: dict[str, Any] = {}
        self.ledger = Ledger(DynamoLedgerStore(self.client("dynamodb"), outputs["LedgerTableName"]), SystemClock())
        self.sagemaker = self.client("sagemaker")
        self.events = self.client("events")
        self.s3 = self.client("s3")
        self._runtime = self.client("sagemaker-runtime")
        self._executions = self.client("stepfunctions")

    def client(self, service: str) -> Any:
        """Give a plain client; each is made once."""
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, inject_host_prefix=False)
            self._clients[service] = self._session.client(service, endpoint_url=self.url, config=config)
        return self._clients[service]

    def drop(self, example: str, endpoint: str, version: str, with_spec: bool = True) -> ObjectRef:
        """Upload an example as a person would: its spec, then its archive."""
        folder = self.examples[example]
        if with_spec and (folder / "release.yaml").exists():
            self.upload(f"models/{endpoint}/{version}/release.yaml", (folder / "release.yaml").read_bytes())
        return self.upload(f"models/{endpoint}/{version}/model.tar.gz", (folder / "model.tar.gz").read_bytes())

    def upload(self, key: str, body: bytes, asked_by: str = "") -> ObjectRef:
        """Upload any object, and say who asks for its release."""
        said = {"slipway-requested-by": asked_by} if asked_by else {}
        put = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=said)
        return ObjectRef(self.bucket, key, put["VersionId"])

    def release_of(self, drop: ObjectRef) -> Release:
        """Wait until the release that a drop started is closed, and read it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        claimed: set[str] = set()
        while time.monotonic() < deadline:
            claimed = claimed or {claim["release"] for claim in self.ledger.claims(drop)}
            closed = [name for name in claimed if self._is_closed(name)]
            if closed:
                self.released.append(closed[0])
                return self.ledger.release(closed[0])
            time.sleep(LOOK_EVERY)
        raise AssertionError(f"no release of {drop.uri} has ended within {PATIENCE_SECONDS} s")

    def _is_closed(self, release: str) -> bool:
        if release in {found.id for found in self.ledger.open_releases()}:
            return False
        try:
            return self.ledger.release(release).outcome is not None
        except ReleaseNotFoundError:
            return False

    def execution(self, name: str) -> dict[str, Any]:
        """Wait for an execution to end, by its ARN."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found: dict[str, Any] = self._executions.describe_execution(executionArn=name)
            if found["status"] != "RUNNING":
                return found
            time.sleep(LOOK_EVERY)
        raise AssertionError(f"{name} still runs after {PATIENCE_SECONDS} s")

    def executions(self) -> list[str]:
        """List the executions of the machine."""
        pages = self._executions.get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def states(self, execution: str) -> list[str]:
        """List the states that an execution entered."""
        pages = self._executions.get_paginator("get_execution_history").paginate(executionArn=execution)
        entered = (event.get("stateEnteredEventDetails") for page in pages for event in page["events"])
        return [details["name"] for details in entered if details]

    def live(self, endpoint: str) -> Live:
        """What the endpoint is known to serve well."""
        live = self.ledger.live(endpoint)
        assert live is not None
        return live

    def serving(self, endpoint: str) -> str:
        """The config that the endpoint serves."""
        return str(self.sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"])

    def traffic(self, example: str) -> dict[str, Any]:
        """The requests that belong to an example."""
        read: dict[str, Any] = json.loads((self.examples[example] / "traffic.json").read_text())
        return read

    def ask(self, endpoint: str, body: Any, content_type: str = "application/json") -> Any:
        """Invoke the endpoint once."""
        text = body if isinstance(body, str) else json.dumps(body)
        asked = {"ContentType": content_type, "Accept": "application/json", "Body": text}
        return json.loads(self._runtime.invoke_endpoint(EndpointName=endpoint, **asked)["Body"].read())

    @contextmanager
    def asking(self, endpoint: str, example: str, pause: float = ASK_EVERY) -> Iterator[Counter[str]]:
        """Keep asking in the background; counts the answers by their kind."""
        answers: Counter[str] = Counter()
        stop = threading.Event()
        requests = self.traffic(example)["requests"]

        def keep_asking() -> None:
            for index in range(1_000_000):
                if stop.is_set():
                    return
                try:
                    self.ask(endpoint, requests[index % len(requests)])
                    answers["answered"] += 1
                except ClientError as error:
                    answers[error.response["Error"]["Code"]] += 1
                time.sleep(pause)

        thread = threading.Thread(target=keep_asking)
        thread.start()
        try:
            yield answers
        finally:
            stop.set()
            thread.join()


def until(look: Callable[[], Any], what: str, patience: float = PATIENCE_SECONDS, every: float = 0.1) -> Any:
    """Look until there is something to see."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(every)
    return seen
