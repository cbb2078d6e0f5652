"""What the conformance tests of the local cloud need: functions, machines, queues that hear events."""

import contextlib
import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from drydock.cloud import Cloud
from drydock.cloud.deployment import client

T = TypeVar("T")

ROLE = "arn:aws:iam::000000000000:role/any"
_numbers = itertools.count()


def eventually(look: Callable[[], T], seconds: float = 60) -> T:
    """Look until the answer is truthy and give it; fail after some real seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing after {seconds} s")


def zipped(name: str, text: str) -> bytes:
    """Pack one file as Lambda wants its code."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr(name, text)
    return archive.getvalue()


class Kit:
    """Makes things in one local cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.client = cache(lambda service: client(cloud, service))
        self._allow_everything()

    def _allow_everything(self) -> None:
        """Make the role of functions and machines; a test of permissions makes its own."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName="any", AssumeRolePolicyDocument=document)
        allowed = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        )
        iam.put_role_policy(RoleName="any", PolicyName="all", PolicyDocument=allowed)

    def name(self, stem: str) -> str:
        return f"{stem}-{next(_numbers)}"

    def function(self, source: str) -> str:
        """Create a Python function from its source and give its ARN."""
        made = self.client("lambda").create_function(
            FunctionName=self.name("function"),
            Runtime="python3.13",
            Role=ROLE,
            Handler="app.lambda_handler",
            Code={"ZipFile": zipped("app.py", source)},
            Timeout=20,
        )
        return str(made["FunctionArn"])

    def machine(self, states: dict[str, Any], **top: Any) -> str:
        """Create a JSONata state machine that starts at its first state and give its ARN."""
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **top}
        made = self.client("stepfunctions").create_state_machine(
            name=self.name("machine"), definition=json.dumps(definition), roleArn=ROLE
        )
        return str(made["stateMachineArn"])

    def start(self, machine: str, data: Any = None, **more: Any) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(data or {}), **more
        )
        return str(started["executionArn"])

    def describe(self, execution: str) -> dict[str, Any]:
        return dict(self.client("stepfunctions").describe_execution(executionArn=execution))

    def finish(self, execution: str, seconds: float = 10) -> dict[str, Any]:
        """Wait for an execution's end and describe it."""

        def ended() -> dict[str, Any] | None:
            found = self.describe(execution)
            return found if found["status"] != "RUNNING" else None

        return eventually(ended, seconds)

    def run(self, machine: str, data: Any = None, seconds: float = 10) -> dict[str, Any]:
        return self.finish(self.start(machine, data), seconds)

    def listen(self, pattern: dict[str, Any]) -> Callable[[], list[dict[str, Any]]]:
        """Give a look at the events that match a pattern from now on."""
        sqs, events, name = self.client("sqs"), self.client("events"), self.name("heard")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        heard: list[dict[str, Any]] = []

        def look() -> list[dict[str, Any]]:
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for message in found:
                heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return heard

        return look
