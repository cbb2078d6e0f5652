"""What DescribeEndpoint tells in each phase of a deployment; pure."""

import hashlib
from collections.abc import Mapping
from typing import Any

from drydock.sagemaker.deployment.rolling import portion
from drydock.sagemaker.memory.model import Deployment, Endpoint, Fleet, Kind, Phase, Size, Variant
from drydock.sagemaker.memory.statuses import SERVING
from drydock.sagemaker.rules import NameFlips, Rules

_LONGEST_REASON = 1024
"""Characters that FailureReason may have."""
_DEFAULTS = Rules()


def describe(endpoint: Endpoint, rules: Rules = _DEFAULTS) -> dict[str, Any]:
    """Give the answer of DescribeEndpoint."""
    deployment = endpoint.deployment
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": config_name(endpoint, rules),
        "ProductionVariants": active_variants(endpoint) or None,
        "ShadowProductionVariants": active_variants(endpoint, shadow=True) or None,
        "EndpointStatus": str(endpoint.status),
        "FailureReason": endpoint.failure_reason[:_LONGEST_REASON] or None,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "LastDeploymentConfig": endpoint.last_deployment_config,
        "DataCaptureConfig": _capture(endpoint),
        "MetricsConfig": endpoint.fleet.metrics if endpoint.fleet else None,
        "AsyncInferenceConfig": endpoint.fleet.asynchronous if endpoint.fleet else None,
        "PendingDeploymentSummary": pending(deployment) if deployment else None,
    }


def config_name(endpoint: Endpoint, rules: Rules) -> str:
    """Give the EndpointConfigName that is shown: when it changes in a deployment is a rule."""
    deployment = endpoint.deployment
    if rules.config_name_flips is NameFlips.AT_THE_END or deployment is None or deployment.green is None:
        return endpoint.config_name
    full = deployment.share == 1.0 and deployment.phase is not Phase.ROLLING_BACK
    return deployment.green.config_name if full else endpoint.config_name


def _capture(endpoint: Endpoint) -> dict[str, Any] | None:
    """Give the DataCaptureConfigSummary: all its members are required, KmsKeyId too."""
    settings = endpoint.fleet.capture if endpoint.fleet else None
    if settings is None:
        return None
    enabled = settings.get("EnableCapture", False)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled and endpoint.status in SERVING else "Stopped",
        "CurrentSamplingPercentage": settings["InitialSamplingPercentage"],
        "DestinationS3Uri": settings["DestinationS3Uri"],
        "KmsKeyId": settings.get("KmsKeyId", ""),
    }


def active_variants(endpoint: Endpoint, *, shadow: bool = False) -> list[dict[str, Any]]:
    """Give the production or the shadow variants of the fleet that has served so far; none before the first."""
    fleet = endpoint.fleet
    if fleet is None:
        return []
    chosen = [variant for variant in fleet.variants.values() if variant.shadow == shadow]
    return [_active_variant(fleet, variant, endpoint.deployment) for variant in chosen]


def _active_variant(fleet: Fleet, variant: Variant, deployment: Deployment | None) -> dict[str, Any]:
    now = Size(variant.weight, variant.wanted, variant.serverless)
    former = deployment.former.get(variant.name, now) if deployment else now
    return {
        "VariantName": variant.name,
        "DeployedImages": _images(variant, fleet.created),
        "CurrentWeight": former.weight,
        "DesiredWeight": variant.weight,
        **_capacity(variant, former.count, former.serverless),
        "VariantStatus": _active_status(variant, deployment) if deployment else None,
        **_copied(variant, "ManagedInstanceScaling", "RoutingConfig"),
    }


