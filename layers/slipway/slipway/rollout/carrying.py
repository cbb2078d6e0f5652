"""What a new config keeps of the one that serves, and what it cannot keep; pure.

A CreateEndpointConfig request says everything anew: what it leaves out is switched off without a word. What neither the
spec says nor is kept here is refused by its name, so that nothing of an adopted endpoint gets lost silently.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.release.verdicts import Finding

Described = Mapping[str, Any]

CONFIG_KEPT = ("DataCaptureConfig", "KmsKeyId", "AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig")
"""Settings of a config that the next one keeps as they are (data capture unless the spec asks for another)."""

CONFIG_OWN = ("EndpointConfigName", "EndpointConfigArn", "CreationTime", "ProductionVariants", "ResponseMetadata")

VARIANT_KEPT = ("RoutingConfig", "CoreDumpConfig", "EnableSSMAccess", "ManagedInstanceScaling")
"""Settings of a variant that fit any instance type."""

OF_ITS_TYPE = ("VolumeSizeInGB", "InferenceAmiVersion", "CapacityReservationConfig")
"""Settings of a variant that fit its instance type, and are kept while that stays."""

VARIANT_OWN = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "ServerlessConfig",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
)
"""What the spec says of a variant, or follows from it."""


def carried_facts(described: Described | None) -> dict[str, Any]:
    """Pick from a serving config what the next one keeps: `carried` of itself, `kept` of each variant by its name."""
    serving, names = described or {}, ("InstanceType", *VARIANT_KEPT, *OF_ITS_TYPE)
    kept = {each["VariantName"]: _picked(each, names) for each in serving.get("ProductionVariants", [])}
    return {"carried": _picked(serving, CONFIG_KEPT), "kept": kept}


def keep(request: dict[str, Any], kept: Mapping[str, Described]) -> tuple[dict[str, Any], list[Finding]]:
    """Let the variants of a request keep what those of the same name have now.

    Args:
        request: CreateEndpointConfig as the spec asks for it.
        kept: settings of each variant that serves, by its name.

    Returns:
        The request, and what is not kept because it belongs to another instance type, or to a variant that goes.
    """
    variants, left = [], []
    for variant in request["ProductionVariants"]:
        had = kept.get(variant["VariantName"], {})
        bound = _picked(had, OF_ITS_TYPE)
        stays = had.get("InstanceType") == variant.get("InstanceType")
        variants.append({**variant, **_picked(had, VARIANT_KEPT), **(bound if stays else {})})
        left += [] if stays else sorted(bound)
    gone = [name for name in kept if name not in {each["VariantName"] for each in variants}]
    lost = [_gone(each, name) for each in gone for name in sorted(_picked(kept[each], (*VARIANT_KEPT, *OF_ITS_TYPE)))]
    return {**request, "ProductionVariants": variants}, [*(_left(name) for name in left), *lost]


def unkept(described: Described) -> Iterator[Finding]:
    """Refuse what a serving config has and the next one could not keep, by its name."""
    found = set(_picked(described, described.keys())) - {*CONFIG_KEPT, *CONFIG_OWN}
    for variant in described["ProductionVariants"]:
        found |= set(_picked(variant, variant.keys())) - {*VARIANT_KEPT, *OF_ITS_TYPE, *VARIANT_OWN}
    for name in sorted(found):
        message = f"The config that serves has {name}, which Slipway cannot keep, and a release would end it silently."
        yield Finding("SETTING_UNKEPT", message, "Take it off the endpoint first, or use another endpoint name.", name)


def _picked(described: Described, names: Any) -> dict[str, Any]:
    return {name: described[name] for name in names if described.get(name)}


def _left(name: str) -> Finding:
    message = f"{name} of the config that serves is not kept, since it was set for another instance type."
    return Finding("SETTING_LEFT", message, "Nothing, if the new instance type needs none.", name)


def _gone(variant: str, name: str) -> Finding:
    message = f"{name} of the variant {variant} is not kept, since that variant goes."
    return Finding("SETTING_LEFT", message, "Nothing, if the variants that come need none.", name)
