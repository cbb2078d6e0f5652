"""The fleets of Drydock's hosting service, as Application Auto Scaling sees them."""

from collections.abc import Mapping

from drydock.autoscaling.surroundings import VariantSight
from drydock.sagemaker.memory.statuses import Status
from drydock.sagemaker.service import HostingService


class HostedFleets:
    """Implements `drydock.autoscaling.surroundings.Fleets`.

    Args:
        service: the hosting service.
    """

    def __init__(self, service: HostingService) -> None:
        self._service = service

    def look(self, endpoint: str, variant: str) -> VariantSight | None:
        """Look at a variant; None when there is none, or its endpoint is going."""
        found = self._service.state.endpoints.get(endpoint.lower())
        if found is None or found.status is Status.DELETING:
            return None
        fleet = found.fleet or found.green
        seen = fleet.variants.get(variant) if fleet else None
        if seen is None:
            return None
        settled = found.status is Status.IN_SERVICE and found.deployment is None
        if seen.serverless is not None:
            return VariantSight(seen.serverless.get("ProvisionedConcurrency", 0), settled, "")
        return VariantSight(seen.count, settled, str(seen.definition.get("InstanceType", "")))

    async def rescale(self, endpoint: str, variant: str, count: int) -> None:
        """Ask for instances or for provisioned concurrency; raises ServiceError where SageMaker refuses."""
        sight = self.look(endpoint, variant)
        serverless = sight is not None and not sight.instance_type
        capacity = {"ServerlessUpdateConfig": {"ProvisionedConcurrency": count}}
        wanted = {"VariantName": variant, **(capacity if serverless else {"DesiredInstanceCount": count})}
        request = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": [wanted]}
        await self._service.ask("UpdateEndpointWeightsAndCapacities", request)

    def mark(self, scaled: Mapping[tuple[str, str], str]) -> None:
        """Tell which variants are scaled."""
        self._service.state.scaled = dict(scaled)