def _capacity(variant: Variant, count: int, serverless: dict[str, int] | None) -> dict[str, Any]:
    """Give what a variant has and shall have: instances, or concurrency."""
    if variant.serverless:
        return {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": variant.serverless}
    return {"CurrentInstanceCount": count, "DesiredInstanceCount": variant.count}


def _active_status(variant: Variant, deployment: Deployment) -> list[dict[str, Any]] | None:
    if deployment.kind is Kind.RESCALE:
        if variant.serverless:
            return [{"Status": "Updating", "StartTime": deployment.entered}]
        direction = "in" if variant.count < deployment.former[variant.name].count else "out"
        return [
            _variant_status("Updating", f"Scaling {direction} desired instance count to {variant.count}.", deployment)
        ]
    if deployment.phase is Phase.TERMINATING:
        leaving = _batch(deployment, variant) if deployment.rolling else variant.count
        return [_variant_status("Deleting", f"Terminating {leaving} instance(s).", deployment)]
    if deployment.rolling and deployment.phase is Phase.ROLLING_BACK:
        return [_variant_status("Creating", f"Launching {variant.wanted - variant.ready} instance(s).", deployment)]
    return None


def _batch(deployment: Deployment, variant: Variant) -> int:
    """Count the instances that the present step of a rolling deployment replaces."""
    before = deployment.steps[deployment.step - 1].share if deployment.step else 0.0
    return portion(variant.count, deployment.steps[deployment.step].share) - portion(variant.count, before)


def _variant_status(status: str, message: str, deployment: Deployment) -> dict[str, Any]:
    return {"Status": status, "StatusMessage": message, "StartTime": deployment.entered}


def pending(deployment: Deployment) -> dict[str, Any] | None:
    """Give the PendingDeploymentSummary: only while a new configuration is on its way."""
    green = deployment.green
    if green is None:
        return None
    return {
        "EndpointConfigName": green.config_name,
        "ProductionVariants": _pending_variants(deployment, green, shadow=False),
        "ShadowProductionVariants": _pending_variants(deployment, green, shadow=True) or None,
        "StartTime": deployment.started,
    }


def _pending_variants(deployment: Deployment, green: Fleet, *, shadow: bool) -> list[dict[str, Any]]:
    chosen = [variant for variant in green.variants.values() if variant.shadow == shadow]
    return [_pending_variant(deployment, green, variant) for variant in chosen]


def _pending_variant(deployment: Deployment, green: Fleet, variant: Variant) -> dict[str, Any]:
    taking = _with_traffic(deployment, variant)
    status = _pending_status(deployment, variant, taking)
    return {
        "VariantName": variant.name,
        "DeployedImages": _images(variant, green.created),
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        **_capacity(variant, taking, variant.serverless),
        "VariantStatus": [_variant_status(*status, deployment)] if status else None,
        **_copied(variant, "InstanceType", "AcceleratorType", "ManagedInstanceScaling", "RoutingConfig"),
    }


def _with_traffic(deployment: Deployment, variant: Variant) -> int:
    """Count the instances with traffic: in AWS's sample of a canary bake they are what "current" means."""
    return portion(variant.count, deployment.share)


def _pending_status(deployment: Deployment, variant: Variant, taking: int) -> tuple[str, str] | None:
    step = deployment.steps[deployment.step]
    capacity = f"{'full' if step.share == 1 else 'canary'} capacity of {taking} instance(s)"
    seconds = f"{step.bake_seconds:g} seconds ({step.named})"
    launching = _batch(deployment, variant) if deployment.rolling else variant.count
    return {
        Phase.PROVISIONING: ("Creating", f"Launching {launching} instance(s)."),
        Phase.SHIFTING: ("ActivatingTraffic", f"Activating traffic on {capacity}."),
        Phase.BAKING: ("Baking", f"Baking for {seconds} with traffic enabled on {capacity}."),
        Phase.ROLLING_BACK: ("Deleting", f"Terminating {variant.wanted} instance(s)."),
    }.get(deployment.phase)


def _images(variant: Variant, at: float) -> list[dict[str, Any]]:
    return [_image(str(container["Image"]), at) for container in variant.containers]


def _image(image: str, at: float) -> dict[str, Any]:
    digest = hashlib.sha256(image.encode()).hexdigest()
    name = image.partition("@")[0].rpartition(":")[0] or image
    return {"SpecifiedImage": image, "ResolvedImage": f"{name}@sha256:{digest}", "ResolutionTime": at}


def _copied(variant: Variant, *names: str) -> Mapping[str, Any]:
    return {name: variant.definition[name] for name in names if name in variant.definition}


def summarise(endpoint: Endpoint) -> dict[str, Any]:
    """Give an endpoint's line in ListEndpoints."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "EndpointStatus": str(endpoint.status),
    }
