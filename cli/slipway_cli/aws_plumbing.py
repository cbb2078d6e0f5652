"""The parts of a stack between S3 and Step Functions, as CloudFormation names them."""

from collections.abc import Iterator
from typing import Any

RULE = "AWS::Events::Rule"
QUEUE = "AWS::SQS::Queue"
BUCKET = "AWS::S3::Bucket"


class AwsPlumbing:
    """Satisfies `slipway_cli.desk.Plumbing`."""

    def __init__(self, desk: Any, stack: str) -> None:
        """Take a stack.

        Args:
            desk: whose clients are used.
            stack: its name.
        """
        self._desk = desk
        self._stack = stack

    def rules(self) -> dict[str, bool]:
        """Ask EventBridge for each rule of the stack."""
        events = self._desk.client("events")
        names = [name.rpartition("/")[2] for name in self._made(RULE)]
        return {name: events.describe_rule(Name=name)["State"] != "DISABLED" for name in names}

    def are_drops_told(self) -> bool:
        """Ask S3 where the bucket tells of new objects."""
        s3 = self._desk.client("s3")
        said = [s3.get_bucket_notification_configuration(Bucket=name) for name in self._made(BUCKET)]
        return all("EventBridgeConfiguration" in each for each in said)

    def lost_events(self) -> int:
        """Count what lies in the queues of the stack, roughly, as SQS does."""
        sqs, wanted = self._desk.client("sqs"), "ApproximateNumberOfMessages"
        asked = (sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted]) for url in self._made(QUEUE))
        return sum(int(said["Attributes"][wanted]) for said in asked)

    def _made(self, kind: str) -> Iterator[str]:
        pages = (
            self._desk.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self._stack)
        )
        resources = (resource for page in pages for resource in page["StackResourceSummaries"])
        return (resource["PhysicalResourceId"] for resource in resources if resource["ResourceType"] == kind)
