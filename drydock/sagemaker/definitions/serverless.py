"""What serverless variants exclude, what they may be asked, what they may be changed to; pure.

Source: SageMaker developer guide, "Deploy models with Amazon SageMaker Serverless Inference" (memory sizes, exclusions,
concurrency, payload of 4 MB, /ping within 3 minutes) and "Blue/green deployments" (guardrails leave them out). The
texts of the refusals are inferred.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from drydock.sagemaker.definitions.variants import SHADOW, variants_of
from drydock.sagemaker.errors import ServiceError, refusal
from drydock.sagemaker.memory.model import Fleet, Variant
from drydock.sagemaker.memory.resources import Model
from drydock.sagemaker.rules import Rules

CONFIG = "ServerlessConfig"
LARGEST_PAYLOAD = 4 * 1024 * 1024
"""Bytes of a request and of an answer."""
_STARTUP_SECONDS = 180.0
_INSTANCE_STARTUP_SECONDS = 480.0
_STEP = 1024
_OF_INSTANCES = ("InstanceType", "InitialInstanceCount", "AcceleratorType", "VolumeSizeInGB", "ManagedInstanceScaling")
_EXCLUDED = ("DataCaptureConfig", "AsyncInferenceConfig", "ExplainerConfig", SHADOW)


def startup_seconds(definition: Mapping[str, Any]) -> float:
    """Say how long a container of a variant has until /ping must answer, in SageMaker's seconds.

    Instances have 8 minutes where the configuration names no time (developer guide, bring your own container).
    """
    usual = _STARTUP_SECONDS if CONFIG in definition else _INSTANCE_STARTUP_SECONDS
    return float(definition.get("ContainerStartupHealthCheckTimeoutInSeconds", usual))


def check_serverless(config: Mapping[str, Any]) -> None:
    """Check what a configuration asks for besides a serverless variant.

    Raises:
        ServiceError: a feature that serverless variants exclude, or a size that there is not.
    """
    for variant in variants_of(config):
        if CONFIG in variant:
            _check_variant(config, variant)


def _check_variant(config: Mapping[str, Any], variant: Mapping[str, Any]) -> None:
    name, wanted = variant["VariantName"], variant[CONFIG]
    if mixed := [member for member in _OF_INSTANCES if member in variant]:
        raise refusal(f'{", ".join(mixed)} cannot be given with {CONFIG} for production variant "{name}".')
    if excluded := [feature for feature in _EXCLUDED if feature in config]:
        raise refusal(f"{', '.join(excluded)} cannot be used with serverless endpoints.")
    if len(config["ProductionVariants"]) > 1:
        raise refusal("A serverless endpoint can have one production variant only.")
    if wanted["MemorySizeInMB"] % _STEP:
        raise refusal(f"MemorySizeInMB must be a multiple of {_STEP}; it is {wanted['MemorySizeInMB']}.")
    check_concurrency(wanted)


def check_concurrency(wanted: Mapping[str, int]) -> None:
    """Refuse more provisioned concurrency than there may be requests at once.

    Raises:
        ServiceError: it is more.
    """
    provisioned, most = wanted.get("ProvisionedConcurrency", 0), wanted["MaxConcurrency"]
    if provisioned > most:
        raise refusal(f"ProvisionedConcurrency ({provisioned}) must not exceed MaxConcurrency ({most}).")


def check_serverless_models(config: Mapping[str, Any], models: Iterable[Model]) -> None:
    """Check the models of a configuration with a serverless variant.

    Raises:
        ServiceError: a model in a VPC or isolated, of several containers, multi-model, with a data source that is not
            a ModelDataUrl, or of AWS Marketplace.
    """
    if not any(CONFIG in variant for variant in variants_of(config)):
        return
    for model in models:
        definition = model.definition
        containers = definition.get("Containers") or [definition["PrimaryContainer"]]
        reasons = {
            "a VpcConfig": "VpcConfig" in definition,
            "network isolation": definition.get("EnableNetworkIsolation", False),
            "several containers": len(containers) > 1,
            "MultiModel mode": containers[0].get("Mode") == "MultiModel",
            "a ModelDataSource": "ModelDataSource" in containers[0],
            "a Marketplace container": model.marketplace,
        }
        if found := [reason for reason, holds in reasons.items() if holds]:
            raise refusal(f'Model "{model.arn}" has {", ".join(found)}: serverless endpoints do not support that.')


def check_conversion(blue: Fleet | None, green: Fleet) -> None:
    """Refuse to turn an endpoint with instances into a serverless one; the other way is open.

    Raises:
        ServiceError: that is what is asked.
    """
    if green.serverless and blue and not blue.serverless:
        raise refusal("An endpoint with instances cannot be updated to a serverless endpoint.")


def guarded(rules: Rules, fleet: Fleet, policy: dict[str, Any]) -> dict[str, Any]:
    """Give the DeploymentConfig that holds for a fleet: none for a serverless one.

    Raises:
        ServiceError: one was given for a serverless fleet, and the rules refuse that.
    """
    if not fleet.serverless or not policy:
        return policy
    if rules.serverless_deployment_config_ignored:
        return {}
    raise refusal("DeploymentConfig cannot be used with serverless endpoints.")


def check_change(variant: Variant, change: Mapping[str, Any]) -> None:
    """Check one of DesiredWeightsAndCapacities against its variant.

    Raises:
        ServiceError: instances for a serverless variant, concurrency for one with instances, or too much of it.
    """
    name = variant.name
    if variant.serverless is None:
        if "ServerlessUpdateConfig" in change:
            raise refusal(f'ServerlessUpdateConfig cannot be given for variant "{name}", which is not serverless.')
        return
    if "DesiredInstanceCount" in change:
        raise refusal(f'DesiredInstanceCount cannot be given for the serverless variant "{name}".')
    check_concurrency({**variant.serverless, **change.get("ServerlessUpdateConfig", {})})


def check_room(variant: Variant, under_way: int, size: int) -> None:
    """Refuse an invocation that a serverless variant has no room for.

    Args:
        variant: any; one with instances has room.
        under_way: requests that it is answering.
        size: bytes of the request's body.

    Raises:
        ServiceError: ThrottlingException 429, or 413.
    """
    if variant.serverless is None:
        return
    if size > LARGEST_PAYLOAD:
        raise ServiceError("RequestEntityTooLarge", f"Request body exceeds {LARGEST_PAYLOAD} bytes.", 413)
    if under_way >= variant.serverless["MaxConcurrency"]:
        raise ServiceError("ThrottlingException", "Rate exceeded", 429)


def not_ready(variant: str) -> ServiceError:
    """Make the error for a container that is still being started when the caller's time is over."""
    return ServiceError("ModelNotReadyException", f"The resources of variant {variant} are being provisioned.", 429)
