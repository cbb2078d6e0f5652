"""One endpoint of the engine on a clock that stands still until it is told."""

from typing import Any

from drydock.sagemaker.deployment.machine import advance
from drydock.sagemaker.deployment.transitions import Sight
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.state import State
from drydock.sagemaker.operations.endpoints import create_endpoint, update_endpoint
from drydock.sagemaker.operations.models_and_configs import create_config, create_model
from drydock.sagemaker.place import Place, Tempo
from drydock.sagemaker.rules import Rules

SCALE = 10.0


class House:
    """One endpoint, driven by hand."""

    def __init__(self, provisioning_seconds: float = 0.0, rules: Rules | None = None) -> None:
        self.time = 1_000_000.0
        self.state = State(Place(), lambda: self.time, Tempo(SCALE, provisioning_seconds), rules or Rules())
        create_model(self.state, {"ModelName": "m", "PrimaryContainer": {"Image": "i:1"}})
        for name in ("one", "two"):
            self.config(name, "main")
        create_endpoint(self.state, {"EndpointName": "e", "EndpointConfigName": "one"})

    def config(
        self, name: str, *variants: str, count: int = 4, instance_type: str = "ml.m5.large", shadow: str = ""
    ) -> None:
        production, shadows = (
            [
                {"VariantName": variant, "ModelName": "m", "InitialInstanceCount": count, "InstanceType": instance_type}
                for variant in named
            ]
            for named in (variants, [shadow] if shadow else [])
        )
        more = {"ShadowProductionVariants": shadows} if shadow else {}
        create_config(self.state, {"EndpointConfigName": name, "ProductionVariants": production, **more})

    @property
    def endpoint(self) -> Endpoint:
        return self.state.endpoint("e")

    def up(self) -> None:
        """Let all instances become healthy."""
        for fleet in self.endpoint.fleets:
            for variant in fleet.variants.values():
                variant.ready = variant.wanted

    def drain(self) -> None:
        """Let the instances go that are too many."""
        for fleet in self.endpoint.fleets:
            for variant in fleet.variants.values():
                variant.ready = min(variant.ready, variant.wanted)

    def go(self, ringing: tuple[str, ...] = (), **sight: Any) -> str:
        """Advance as far as it goes now; where it stands."""
        while advance(self.state, self.endpoint, Sight(ringing, **sight)):
            pass
        deployment = self.endpoint.deployment
        return str(deployment.phase) if deployment else str(self.endpoint.status)

    def live(self) -> "House":
        self.up()
        assert self.go() == "InService"
        return self

    def update(self, policy: dict[str, Any] | None = None, config: str = "two", **more: Any) -> None:
        request = {"EndpointName": "e", "EndpointConfigName": config, **more}
        update_endpoint(self.state, request | ({"DeploymentConfig": policy} if policy else {}))

    def share(self) -> float:
        assert self.endpoint.deployment
        return self.endpoint.deployment.share

    @property
    def status(self) -> str:
        """Read after calls that change it: a type checker would hold on to what it saw before."""
        return str(self.endpoint.status)

    def fail(self, reason: str, *, old: bool = False) -> None:
        """Let the new fleet, or the old one, be unable to come up."""
        failing = self.endpoint.fleet if old else self.endpoint.green
        assert failing
        failing.failure = reason

    def counts(self) -> list[tuple[int, int]]:
        """Instances ordered and ready, of each fleet."""
        return [
            (sum(item.wanted for item in fleet.variants.values()), sum(item.ready for item in fleet.variants.values()))
            for fleet in self.endpoint.fleets
        ]

    def phases(self) -> list[str]:
        """The VariantStatus of each deployment event since the last look."""
        events = [item for item in self.state.outbox if "Deployment" in item.detail_type]
        self.state.outbox.clear()
        variants = [item.detail["PendingDeploymentSummary"]["ProductionVariants"][0] for item in events]
        return [variant.get("VariantStatus", [{"Status": "-"}])[0]["Status"] for variant in variants]
