"""Whatever is asked of the engine, and whatever goes wrong, in whatever order: what always holds."""

from typing import Any

from engine_house import House
from hosting_support import all_at_once, rolling, stepwise
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.deployment.machine import advance
from drydock.sagemaker.deployment.resting import rest
from drydock.sagemaker.deployment.transitions import Sight
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.faults import Fault, FaultKind, FaultPlan
from drydock.sagemaker.memory.model import Endpoint
from drydock.sagemaker.memory.statuses import IN_MOTION, SERVING, Status
from drydock.sagemaker.operations.endpoints import (
    create_endpoint,
    delete_endpoint,
    forget,
    update_endpoint,
    update_weights,
)
from drydock.sagemaker.operations.models_and_configs import create_config, delete_config
from drydock.sagemaker.operations.quota import in_use
from drydock.sagemaker.rules import NameFlips, Rules, Watch
from drydock.sagemaker.runtime.traffic import fleet_shares, ways

EDGES = {
    ("", "Creating"),
    ("Creating", "InService"),
    ("Creating", "Failed"),
    ("InService", "Updating"),
    ("Updating", "InService"),
    ("Updating", "Failed"),
    ("Updating", "RollingBack"),
    ("Updating", "UpdateRollbackFailed"),
    ("RollingBack", "InService"),
    ("UpdateRollbackFailed", "Updating"),
    ("InService", "SystemUpdating"),
    ("SystemUpdating", "InService"),
    ("InService", "OutOfService"),
    ("OutOfService", "InService"),
    *((status, "Deleting") for status in ("InService", "Failed", "UpdateRollbackFailed", "OutOfService")),
    ("Deleting", ""),
}
"""The documented ways from one status to the next; "" is no endpoint."""
MOVING = {Status.CREATING, Status.UPDATING, Status.ROLLING_BACK}
LARGE = "ml.m5.large"
SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 3, "ProvisionedConcurrency": 1}
SIZE = {"Type": "CAPACITY_PERCENT", "Value": 50}
POLICIES: list[dict[str, Any]] = [
    {},
    all_at_once(120, "guard"),
    all_at_once(60, "guard", MaximumExecutionTimeoutInSeconds=600),
    stepwise("CANARY", 60, 60, "guard", CanarySize=SIZE),
    stepwise("CANARY", 60, 60, CanarySize={"Type": "INSTANCE_COUNT", "Value": 2}),
    stepwise("LINEAR", 60, 0, "guard", LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 20}),
    {"RollingUpdatePolicy": {"MaximumBatchSize": SIZE, "WaitIntervalInSeconds": 30}},
    rolling(1, 60, 1, "guard"),
]
CONFIGS = {"one": 4, "two": 4, "small": 1, "large": 9, "other": 4, "shadowed": 4, "less": 1}


def make_config(house: House, name: str) -> None:
    """Make a configuration by its name.

    `other` names its variant differently, `shadowed` has a shadow besides, `less` is serverless.
    """
    if name == "less":
        variant: dict[str, Any] = {"VariantName": "main", "ModelName": "m", "ServerlessConfig": dict(SERVERLESS)}
        create_config(house.state, {"EndpointConfigName": name, "ProductionVariants": [variant]})
        return
    named = "renamed" if name == "other" else "main"
    house.config(name, named, count=CONFIGS[name], shadow="dark" if name == "shadowed" else "")


