"""The state machine of a deployment: one transition at a time, by what is seen and what time it is; pure.

Blue/green as the SageMaker developer guide tells it (deployment guardrails): provision the whole green fleet, shift a
step of traffic, bake with alarms watched, step on to all of it, bake a last time, terminate blue. Rolling does all of
this batch by batch. Whatever fails on the way puts all traffic back on blue: the endpoint ends InService on its old
configuration.
"""

from drydock.sagemaker.deployment import rolling
from drydock.sagemaker.deployment.retreat import give_up, turn_back, turned_back
from drydock.sagemaker.deployment.transitions import FORWARDS, Sight, enter, finish, is_watched
from drydock.sagemaker.errors import not_found
from drydock.sagemaker.memory.model import Deployment, Endpoint, Kind, Phase
from drydock.sagemaker.memory.state import CONFIG, State
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.rules import OnDeletion

_COLLAPSED = "Request to service failed. If failure persists after retry, contact customer support."


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
    if deployment.kind is Kind.UPDATE and deployment.phase in FORWARDS:
        if sight.collapses:
            return finish(state, endpoint, Status.FAILED, _COLLAPSED, sight)
        if reason := _obstacle(state, endpoint, deployment) or _alarm(state, deployment, sight):
            return turn_back(state, endpoint, deployment, reason)
    match deployment.phase:
        case Phase.PROVISIONING:
            return _provision(state, endpoint, deployment, sight)
        case Phase.SHIFTING:
            return _shifted(state, endpoint, deployment)
        case Phase.BAKING:
            return _bake(state, endpoint, deployment, sight)
        case Phase.TERMINATING:
            return _terminated(state, endpoint, deployment, sight)
        case Phase.ROLLING_BACK:
            return turned_back(state, endpoint, deployment, sight, over=_over(state, endpoint))


def due(state: State, endpoint: Endpoint) -> float | None:
    """Say when the present phase of an endpoint ends by the clock alone; None where nothing waits for the clock."""
    deployment = endpoint.deployment
    if deployment is None:
        return None
    if deployment.phase is Phase.BAKING:
        return deployment.entered + state.tempo.real(deployment.steps[deployment.step].bake_seconds)
    brings_back = deployment.rolling or deployment.kind is Kind.RESCALE
    if deployment.phase is Phase.PROVISIONING or (brings_back and deployment.phase is Phase.ROLLING_BACK):
        return deployment.entered + state.tempo.real(state.tempo.provisioning_seconds)
    return None


def _obstacle(state: State, endpoint: Endpoint, deployment: Deployment) -> str:
    """Say why an update cannot go on: it takes too long, or a configuration it needs was deleted meanwhile."""
    limit = deployment.timeout_seconds
    if limit is not None and state.now() > deployment.started + state.tempo.real(limit):
        return "The deployment exceeded MaximumExecutionTimeoutInSeconds."
    if state.rules.deletion_in_use is OnDeletion.BREAKS:
        for fleet in filter(None, (endpoint.fleet, deployment.green)):
            if fleet.config_name.lower() not in state.configs:
                return not_found("endpoint configuration", state.place.arn(CONFIG, fleet.config_name)).message
    return ""


def _alarm(state: State, deployment: Deployment, sight: Sight) -> str:
    """Say what the alarms have against an update that goes on, where they count."""
    if not deployment.alarms or not is_watched(deployment, state.rules):
        return ""
    if sight.ringing:
        return f"Rolled back because of alarm(s) in ALARM state: {', '.join(sight.ringing)}."
    if sight.missing:
        return f"Rolled back because of alarm(s) that do not exist: {', '.join(sight.missing)}."
    return sight.unreadable


def _over(state: State, endpoint: Endpoint) -> bool:
    end = due(state, endpoint)
    return end is None or state.now() >= end


def _provision(state: State, endpoint: Endpoint, deployment: Deployment, sight: Sight) -> bool:
    fleet = deployment.green or endpoint.fleet
    if fleet is None:
        return False
    if fleet.failure:
        return give_up(state, endpoint, deployment, fleet.failure, sight)
    if not fleet.ready or not _over(state, endpoint):
        return False
    if deployment.kind is Kind.UPDATE:
        return _shift(state, endpoint, deployment)
    return _settle(state, endpoint, sight)


def _shift(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    deployment.share = deployment.steps[deployment.step].share
    return enter(state, endpoint, deployment, Phase.SHIFTING)


def _shifted(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    if deployment.steps[deployment.step].bake_seconds:
        return enter(state, endpoint, deployment, Phase.BAKING)
    return _next_step(state, endpoint, deployment)


def _bake(state: State, endpoint: Endpoint, deployment: Deployment, sight: Sight) -> bool:
    if sight.silent_failure:
        return turn_back(state, endpoint, deployment, "")
    return _over(state, endpoint) and _next_step(state, endpoint, deployment)


def _next_step(state: State, endpoint: Endpoint, deployment: Deployment) -> bool:
    if deployment.rolling:
        rolling.let_batch_go(endpoint, deployment)
        return enter(state, endpoint, deployment, Phase.TERMINATING)
    if deployment.step + 1 < len(deployment.steps):
        deployment.step += 1
        return _shift(state, endpoint, deployment)
    return enter(state, endpoint, deployment, Phase.TERMINATING)


def _terminated(state: State, endpoint: Endpoint, deployment: Deployment, sight: Sight) -> bool:
    if deployment.step + 1 < len(deployment.steps):
        deployment.step += 1
        rolling.order_batch(deployment)
        return enter(state, endpoint, deployment, Phase.PROVISIONING)
    return _settle(state, endpoint, sight)


def _settle(state: State, endpoint: Endpoint, sight: Sight) -> bool:
    """End a deployment well: only now does the endpoint carry the name of the new configuration."""
    if endpoint.green:
        endpoint.fleet, endpoint.config_name = endpoint.green, endpoint.green.config_name
        rolling.make_whole(endpoint.fleet)
        endpoint.stray, endpoint.stray_share = None, 0.0
    return finish(state, endpoint, Status.IN_SERVICE, sight.odd_reason, sight)
