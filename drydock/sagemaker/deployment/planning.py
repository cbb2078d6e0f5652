"""Plans a change of an endpoint: which fleet, which steps of traffic, which guard; pure."""

import math
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.definitions.containers import containers_of, is_direct
from drydock.sagemaker.definitions.variants import PRODUCTION, variants_of
from drydock.sagemaker.deployment.rolling import WAIT, batch_share, order_batch, plan_batches
from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet, Kind, Size, Step, Variant
from drydock.sagemaker.memory.resources import EndpointConfig
from drydock.sagemaker.memory.state import State

TERMINATION_WAIT = "TerminationWaitInSeconds"
_RETAINED = {"weight": "DesiredWeight", "count": "DesiredInstanceCount"}


def plan_fleet(state: State, endpoint: str, config: EndpointConfig, *, scoped: bool) -> Fleet:
    """Plan the fleet of a configuration.

    Args:
        state: where the models are.
        endpoint: the endpoint's name.
        config: the configuration.
        scoped: whether its metrics also come by EndpointConfigName.

    Raises:
        ServiceError: a model of the configuration is gone.
    """
    variants = {}
    definitions = variants_of(config.definition)
    production = len(config.definition[PRODUCTION])
    models = [state.model(definition["ModelName"]) for definition in definitions]
    for number, (definition, model) in enumerate(zip(definitions, models, strict=True)):
        name = definition["VariantName"]
        variants[name] = Variant(
            name=name,
            definition=definition,
            containers=containers_of(model.definition),
            direct=is_direct(model.definition),
            weight=definition.get("InitialVariantWeight", 1.0),
            count=definition.get("InitialInstanceCount", 1),
            shadow=number >= production,
            marketplace=model.marketplace,
            isolated=model.definition.get("EnableNetworkIsolation", False),
            serverless=definition.get("ServerlessConfig"),
        )
    number = next(state.fleet_numbers)
    roles = [model.definition["ExecutionRoleArn"] for model in models if "ExecutionRoleArn" in model.definition]
    role = next(iter(roles), "")
    fleet = Fleet(f"{endpoint.lower()}-{number}", config.name, variants, state.now(), scoped, role)
    fleet.capture = config.definition.get("DataCaptureConfig")
    fleet.metrics = config.definition.get("MetricsConfig")
    fleet.asynchronous = config.definition.get("AsyncInferenceConfig")
    return fleet


def plan_creation(state: State, fleet: Fleet) -> Deployment:
    """Plan the first deployment of an endpoint: no guardrail, no bake."""
    now = state.now()
    return Deployment(Kind.CREATE, now, now, green=fleet, steps=(Step(1.0, 0.0, TERMINATION_WAIT),))


def plan_update(state: State, endpoint: Endpoint, green: Fleet, policy: Mapping[str, Any]) -> Deployment:
    """Plan a blue/green or a rolling deployment.

    What guardrails exclude AWS updates all at once, without bake and without deployment events: see `is_excluded`.

    Args:
        state: the clock.
        endpoint: what is updated.
        green: its new fleet.
        policy: the DeploymentConfig; empty for all at once without a bake.
    """
    now = state.now()
    if endpoint.fleet is None or is_excluded(endpoint.fleet, green, policy):
        return Deployment(Kind.UPDATE, now, now, green=green, steps=(Step(1.0, 0.0, TERMINATION_WAIT),), guarded=False)
    batches = policy.get("RollingUpdatePolicy")
    chosen = batches or policy.get("BlueGreenUpdatePolicy") or {}
    alarms = policy.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    deployment = Deployment(
        Kind.UPDATE,
        now,
        now,
        green=green,
        steps=plan_batches(batches, green.capacity) if batches else plan_steps(chosen, green.capacity),
        alarms=tuple(alarm["AlarmName"] for alarm in alarms),
        timeout_seconds=chosen.get("MaximumExecutionTimeoutInSeconds"),
        rolling=bool(batches),
        rollback_share=batch_share(chosen.get("RollbackMaximumBatchSize"), endpoint.fleet.capacity),
    )
    if batches:
        order_batch(deployment)
    return deployment


