"""The way back of a deployment that fails: all traffic to the old fleet, or to what a failed rollback leaves; pure."""

from drydock.sagemaker.deployment import rolling
from drydock.sagemaker.deployment.transitions import Sight, become, enter, finish
from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet, Kind, Phase
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.memory.statuses import Status

_ROLLBACK_FAILED = "The rollback of the rolling deployment failed."


def give_up(state: State, endpoint: Endpoint, deployment: Deployment, reason: str, sight: Sight) -> bool:
    """End what cannot go on: a creation fails, a rescale is undone, an update turns back."""
    if deployment.kind is Kind.UPDATE:
        return turn_back(state, endpoint, deployment, reason)
    if deployment.kind is Kind.CREATE:
        return finish(state, endpoint, Status.FAILED, reason, sight)
    for name, variant in endpoint.fleet.variants.items() if endpoint.fleet else ():
        former = deployment.former[name]
        variant.weight, variant.count, variant.serverless = former.weight, former.count, former.serverless
    deployment.phase, deployment.entered, deployment.reason = Phase.ROLLING_BACK, state.now(), reason
    return become(state, endpoint, Status.ROLLING_BACK, "")


def turn_back(state: State, endpoint: Endpoint, deployment: Deployment, reason: str) -> bool:
    """Start the way back: blue/green has its old fleet still, a rolling deployment must bring it back first."""
    deployment.reason = reason
    if endpoint.fleet:
        endpoint.fleet.failure = ""
    if deployment.rolling and endpoint.fleet:
        rolling.order_old_batch(endpoint.fleet, deployment.rollback_share)
    else:
        deployment.share = 0.0
    return enter(state, endpoint, deployment, Phase.ROLLING_BACK)


def turned_back(state: State, endpoint: Endpoint, deployment: Deployment, sight: Sight, *, over: bool) -> bool:
    """Go on with the way back.

    Args:
        state: the clock.
        endpoint: changed in place.
        deployment: its deployment.
        sight: what the world shows.
        over: whether provisioning has taken its time.

    Returns:
        Whether something changed.
    """
    blue = endpoint.fleet
    if deployment.kind is Kind.RESCALE and blue:
        if not over:
            return False
        blue.failure = ""
    if deployment.rolling and blue:
        if sight.rollback_fails or blue.failure:
            return _strand(state, endpoint, deployment, blue.failure or _ROLLBACK_FAILED, sight)
        if not blue.ready or not over:
            return False
        rolling.give_back(deployment, blue)
        if not rolling.is_whole(blue):
            rolling.order_old_batch(blue, deployment.rollback_share)
            return enter(state, endpoint, deployment, Phase.ROLLING_BACK)
        rolling.make_whole(blue)
        endpoint.stray, endpoint.stray_share = None, 0.0
    return finish(state, endpoint, _status_after(endpoint, blue), deployment.reason, sight)


def _strand(state: State, endpoint: Endpoint, deployment: Deployment, cause: str, sight: Sight) -> bool:
    rolling.strand(endpoint, deployment)
    reason = f"{deployment.reason} {cause}".strip()
    return finish(state, endpoint, Status.UPDATE_ROLLBACK_FAILED, reason, sight)


def _status_after(endpoint: Endpoint, blue: Fleet | None) -> Status:
    """Give the status that a way back ends in: with a mixed fleet before, it is mixed again."""
    mixed = endpoint.stray is not None and blue is not None
    return Status.UPDATE_ROLLBACK_FAILED if mixed else Status.IN_SERVICE
