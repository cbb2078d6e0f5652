"""Endpoints that a first release could not take back, since SageMaker deletes none while it is being created."""

from slipway.release.phases import Phase
from slipway.release.release import Kind, Release
from slipway.release.verdicts import Answer, Outcome
from slipway.steps.busy import MOVING
from slipway.steps.recovering import recover
from slipway.steps.work import Tools


def take_back(tools: Tools) -> list[str]:
    """Have every release recovered that was left to a human for that alone, once its endpoint can be deleted.

    Only where nothing of Slipway's was ever live, and the endpoint still has the config of that release: what somebody
    adopted or changed since is theirs.

    Returns:
        The releases that go on with their way back.
    """
    given_up = [release for endpoint in tools.ledger.endpoints() if (release := _given_up(tools, endpoint))]
    return [release.id for release in given_up if _can_go(tools, release) and recover(tools.executions, release)]


def _given_up(tools: Tools, endpoint: str) -> Release | None:
    """Find the last release of an endpoint, if it ended while it waited for its creation to end."""
    lines = tools.ledger.history(endpoint, 1)
    if not lines or lines[0]["outcome"] != Outcome.NEEDS_HUMAN or lines[0]["kind"] != Kind.RELEASE:
        return None
    if tools.ledger.live(endpoint) is not None:
        return None
    release = tools.ledger.release(lines[0]["release"])
    return release if release.answer(Phase.ROLL_BACK_RELEASE) is Answer.IN_DEPLOYMENT else None


def _can_go(tools: Tools, release: Release) -> bool:
    described = tools.hosting.describe_endpoint(release.endpoint)
    if described is None or described["EndpointStatus"] in MOVING:
        return False
    return bool(described["EndpointConfigName"] == release.fact(Phase.CREATE_CONFIG, "config"))