def is_excluded(blue: Fleet, green: Fleet, policy: Mapping[str, Any]) -> bool:
    """Whether guardrails leave an update out.

    It has other variant names, a serverless variant, a container of AWS Marketplace, Inf1 instances, or several
    variants in a rolling one.

    Source: SageMaker developer guide, deployment guardrails, exclusions.

    Args:
        blue: the fleet that serves.
        green: the fleet to come.
        policy: the DeploymentConfig.
    """
    variants = [*blue.variants.values(), *green.variants.values()]
    names = [{variant.name for variant in fleet.production} for fleet in (blue, green)]
    return (
        names[0] != names[1]
        or any(variant.marketplace or variant.serverless for variant in variants)
        or any(str(variant.definition.get("InstanceType")).startswith("ml.inf1.") for variant in variants)
        or ("RollingUpdatePolicy" in policy and len(green.production) > 1)
    )


def plan_steps(blue_green: Mapping[str, Any], capacity: int) -> tuple[Step, ...]:
    """Turn a BlueGreenUpdatePolicy into shifts of traffic.

    Args:
        blue_green: the policy; empty for all at once.
        capacity: instances of a variant of the new fleet.

    Returns:
        One step for ALL_AT_ONCE, two for CANARY, ceil(1 / step) for LINEAR; the last has all the traffic and bakes for
        TerminationWaitInSeconds, those before it for WaitIntervalInSeconds.
    """
    routing = blue_green.get("TrafficRoutingConfiguration", {})
    wait = float(routing.get(WAIT, 0))
    partial: list[float] = []
    if routing.get("Type") == "CANARY":
        partial = [_share(routing["CanarySize"], capacity)]
    elif routing.get("Type") == "LINEAR":
        size = _share(routing["LinearStepSize"], capacity)
        partial = [number * size for number in range(1, math.ceil(1 / size - 1e-9))]
    last = Step(1.0, float(blue_green.get(TERMINATION_WAIT, 0)), TERMINATION_WAIT)
    return (*(Step(share, wait, WAIT) for share in partial), last)


def _share(size: Mapping[str, Any], capacity: int) -> float:
    if size["Type"] == "CAPACITY_PERCENT":
        return float(size["Value"]) / 100
    return min(1.0, float(size["Value"]) / max(capacity, 1))


def retain(green: Fleet, blue: Fleet | None, excluded: set[str]) -> None:
    """Keep the weights and counts of the variants that both fleets have (RetainAllVariantProperties).

    Args:
        green: the planned fleet, changed in place.
        blue: the fleet that serves.
        excluded: property types to take from the new configuration all the same.
    """
    for name, variant in green.variants.items():
        former = blue.variants.get(name) if blue else None
        for attribute, kind in _RETAINED.items():
            if former and kind not in excluded:
                setattr(variant, attribute, getattr(former, attribute))


def plan_rescale(state: State, fleet: Fleet, wanted: list[Mapping[str, Any]]) -> Deployment:
    """Plan a change of weights and capacities, and make it on the fleet.

    Args:
        state: the clock.
        fleet: the fleet that serves, changed in place.
        wanted: DesiredWeightsAndCapacities, its variants all in the fleet.
    """
    now = state.now()
    former = {name: Size(each.weight, each.count, each.serverless) for name, each in fleet.variants.items()}
    for change in wanted:
        variant = fleet.variants[change["VariantName"]]
        variant.weight = change.get("DesiredWeight", variant.weight)
        variant.count = change.get("DesiredInstanceCount", variant.count)
        if variant.serverless:
            variant.serverless = {**variant.serverless, **change.get("ServerlessUpdateConfig", {})}
    return Deployment(Kind.RESCALE, now, now, former=former)
