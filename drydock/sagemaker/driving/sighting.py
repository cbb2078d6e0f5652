"""Looks at the world for the state machine of a deployment: alarms, and what is planned to go wrong."""

from collections.abc import Sequence

from drydock.sagemaker.deployment.transitions import Sight, is_watched
from drydock.sagemaker.faults import Fault, FaultKind
from drydock.sagemaker.memory.model import Deployment
from drydock.sagemaker.rules import MissingAlarm, Rules
from drydock.sagemaker.surroundings import Surroundings

_UNREADABLE = "The alarms of the deployment cannot be read: role {role} is not authorized to perform: {action}."
_ACTION = "cloudwatch:DescribeAlarms"


def look(deployment: Deployment | None, faults: Sequence[Fault], surroundings: Surroundings, rules: Rules) -> Sight:
    """See what a deployment's next transition depends on.

    Args:
        deployment: the deployment; alarms are read with the execution role of its models.
        faults: what strikes it.
        surroundings: where the alarms are.
        rules: when alarms are read, and what it means when one is missing.
    """
    by_kind = {fault.kind: fault for fault in faults}
    ringing: list[str] = []
    missing: list[str] = []
    unreadable = ""
    if deployment and is_watched(deployment, rules) and deployment.green and deployment.alarms:
        role = deployment.green.role
        if surroundings.may_read_alarms(role):
            states = surroundings.alarm_states(deployment.alarms)
            ringing = [name for name in deployment.alarms if states.get(name) == "ALARM"]
            if rules.missing_alarm is not MissingAlarm.IGNORED:
                missing = [name for name in deployment.alarms if name not in states]
        else:
            unreadable = _UNREADABLE.format(role=role, action=_ACTION)
    return Sight(
        ringing=ringing,
        missing=missing,
        unreadable=unreadable,
        silent_failure=FaultKind.SILENT_ROLLBACK in by_kind,
        mute=FaultKind.MISSING_REASON in by_kind,
        odd_reason=by_kind[FaultKind.ODD_REASON].message if FaultKind.ODD_REASON in by_kind else "",
        reason_seconds=_seconds(by_kind.get(FaultKind.VANISHING_REASON)),
        rollback_fails=FaultKind.ROLLBACK_FAILS in by_kind,
        collapses=FaultKind.UPDATE_FAILS in by_kind,
    )


def _seconds(fault: Fault | None) -> float | None:
    return fault.seconds if fault else None
