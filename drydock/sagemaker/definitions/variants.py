"""What the variants of an endpoint configuration are, and the rules for shadow variants; pure.

Source: CreateEndpointConfig in the API reference (one production and one shadow variant); SageMaker developer guide,
shadow tests, exclusions. The texts of the refusals are inferred.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from drydock.sagemaker.errors import refusal
from drydock.sagemaker.memory.resources import Model

PRODUCTION, SHADOW = "ProductionVariants", "ShadowProductionVariants"
_INF1 = "ml.inf1."


def variants_of(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give every variant of a configuration (or of the request that makes it), production before shadow."""
    return [*config[PRODUCTION], *config.get(SHADOW, [])]


def check_shadow(config: Mapping[str, Any]) -> None:
    """Check what a configuration asks for besides a shadow variant.

    Raises:
        ServiceError: more than one variant of either kind, or instances or a way to ask that shadow variants exclude.
    """
    if SHADOW not in config:
        return
    if len(config[PRODUCTION]) != 1 or len(config[SHADOW]) != 1:
        raise refusal(f"Only one variant in {PRODUCTION} and one in {SHADOW} can be given when {SHADOW} is used.")
    if any(str(variant.get("InstanceType", "")).startswith(_INF1) for variant in variants_of(config)):
        raise refusal(f"{SHADOW} cannot be used with Inf1 instances.")
    if "AsyncInferenceConfig" in config:
        raise refusal(f"{SHADOW} cannot be used with asynchronous inference.")


def check_shadowed_models(config: Mapping[str, Any], models: Iterable[Model]) -> None:
    """Check the models of a configuration with a shadow variant.

    Args:
        config: the request of CreateEndpointConfig.
        models: those that it names.

    Raises:
        ServiceError: one of several containers, a multi-model one, or one of AWS Marketplace.
    """
    if SHADOW not in config:
        return
    for model in models:
        containers = model.definition.get("Containers") or [model.definition["PrimaryContainer"]]
        if len(containers) > 1 or containers[0].get("Mode") == "MultiModel":
            raise refusal(f"{SHADOW} cannot be used with multi-container or multi-model endpoints.")
        if model.marketplace:
            raise refusal(f"{SHADOW} cannot be used with Marketplace containers.")
