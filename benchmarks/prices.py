"""What a release costs: counted calls times the prices of us-east-1, fleets and storage left out.

Prices in US dollars, from the services' price pages; DynamoDB's are those on demand, reads strongly consistent.
"""

from collections import Counter
from dataclasses import dataclass

TRANSITION = 25e-6
INVOCATION = 0.20e-6
GIGABYTE_SECOND = 13.3334e-6
MONTH_HOURS = 730

EACH = {
    "ledger read": 0.25e-6,
    "ledger write": 1.25e-6,
    "S3 read": 0.4e-6,
    "S3 write": 5e-6,
    "event": 1e-6,
    "notification": 0.5e-6,
}
CLOUDWATCH_REQUEST = 10e-6
ALARM_METRIC_MONTH = 0.10
FAST_ALARM_MONTH = 0.30
"""An alarm of a period under 60 s: the veto."""
METRIC_MONTH = 0.30


@dataclass(frozen=True)
class Function:
    """What one invocation of a function is billed for."""

    megabytes: int = 256
    seconds: float = 0.45
    """A cold start and the step: an allowance, measured locally and scaled to Lambda (not measured on AWS)."""

    @property
    def dollars(self) -> float:
        """Price of one invocation."""
        return INVOCATION + self.megabytes / 1024 * self.seconds * GIGABYTE_SECOND


@dataclass(frozen=True)
class Counted:
    """What a release was counted to take."""

    transitions: int
    invocations: int
    calls: Counter[str]
    """Calls by the names of EACH."""
    alarm_requests: int = 0
    """Requests to CloudWatch, datapoints included."""
    alarm_metrics: int = 0
    """Metrics that the release's alarms read, the veto's apart."""


def orchestration(counted: Counted, heavy: Function = Function(1769, 2.0)) -> dict[str, float]:
    """Price the machine, its functions and the ledger, by item.

    Args:
        counted: what was counted.
        heavy: the one function that reads the artifact.
    """
    return {
        "state transitions": counted.transitions * TRANSITION,
        "functions": (counted.invocations - 1) * Function().dollars + heavy.dollars,
        "ledger, bucket, events": sum(EACH[name] * count for name, count in counted.calls.items()),
    }


def watching(counted: Counted, hours: int = 1) -> dict[str, float]:
    """Price the alarms, the veto's metric and what is asked of CloudWatch; alarms are billed by the hour.

    Args:
        counted: what was counted.
        hours: begun hours in which the alarms exist.
    """
    monthly = counted.alarm_metrics * ALARM_METRIC_MONTH + FAST_ALARM_MONTH + METRIC_MONTH
    return {"alarms": monthly * hours / MONTH_HOURS, "CloudWatch requests": counted.alarm_requests * CLOUDWATCH_REQUEST}
