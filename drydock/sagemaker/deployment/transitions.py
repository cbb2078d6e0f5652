"""What every transition of an endpoint does: the phase or the status changes, and an event tells; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from drydock.sagemaker.deployment import events
from drydock.sagemaker.memory.model import Deployment, Endpoint, Kind, Phase
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.rules import Rules, Watch

FORWARDS = (Phase.PROVISIONING, Phase.SHIFTING, Phase.BAKING)
"""Phases in which a deployment can still turn back."""


@dataclass(frozen=True)
class Sight:
    """What the world shows: the part of a decision that is not in the state."""

    ringing: Sequence[str] = ()
    """Names of the deployment's alarms that are in ALARM."""
    missing: Sequence[str] = ()
    """Names of the deployment's alarms that do not exist, where that matters."""
    unreadable: str = ""
    """Why the alarms cannot be read; empty: they can."""
    silent_failure: bool = False
    """Whether the deployment fails without a reason: AWS has been seen to leave FailureReason empty."""
    mute: bool = False
    """Whether FailureReason stays empty, whatever goes wrong."""
    odd_reason: str = ""
    """A FailureReason that is set although the deployment went well: AWS has been seen to do so."""
    reason_seconds: float | None = None
    """Real seconds after which FailureReason vanishes; None: it stays."""
    rollback_fails: bool = False
    """Whether a rolling deployment cannot bring its old fleet back."""
    collapses: bool = False
    """Whether an update ends Failed."""


def is_watched(deployment: Deployment, rules: Rules) -> bool:
    """Whether the alarms of a deployment count in its present phase."""
    if rules.alarms_watched is Watch.THROUGHOUT:
        return deployment.kind is Kind.UPDATE and deployment.phase in FORWARDS
    return deployment.phase is Phase.BAKING


def enter(state: State, endpoint: Endpoint, deployment: Deployment, phase: Phase) -> bool:
    """Put a deployment into a phase."""
    deployment.phase, deployment.entered = phase, state.now()
    endpoint.modified = state.now()
    if deployment.guarded:
        events.deployment_changed(state, endpoint)
    return True


def become(state: State, endpoint: Endpoint, status: Status, reason: str) -> bool:
    """Give an endpoint a status, and the FailureReason that goes with it."""
    endpoint.status, endpoint.failure_reason, endpoint.modified = status, reason, state.now()
    endpoint.reason_until = None
    events.endpoint_changed(state, endpoint)
    return True


def finish(state: State, endpoint: Endpoint, status: Status, reason: str, sight: Sight) -> bool:
    """End a deployment; FailureReason may be missing, or there for a while only, where that is planned."""
    endpoint.deployment = None
    become(state, endpoint, status, "" if sight.mute else reason)
    if sight.reason_seconds is not None:
        endpoint.reason_until = state.now() + sight.reason_seconds
    return True
