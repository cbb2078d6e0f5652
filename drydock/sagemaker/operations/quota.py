"""How many instances of a type the account may have behind endpoints, and who has them; pure.

Both fleets of a blue/green deployment count while it runs, of a rolling one the batch. Source: ResourceLimitExceeded
is declared for CreateEndpoint, UpdateEndpoint and UpdateEndpointWeightsAndCapacities; its text is AWS's
(amazon-sagemaker-examples issue 307 and many others). That an update is measured by its whole new fleet is inferred.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.model import Endpoint, Fleet
from drydock.sagemaker.memory.state import State


def check_quota(state: State, more: Counter[str]) -> None:
    """Refuse instances beyond a quota.

    Args:
        state: quotas, and the endpoints that use them.
        more: by instance type, how many come on top of those that are ordered.

    Raises:
        ServiceError: ResourceLimitExceeded, for the first type that has not enough left.
    """
    if not state.rules.quotas:
        return
    used = in_use(state.endpoints.values())
    for kind, count in more.items():
        limit = state.rules.quotas.get(kind)
        if limit is not None and count > 0 and used[kind] + count > limit:
            raise ServiceError(
                "ResourceLimitExceeded",
                f"The account-level service limit '{kind} for endpoint usage' is {limit} Instances, with current "
                f"utilization of {used[kind]} Instances and a request delta of {count} Instances. Please use AWS "
                "Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, "
                "contact AWS support to request an increase for this quota.",
            )


def added(fleet: Fleet, wanted: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count the instances that a change of capacities adds, by type.

    Args:
        fleet: the fleet that serves.
        wanted: DesiredWeightsAndCapacities, its variants all in the fleet.
    """
    found: Counter[str] = Counter()
    for change in wanted:
        variant = fleet.variants[change["VariantName"]]
        more = change.get("DesiredInstanceCount", variant.count) - variant.count
        found[str(variant.definition.get("InstanceType"))] += more
    return found


def in_use(endpoints: Iterable[Endpoint]) -> Counter[str]:
    """Count the instances that endpoints have or are about to get, by type."""
    return sum((instances(fleet) for endpoint in endpoints for fleet in endpoint.fleets), Counter())


def instances(fleet: Fleet) -> Counter[str]:
    """Count the instances that a fleet runs, by type."""
    found: Counter[str] = Counter()
    for variant in fleet.variants.values():
        if variant.serverless is None:
            found[str(variant.definition.get("InstanceType"))] += variant.wanted
    return found
