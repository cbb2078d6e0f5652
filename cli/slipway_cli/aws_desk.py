"""The desk at which AWS, or the local cloud in its place, answers."""

import base64
import getpass
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from slipway.aws.artifacts import S3Artifacts
from slipway.aws.clock import SystemClock
from slipway.aws.executions import StepFunctionsExecutions
from slipway.aws.hosting import SageMakerHosting
from slipway.aws.ledger_store import DynamoLedgerStore
from slipway.aws.parameters import SsmParameters
from slipway.intake.requests import DETAIL_TYPE, SOURCE
from slipway.ledger import Ledger
from slipway.release.naming import ASKED_BY
from slipway.release.release import ObjectRef
from slipway.settings import Settings
from slipway_cli.aws_plumbing import AwsPlumbing
from slipway_cli.desk import LogLine
from slipway_cli.errors import CommandError

INVOKE_SECONDS = 70
"""A model may take 60 s; AWS advises a socket timeout of 70 s (API_runtime_InvokeEndpoint)."""

AGENT = "slipway-cli"
FUNCTION_LOGS = "/aws/lambda/"


class AwsDesk:
    """Satisfies `slipway_cli.desk.Desk`."""

    def __init__(self, session: boto3.Session, url: str | None, stack: str, place: str, poll_seconds: float) -> None:
        """Take a place to work at.

        Args:
            session: region and credentials.
            url: where every service answers; None for AWS itself.
            stack: name of the deployed stack.
            place: where this is, for people.
            poll_seconds: how long to wait between two looks.
        """
        self._session: Any = session
        self._clients: dict[str, Any] = {}
        self._url = url
        self._stack = stack
        self.place = place
        self.poll_seconds = poll_seconds
        self.clock = SystemClock()

    @cached_property
    def ledger(self) -> Ledger:
        """The stack's table."""
        return Ledger(DynamoLedgerStore(self.client("dynamodb"), self._outputs["LedgerTableName"]), self.clock)

    @cached_property
    def caller(self) -> str:
        """Who these credentials belong to; the local cloud takes any, so there it is the user of the machine."""
        return getpass.getuser() if self._url else str(self.client("sts").get_caller_identity()["Arn"])

    @cached_property
    def hosting(self) -> SageMakerHosting:
        """SageMaker."""
        return SageMakerHosting(self.client("sagemaker"), self.client("sagemaker-runtime", attempts=1), self.clock)

    @cached_property
    def executions(self) -> StepFunctionsExecutions:
        """The release machine's."""
        return StepFunctionsExecutions(self.client("stepfunctions"), self._outputs["ReleaseStateMachineArn"])

    @cached_property
    def plumbing(self) -> AwsPlumbing:
        """The stack's."""
        return AwsPlumbing(self, self._stack)

    @cached_property
    def bucket(self) -> "S3Bucket":
        """The stack's bucket."""
        return S3Bucket(self.client("s3"), self._outputs["ArtifactBucketName"])

    @cached_property
    def artifacts(self) -> S3Artifacts:
        """S3, as the functions see it."""
        return S3Artifacts(self.client("s3"))

    @cached_property
    def parameters(self) -> SsmParameters:
        """SSM."""
        return SsmParameters(self.client("ssm"), self.clock)

    @cached_property
    def settings(self) -> Settings:
        """The environment of the function that reads releases."""
        said = self.client("lambda").get_function_configuration(FunctionName=f"{self._stack}-read-release")
        return Settings(said["Environment"]["Variables"])

    @cached_property
    def logs(self) -> "CloudWatchLogs":
        """CloudWatch Logs."""
        return CloudWatchLogs(self.client("logs"), self.client("cloudformation"), self._stack)

    def client(self, service: str, attempts: int = 4) -> Any:
        """Give the desk's client of a service, by boto3's name of it."""
        known = self._clients.get(service)
        if known is None:
            retries: Any = {"mode": "standard", "total_max_attempts": attempts}
            config = Config(connect_timeout=5, read_timeout=INVOKE_SECONDS, retries=retries, user_agent_extra=AGENT)
            known = self._clients[service] = self._session.client(service, endpoint_url=self._url, config=config)
        return known

    def sign(self, key: str, algorithm: str, digest: bytes) -> dict[str, str]:
        """Sign with KMS."""
        asked = {"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": algorithm}
        said = self.client("kms").sign(**asked)
        signature = base64.b64encode(said["Signature"]).decode()
        return {"KeyId": said["KeyId"], "Signature": signature, "SigningAlgorithm": said["SigningAlgorithm"]}

    def endpoints(self) -> list[str]:
        """Name every endpoint of the account, page by page."""
        pages = self.client("sagemaker").get_paginator("list_endpoints").paginate()
        return sorted(endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"])

    def request(self, detail: dict[str, Any], detail_type: str = DETAIL_TYPE) -> str:
        """Send an event to the default bus, where the release machine listens."""
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        said = self.client("events").put_events(Entries=[entry])["Entries"][0]
        if "EventId" not in said:
            raise CommandError("EventBridge did not take the request.", said.get("ErrorMessage", ""), "try again")
        return str(said["EventId"])

    @cached_property
    def _outputs(self) -> dict[str, str]:
        said = self.client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in said.get("Outputs", [])}


class S3Bucket:
    """Satisfies `slipway_cli.desk.Bucket`."""

    def __init__(self, client: Any, name: str) -> None:
        self._s3 = client
        self._name = name

    def put(self, path: Path, key: str, asked_by: str = "") -> ObjectRef:
        """Upload a file, in parts when it is large, and look up which version it became."""
        said = {"Metadata": {ASKED_BY: asked_by}} if asked_by.isascii() and asked_by else {}
        self._s3.upload_file(str(path), self._name, key, ExtraArgs=said)
        ref = ObjectRef(self._name, key)
        facts = S3Artifacts(self._s3).head(ref)
        if facts is None:
            raise CommandError("The upload is gone already.", f"somebody removed {ref.uri}", "release it again")
        return facts.ref


class CloudWatchLogs:
    """Satisfies `slipway_cli.desk.Logs`."""

    def __init__(self, client: Any, stacks: Any, stack: str) -> None:
        self._logs = client
        self._stacks = stacks
        self._stack = stack

    def function_groups(self) -> dict[str, str]:
        """Name the log groups that the stack made for its functions."""
        pages = self._stacks.get_paginator("list_stack_resources").paginate(StackName=self._stack)
        names = (resource["PhysicalResourceId"] for page in pages for resource in page["StackResourceSummaries"])
        groups = (name for name in names if name.startswith(FUNCTION_LOGS))
        return {group: group.removeprefix(FUNCTION_LOGS).removeprefix(f"{self._stack}-") for group in groups}

    def lines(self, group: str, since: float, until: float | None, containing: str = "") -> Iterator[LogLine]:
        """Filter the events of a group, page by page."""
        asked: dict[str, Any] = {"logGroupName": group, "startTime": round(since * 1000)}
        if until is not None:
            asked["endTime"] = round(until * 1000)
        if containing:
            asked["filterPattern"] = f'"{containing}"'
        try:
            for page in self._logs.get_paginator("filter_log_events").paginate(**asked):
                for event in page["events"]:
                    if containing in event["message"]:
                        yield LogLine(event["timestamp"] / 1000, event["message"].rstrip())
        except self._logs.exceptions.ResourceNotFoundException:
            return