class Life(RuleBasedStateMachine):
    """One endpoint, its users, its cloud and its bad luck."""

    @initialize(
        flips=st.sampled_from(NameFlips),
        watched=st.sampled_from(Watch),
        quota=st.sampled_from([{}, {LARGE: 12}]),
        serverless=st.booleans(),
    )
    def begin(self, flips: NameFlips, watched: Watch, quota: dict[str, int], serverless: bool) -> None:
        rules = Rules(config_name_flips=flips, alarms_watched=watched, quotas=quota)
        self.house = House(provisioning_seconds=20.0, rules=rules)
        self.house.time += 2.0
        self.house.live()
        self.plan = FaultPlan()
        self.seen = ["InService"]
        self.ringing = False
        for name in CONFIGS:
            if name not in self.house.state.configs:
                make_config(self.house, name)
        if serverless:
            forget(self.house.state, self.house.endpoint)
            create_endpoint(self.house.state, {"EndpointName": "e", "EndpointConfigName": "less"})
            self.house.time += 2.0
            self.house.live()

    @property
    def endpoint(self) -> Endpoint | None:
        return self.house.state.endpoints.get("e")

    def note(self) -> None:
        status = str(self.endpoint.status) if self.endpoint else ""
        if status != self.seen[-1]:
            self.seen.append(status)

    def used(self) -> int:
        return in_use(self.house.state.endpoints.values())[LARGE]

    def ask(self, operation: Any, **request: Any) -> None:
        """Ask for something; a refusal is an answer too."""
        before = describe(self.endpoint) if self.endpoint else None
        used, quota = self.used(), self.house.state.rules.quotas.get(LARGE, self.used() + 100)
        try:
            operation(self.house.state, {"EndpointName": "e", **request})
            assert self.used() <= max(used, quota)
        except ServiceError:
            assert (describe(self.endpoint) if self.endpoint else None) == before
        self.note()

    @rule(config=st.sampled_from(sorted(CONFIGS)))
    def create(self, config: str) -> None:
        self.ask(create_endpoint, EndpointConfigName=config)

    @rule(config=st.sampled_from(sorted(CONFIGS)), policy=st.sampled_from(POLICIES), retain=st.booleans())
    def update(self, config: str, policy: dict[str, Any], retain: bool) -> None:
        more = {"DeploymentConfig": policy} if policy else {}
        self.ask(update_endpoint, EndpointConfigName=config, RetainAllVariantProperties=retain, **more)

    @rule(
        count=st.integers(0, 6),
        weight=st.sampled_from([0.0, 1.0, 2.5]),
        variant=st.sampled_from(["main", "main", "dark"]),
    )
    def rescale(self, count: int, weight: float, variant: str) -> None:
        wanted = [{"VariantName": variant, "DesiredInstanceCount": count, "DesiredWeight": weight}]
        self.ask(update_weights, DesiredWeightsAndCapacities=wanted)

    @rule(most=st.integers(1, 5), provisioned=st.integers(1, 5))
    def stretch(self, most: int, provisioned: int) -> None:
        wanted = {"MaxConcurrency": most, "ProvisionedConcurrency": provisioned}
        changes = [{"VariantName": "main", "ServerlessUpdateConfig": wanted}]
        self.ask(update_weights, DesiredWeightsAndCapacities=changes)

    @rule(odds=st.integers(0, 3))
    def delete(self, odds: int) -> None:
        if odds == 0:
            self.ask(delete_endpoint)

    @rule(config=st.sampled_from(sorted(CONFIGS)), odds=st.integers(0, 3))
    def lose_config(self, config: str, odds: int) -> None:
        state = self.house.state
        if config not in state.configs:
            make_config(self.house, config)
        elif odds == 0:
            delete_config(state, {"EndpointConfigName": config})

    @precondition(lambda self: self.endpoint)
    @rule()
    def come_up(self) -> None:
        self.house.up()

    @precondition(lambda self: self.endpoint)
    @rule(old=st.booleans(), odds=st.integers(0, 2))
    def fail(self, old: bool, odds: int) -> None:
        endpoint = self.house.endpoint
        failing = endpoint.fleet if old else endpoint.green
        if failing and odds == 0:
            failing.failure = "no capacity"

    @precondition(lambda self: self.endpoint)
    @rule(number=st.integers(0, 2))
    def die(self, number: int) -> None:
        for fleet in self.house.endpoint.fleets[number : number + 1]:
            for variant in fleet.variants.values():
                variant.ready = max(0, variant.ready - 1)

    @rule(seconds=st.sampled_from([0.5, 2.0, 6.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.house.time += seconds

    @rule()
    def ring(self) -> None:
        self.ringing = not self.ringing

    @rule(kind=st.sampled_from([FaultKind.SYSTEM_UPDATE, FaultKind.OUT_OF_SERVICE]), on=st.booleans())
    def maintain(self, kind: FaultKind, on: bool) -> None:
        self.plan.clear()
        if on:
            self.plan.add(Fault(kind))

    @precondition(lambda self: self.endpoint)
    @rule(
        times=st.integers(1, 12),
        trouble=st.sampled_from(["", "", "", "silent_failure", "rollback_fails", "collapses", "mute"]),
    )
    def move(self, times: int, trouble: str) -> None:
        sight = Sight(ringing=["guard"] if self.ringing else [], **({trouble: True} if trouble else {}))
        for _ in range(times):
            self.move_once(sight)

    def move_once(self, sight: Sight) -> None:
        endpoint = self.endpoint
        if endpoint is None:
            return
        if endpoint.status is Status.DELETING:
            forget(self.house.state, endpoint)
        elif endpoint.deployment is None:
            rest(self.house.state, endpoint, self.plan)
        else:
            advance(self.house.state, endpoint, sight)
        self.note()
        self.check()

    @invariant()
    def check(self) -> None:
        assert set(zip(self.seen, self.seen[1:], strict=False)) <= EDGES, self.seen
        if self.endpoint:
            check_fleets(self.endpoint)
            check_traffic(self.endpoint)
            check_serverless(self.endpoint)
            check_description(self.endpoint)

    def teardown(self) -> None:
        """When everything is well again every change comes to an end."""
        if not hasattr(self, "house"):
            return
        self.plan.clear()
        for _ in range(200):
            if self.endpoint is None or self.endpoint.status not in IN_MOTION:
                return
            self.house.time += 60.0
            self.house.up()
            self.move_once(Sight())
        raise AssertionError(self.house.status)


def check_fleets(endpoint: Endpoint) -> None:
    """One fleet serves at rest; what the endpoint says it is on is what it is on."""
    ids = [fleet.id for fleet in endpoint.fleets]
    assert len(ids) == len(set(ids))
    assert (endpoint.deployment is not None) == (endpoint.status in MOVING)
    if endpoint.fleet:
        assert endpoint.config_name == endpoint.fleet.config_name
    if endpoint.status is Status.IN_SERVICE:
        assert endpoint.fleet and len(ids) == 1
        assert all(variant.order is None for variant in endpoint.fleet.variants.values())
    for fleet in endpoint.fleets:
        assert all(0 <= variant.wanted <= variant.count for variant in fleet.variants.values())
    assert (endpoint.stray is None) or endpoint.status in {
        Status.UPDATE_ROLLBACK_FAILED,
        Status.UPDATING,
        Status.DELETING,
        Status.FAILED,
    }


def check_serverless(endpoint: Endpoint) -> None:
    """A serverless fleet is brought without guardrails, never instead of instances, and never has too much warm."""
    for fleet in endpoint.fleets:
        for variant in fleet.variants.values():
            if variant.serverless:
                assert variant.count == len(fleet.variants) == 1
                assert variant.serverless.get("ProvisionedConcurrency", 0) <= variant.serverless["MaxConcurrency"]
    if endpoint.green and endpoint.green.serverless:
        assert endpoint.fleet is None or endpoint.fleet.serverless
        assert endpoint.deployment
        assert not (endpoint.deployment.guarded and endpoint.fleet)


def check_traffic(endpoint: Endpoint) -> None:
    """All traffic goes somewhere, and nothing goes to instances that nobody has ordered."""
    if endpoint.status not in SERVING:
        return
    parts = fleet_shares(endpoint)
    assert abs(sum(part for _, part in parts) - 1.0) < 1e-6
    for fleet, part in parts:
        assert 0.0 <= part <= 1.0
        empty = all(variant.wanted == 0 for variant in fleet.production if variant.count)
        assert part == 0 or not fleet.capacity or not empty
    assert not any(way.variant.shadow for way, _ in ways(endpoint))


def check_description(endpoint: Endpoint) -> None:
    """A new configuration is pending only while it is on its way, and never the one that is described as active."""
    described = describe(endpoint)
    summary = described["PendingDeploymentSummary"]
    assert summary is None or endpoint.status in MOVING
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        for variant in described[kind] or []:
            assert (variant["VariantName"] == "dark") == kind.startswith("Shadow")
            assert ("CurrentInstanceCount" in variant) != ("CurrentServerlessConfig" in variant)
            assert variant.get("CurrentInstanceCount", 0) >= 0
    assert described["FailureReason"] is None or endpoint.status is not Status.UPDATING


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=80)
