"""Checks across the fields of a request, which AWS makes beyond its service model; pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from drydock.sagemaker.definitions.serverless import CONFIG, check_serverless
from drydock.sagemaker.definitions.variants import check_shadow, variants_of
from drydock.sagemaker.deployment.planning import TERMINATION_WAIT, plan_steps
from drydock.sagemaker.deployment.rolling import WAIT, plan_batches
from drydock.sagemaker.errors import refusal, unsupported
from drydock.sagemaker.memory.model import Step

_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
_PERCENTS = {"CANARY": (0.0, 50.0), "LINEAR": (10.0, 50.0)}
_BATCH_PERCENTS = (5.0, 50.0)


def check_config(request: Mapping[str, Any]) -> None:
    """Check what CreateEndpointConfig asks for.

    Raises:
        ServiceError: a variant named twice, an instance type or count missing, or a feature Drydock lacks.
    """
    names = set()
    for variant in variants_of(request):
        if variant["VariantName"] in names:
            raise refusal(f'The variant name "{variant["VariantName"]}" was non-unique within the request.')
        names.add(variant["VariantName"])
        _check_variant(variant)
    check_shadow(request)
    check_serverless(request)
    if "ExplainerConfig" in request:
        raise unsupported("ExplainerConfig")


def _check_variant(variant: Mapping[str, Any]) -> None:
    if "InstancePools" in variant:
        raise unsupported("InstancePools")
    if "ModelName" not in variant:
        raise unsupported("inference components (a variant without ModelName)")
    for needed in ("InitialInstanceCount", "InstanceType") if CONFIG not in variant else ():
        if needed not in variant:
            raise refusal(f'{needed} is required for production variant "{variant["VariantName"]}".')


def check_deployment_config(policy: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    """Check a DeploymentConfig against the fleet it is for.

    Args:
        policy: the DeploymentConfig.
        counts: instances of each variant.

    Raises:
        ServiceError: policies exclude each other, a step is missing or out of bounds, waits exceed the timeout.
    """
    if "RollingUpdatePolicy" in policy:
        if "BlueGreenUpdatePolicy" in policy:
            raise refusal("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be given.")
        _check_rolling(policy["RollingUpdatePolicy"], counts)
    blue_green = policy.get("BlueGreenUpdatePolicy")
    if blue_green:
        _check_routing(blue_green["TrafficRoutingConfiguration"], counts)
        _check_timeout(blue_green, plan_steps(blue_green, max(counts.values())))


def _check_rolling(batches: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    _check_size("MaximumBatchSize", batches["MaximumBatchSize"], _BATCH_PERCENTS, counts)
    _check_timeout(batches, plan_batches(batches, max(counts.values())))


def _check_routing(routing: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    kind = routing["Type"]
    for owner, name in _SIZES.items():
        if (name in routing) != (owner == kind):
            verb = "required" if owner == kind else "not allowed"
            raise refusal(f"{name} is {verb} when the traffic routing Type is {kind}.")
    if kind in _SIZES:
        _check_size(_SIZES[kind], routing[_SIZES[kind]], _PERCENTS[kind], counts)


def _check_size(named: str, size: Mapping[str, Any], percents: tuple[float, float], counts: Mapping[str, int]) -> None:
    least, most = percents
    for name, count in counts.items():
        percent = size["Value"] if size["Type"] == "CAPACITY_PERCENT" else 100 * size["Value"] / max(count, 1)
        if not least <= percent <= most:
            limits = f"between {least:g} and {most:g} percent of the instances"
            raise refusal(f'{named} must be {limits} of variant "{name}"; it is {percent:g} percent.')


def _check_timeout(policy: Mapping[str, Any], steps: Iterable[Step]) -> None:
    timeout = policy.get("MaximumExecutionTimeoutInSeconds")
    waits = sum(step.bake_seconds for step in steps)
    if timeout is not None and timeout <= waits:
        raise refusal(
            f"MaximumExecutionTimeoutInSeconds ({timeout}) must exceed the sum of {WAIT} and {TERMINATION_WAIT} "
            f"over all steps ({waits:g})."
        )
