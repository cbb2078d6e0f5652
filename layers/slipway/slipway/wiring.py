"""The one composition root: real adapters behind the ports, each opened when it is first used."""

from functools import cached_property

from slipway.administration import Parameters, Signatures
from slipway.aws import clients
from slipway.aws.alarm_board import CloudWatchAlarmBoard
from slipway.aws.announcer import AwsAnnouncer
from slipway.aws.artifacts import S3Artifacts
from slipway.aws.clock import SystemClock
from slipway.aws.container_logs import CloudWatchContainerLogs
from slipway.aws.executions import StepFunctionsExecutions
from slipway.aws.hosting import SageMakerHosting
from slipway.aws.ledger_store import DynamoLedgerStore
from slipway.aws.parameters import SsmParameters
from slipway.aws.scaling import ApplicationAutoScaling
from slipway.aws.signatures import KmsSignatures
from slipway.ledger import Ledger
from slipway.ports import (
    AlarmBoard,
    Announcer,
    Artifacts,
    Clock,
    ContainerLogs,
    Executions,
    Hosting,
    Scaling,
)
from slipway.settings import Settings


class AwsTools:
    """The world as AWS offers it; satisfies `slipway.steps.work.Tools`."""

    @cached_property
    def settings(self) -> Settings:
        """What the environment says."""
        return Settings.from_environment()

    @cached_property
    def clock(self) -> Clock:
        """Wall clock."""
        return SystemClock()

    @cached_property
    def ledger(self) -> Ledger:
        """DynamoDB."""
        return Ledger(DynamoLedgerStore(clients.client("dynamodb"), self.settings.ledger_table), self.clock)

    @cached_property
    def artifacts(self) -> Artifacts:
        """S3."""
        return S3Artifacts(clients.client("s3"))

    @cached_property
    def hosting(self) -> Hosting:
        """SageMaker."""
        return SageMakerHosting(clients.client("sagemaker"), clients.runtime_client(), self.clock)

    @cached_property
    def scaling(self) -> Scaling:
        """Application Auto Scaling."""
        return ApplicationAutoScaling(clients.client("application-autoscaling"))

    @cached_property
    def alarms(self) -> AlarmBoard:
        """CloudWatch."""
        return CloudWatchAlarmBoard(clients.client("cloudwatch"))

    @cached_property
    def logs(self) -> ContainerLogs:
        """CloudWatch Logs."""
        return CloudWatchContainerLogs(clients.client("logs"))

    @cached_property
    def executions(self) -> Executions:
        """Step Functions."""
        return StepFunctionsExecutions(clients.client("stepfunctions"), self.settings.state_machine_arn)

    @cached_property
    def parameters(self) -> Parameters:
        """SSM."""
        return SsmParameters(clients.client("ssm"), self.clock)

    @cached_property
    def signatures(self) -> Signatures:
        """KMS."""
        return KmsSignatures(clients.client("kms"))

    @cached_property
    def announcer(self) -> Announcer:
        """SNS and EventBridge."""
        return AwsAnnouncer(clients.brief_client("sns"), clients.brief_client("events"), self.settings.topic_arn)


_TOOLS = AwsTools()


def tools() -> AwsTools:
    """Give the running function its tools, the same ones at every invocation."""
    return _TOOLS
