"""The state machine of a deployment: one transition at a time, by what is seen and what time it is; pure.

Blue/green as the SageMaker developer guide tells it (deployment guardrails): provision the whole green fleet, shift a
step of traffic, bake with alarms watched, step on to all of it, bake a last time, terminate blue. Whatever fails on the
way puts all traffic back on blue: the endpoint ends InService on its old configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drydock.sagemaker import events
from drydock.sagemaker.model import Deployment, Endpoint, Kind, Phase, Status
from drydock.sagemaker.state import State


@dataclass(frozen=True)
class Sight:
    """What the world shows: the part of a decision that is not in the state."""

    ringing: Sequence[str] = ()
    """Names of the deployment's alarms that are in ALARM."""
    silent_failure: bool = False
    """Whether the deployment fails without a reason: AWS has been seen to leave FailureReason empty."""


def advance(state: State, endpoint: Endpoint, sight: Sight) -> bool:
    """Make the next transition of an endpoint, if its time has come.

    Args:
        state: clock, tempo, and the outbox that gets the events.
        endpoint: changed in place.
        sight: what the world shows.

    Returns:
        Whether something changed; then call again.
    """
    deployment = endpoint.deployment
    if deployment is None:
        return False
    if deployment.kind is Kind.UPDATE and _timed_out(state, deployment):
        return _turn_back(state, endpoint, deployment, "The deployment exceeded MaximumExecutionTimeoutInSeconds.")
    match deployment.phase:
        case Phase.PROVISIONING:
            return _provision(state, endpoint, deployment)
        case Phase.SHIFTING:
            return _shifted(state, endpoint, deployment)
        case Phase.BAKING:
            return _bake(state, endpoint, deployment, sight)
        case Phase.TERMINATING:
            return _settle(state, endpoint)
        case Phase.ROLLING_BACK:
            return _turned_back(state, endpoint, deployment)


def due(state: State, endpoint: Endpoint) -> float | None:
    """Say when the present phase of an endpoint ends by the clock alone; None where nothing waits for the clock."""
    deployment = endpoint.deployment
    if deployment is None or deployment.phase not in (Phase.PROVISIONING, Phase.BAKING):
        return None
    if deployment.phase is Phase.PROVISIONING:
        return deployment.entered + state.tempo.real(state.tempo.provisioning_seconds)
    return deployment.entered + state.tempo.real(deployment.steps[deployment.step].bake_seconds)


def _timed_out(state: State, deployment: Deployment) -> bool:
    if deployment.timeout_seconds is None or deployment.phase in (Phase.TERMINATING, Phase.ROLLING_BACK):
        return False
    return state.now() > deployment.started + state.tempo.real(deployment.timeout_seconds)


def _over(state: State, endpoint: Endpoint) -> bool:
    end = due(state, endpoint)
    return end is None or state.now() >= end


def _provision(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    fleet = deployment.green or endpoint.fleet
    if fleet is None:
        return False
    if fleet.failure:
        return _give_up(state, endpoint, deployment, fleet.failure)
    if not fleet.ready or not _over(state, endpoint):
        return False
    if deployment.kind is Kind.UPDATE:
        return _shift(state, endpoint, deployment)
    return _settle(state, endpoint)


def _give_up(state: State, endpoint: Endpoint, deployment: Deployment, reason: str) -> bool:
    if deployment.kind is Kind.UPDATE:
        return _turn_back(state, endpoint, deployment, reason)
    if deployment.kind is Kind.RESCALE:
        return _undo_rescale(state, endpoint, deployment, reason)
    endpoint.deployment = None
    return _become(state, endpoint, Status.FAILED, reason)


def _undo_rescale(state: State, endpoint: Endpoint, deployment: Deployment, reason: str) -> bool:
    for name, variant in endpoint.fleet.variants.items() if endpoint.fleet else ():
        variant.weight, variant.count = deployment.former[name]
    deployment.phase, deployment.reason = Phase.ROLLING_BACK, reason
    return _become(state, endpoint, Status.ROLLING_BACK, "")


def _shift(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    deployment.share = deployment.steps[deployment.step].share
    return _enter(state, endpoint, deployment, Phase.SHIFTING)


def _shifted(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    if deployment.steps[deployment.step].bake_seconds:
        return _enter(state, endpoint, deployment, Phase.BAKING)
    return _next_step(state, endpoint, deployment)


def _bake(state: State, endpoint: Endpoint, deployment: Deployment, sight: Sight) -> bool:
    if sight.silent_failure:
        return _turn_back(state, endpoint, deployment, "")
    if sight.ringing:
        names = ", ".join(sight.ringing)
        return _turn_back(state, endpoint, deployment, f"Rolled back because of alarm(s) in ALARM state: {names}.")
    return _over(state, endpoint) and _next_step(state, endpoint, deployment)


def _next_step(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    if deployment.step + 1 < len(deployment.steps):
        deployment.step += 1
        return _shift(state, endpoint, deployment)
    return _enter(state, endpoint, deployment, Phase.TERMINATING)


def _settle(state: State, endpoint: Endpoint) -> bool:
    """End a deployment well: only now does the endpoint carry the name of the new configuration."""
    deployment = endpoint.deployment
    if deployment and deployment.green:
        endpoint.fleet, endpoint.config_name = deployment.green, deployment.green.config_name
    endpoint.deployment = None
    return _become(state, endpoint, Status.IN_SERVICE, "")


def _turn_back(state: State, endpoint: Endpoint, deployment: Deployment, reason: str) -> bool:
    deployment.share, deployment.reason = 0.0, reason
    return _enter(state, endpoint, deployment, Phase.ROLLING_BACK)


def _turned_back(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    if deployment.kind is Kind.RESCALE and endpoint.fleet:
        endpoint.fleet.failure = ""
    endpoint.deployment = None
    return _become(state, endpoint, Status.IN_SERVICE, deployment.reason)


def _enter(state: State, endpoint: Endpoint, deployment: Deployment, phase: Phase) -> bool:
    deployment.phase, deployment.entered = phase, state.now()
    endpoint.modified = state.now()
    if deployment.guarded:
        events.deployment_changed(state, endpoint)
    return True


def _become(state: State, endpoint: Endpoint, status: Status, reason: str) -> bool:
    endpoint.status, endpoint.failure_reason, endpoint.modified = status, reason, state.now()
    events.endpoint_changed(state, endpoint)
    return True
