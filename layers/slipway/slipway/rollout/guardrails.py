"""SageMaker's deployment guardrails, and what must hold before they are trusted."""

from collections.abc import Sequence
from typing import Any

from slipway.release.spec import Rollout
from slipway.release.verdicts import Finding

METRIC_LAG_SECONDS = 120
"""How late a metric may be seen by an alarm; an allowance, AWS states no figure."""

MAX_ALARMS = 10
"""AutoRollbackConfiguration.Alarms takes 1 to 10 (API_AutoRollbackConfig)."""

PROVISIONING_SECONDS = 600
"""What a fleet needs to come up, as allowed for in a deployment's timeout."""


def deployment_config(rollout: Rollout, alarms: Sequence[str]) -> dict[str, Any]:
    """Build the DeploymentConfig of an update: blue/green, with a final bake in which the alarms can put it back."""
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": rollout.bake_seconds,
            "MaximumExecutionTimeoutInSeconds": rollout.timeout_seconds,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }


def rollback_config(timeout_seconds: int) -> dict[str, Any]:
    """Build the DeploymentConfig of the way back: all at once, no alarm attached, since one of them may be red."""
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": timeout_seconds,
        }
    }


def rollout_findings(rollout: Rollout, detection_seconds: int) -> list[Finding]:
    """Refuse a bake in which no alarm could ring, and a deployment that would time out in its own bake.

    Args:
        rollout: as the spec wants it.
        detection_seconds: period times evaluations of the slowest alarm of the release.
    """
    findings = []
    needed = detection_seconds + METRIC_LAG_SECONDS
    if rollout.bake_seconds < needed:
        findings.append(
            Finding(
                "BAKE_TOO_SHORT",
                f"A bake of {rollout.bake_seconds} s ends before the slowest alarm can ring ({needed} s).",
                f"Set it to at least {needed}.",
                "rollout.bake_seconds",
            )
        )
    if rollout.timeout_seconds < rollout.bake_seconds + PROVISIONING_SECONDS:
        findings.append(
            Finding(
                "TIMEOUT_TOO_SHORT",
                f"A bake of {rollout.bake_seconds} s would run into the timeout of {rollout.timeout_seconds} s.",
                f"Set it to at least {rollout.bake_seconds + PROVISIONING_SECONDS}.",
                "rollout.timeout_seconds",
            )
        )
    return findings


def rearm_seconds(duration_seconds: int) -> int:
    """Say how long a wait sleeps before it looks for itself: a quarter of what it waits for, 10 s to 300 s."""
    return max(10, min(300, duration_seconds // 4))


def rounds(duration_seconds: int, each_seconds: int) -> int:
    """Count how many such sleeps cover a duration."""
    return -(-duration_seconds // each_seconds)
