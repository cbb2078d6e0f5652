"""Step Functions: who lives, and who waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from slipway.aws.refusals import code_of
from slipway.exchanges import Life

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from slipway.exchanges import Item

ALIVE = ("RUNNING", "PENDING_REDRIVE")
NOBODY_WAITS = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


class StepFunctionsExecutions:
    """Satisfies `slipway.ports.Executions`."""

    def __init__(self, client: SFNClient, state_machine: str) -> None:
        self._states = client
        self._machine = state_machine

    def life(self, execution: str) -> Life:
        """Ask DescribeExecution; history is kept for 90 days, so what is unknown ended long ago or never was."""
        try:
            said = self._states.describe_execution(executionArn=execution)
        except ClientError as error:
            if code_of(error) == "ExecutionDoesNotExist":
                return Life.ENDED
            raise
        return Life.RUNNING if said["status"] in ALIVE else Life.ENDED

    def signal(self, token: str, output: Item) -> bool:
        """Send task success; False when nobody waits for this token any more."""
        try:
            self._states.send_task_success(taskToken=token, output=json.dumps(output))
        except ClientError as error:
            if code_of(error) in NOBODY_WAITS:
                return False
            raise
        return True

    def start(self, name: str, event: Item) -> bool:
        """Start the machine; the same name with the same input succeeds again while it runs (API_StartExecution)."""
        try:
            self._states.start_execution(stateMachineArn=self._machine, name=name, input=json.dumps(event))
        except ClientError as error:
            if code_of(error) == "ExecutionAlreadyExists":
                return False
            raise
        return True
