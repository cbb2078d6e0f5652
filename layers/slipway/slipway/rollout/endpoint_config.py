"""The requests that put a model behind an endpoint, as SageMaker's API model wants them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slipway.release.naming import VARIANT, config_name, model_name
from slipway.release.release import Release
from slipway.release.serve_spec import Serve
from slipway.rollout.model_containers import containers_request, same_containers

Request = dict[str, Any]

CARRIED = ("DataCaptureConfig", "KmsKeyId")
"""What a new config takes over from the one that serves, since leaving it out would silently switch it off."""


def model_request(
    release: Release, addresses: Mapping[str, str], role_arn: str, vpc: Mapping[str, Sequence[str]] | None = None
) -> Request:
    """Build CreateModel; the name follows from the content, so the same content is never created twice.

    Args:
        release: with its spec.
        addresses: where each frozen artifact is, by the address that the spec names (`parts.frozen_addresses`).
        role_arn: what SageMaker serves it with.
        vpc: its VpcConfig; empty for none.
    """
    spec = release.wanted
    content = {
        **containers_request(spec.serve, addresses),
        "ExecutionRoleArn": role_arn,
        "EnableNetworkIsolation": spec.serve.network_isolation,
        **({"VpcConfig": dict(vpc)} if vpc else {}),
    }
    name = model_name(release.endpoint, json.dumps(content, sort_keys=True))
    return {"ModelName": name, **content, "Tags": tags(release)}


def same_model(described: Mapping[str, Any], request: Request) -> bool:
    """Whether an existing model is the one that the request asks for."""
    return bool(
        same_containers(described, request)
        and described.get("ExecutionRoleArn") == request["ExecutionRoleArn"]
        and bool(described.get("EnableNetworkIsolation")) == request["EnableNetworkIsolation"]
        and _sorted(described.get("VpcConfig")) == _sorted(request.get("VpcConfig"))
    )


def _sorted(vpc: Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    return {key: sorted(names) for key, names in (vpc or {}).items()}


def config_request(release: Release, model: str, carried: Mapping[str, Any], variant: str = VARIANT) -> Request:
    """Build CreateEndpointConfig.

    Args:
        release: with its spec.
        model: name of the model.
        carried: settings of the config that serves now and that the new one keeps.
        variant: name of the one variant; that of the config that serves now.
    """
    serve = release.wanted.serve
    fleet = {"VariantName": variant, "ModelName": model, "InitialVariantWeight": 1.0, **_capacity(serve)}
    name = config_name(release.endpoint, release.id)
    return {"EndpointConfigName": name, "ProductionVariants": [fleet], "Tags": tags(release), **carried}


def _capacity(serve: Serve) -> Request:
    """Say what the variant runs on; the timeouts are those of instances."""
    if serve.serverless:
        return {"ServerlessConfig": serve.serverless.request}
    return {
        "InstanceType": serve.instance_type,
        "InitialInstanceCount": serve.instance_count,
        "ModelDataDownloadTimeoutInSeconds": serve.download_timeout_seconds,
        "ContainerStartupHealthCheckTimeoutInSeconds": serve.health_check_timeout_seconds,
    }


def is_serverless(variant: Mapping[str, Any]) -> bool:
    """Whether a variant, as its config or its endpoint describes it, has no instances."""
    keys = ("ServerlessConfig", "CurrentServerlessConfig", "DesiredServerlessConfig")
    return any(variant.get(key) for key in keys)


def with_capture(carried: Mapping[str, Any], percent: int | None, destination: str) -> dict[str, Any]:
    """Say what of the traffic is captured: as the spec asks, else as the config that serves has it.

    Args:
        carried: settings of the config that serves now and that the new one keeps.
        percent: `capture.percent`.
        destination: S3 URI under which SageMaker makes a folder for each endpoint and variant.
    """
    if percent is None:
        return dict(carried)
    kept = {key: value for key, value in carried.items() if key != "DataCaptureConfig"}
    if percent == 0:
        return kept
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": percent,
        "DestinationS3Uri": destination,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }
    return {**kept, "DataCaptureConfig": capture}


def same_config(described: Mapping[str, Any], request: Request) -> bool:
    """Whether an existing config is the one that the request asks for."""
    there, wanted = described["ProductionVariants"], request["ProductionVariants"]
    return len(there) == len(wanted) and all(
        one.get(key) == value for one, other in zip(there, wanted, strict=True) for key, value in other.items()
    )


def carried_over(described: Mapping[str, Any] | None) -> dict[str, Any]:
    """Pick from a serving config what the next one keeps."""
    return {key: described[key] for key in CARRIED if described.get(key)} if described else {}


def endpoint_request(release: Release, config: str) -> Request:
    """Build CreateEndpoint; a first creation has no guardrail in SageMaker."""
    return {"EndpointName": release.endpoint, "EndpointConfigName": config, "Tags": tags(release)}


def update_request(endpoint: str, config: str, deployment: Request | None, *, resized: bool = False) -> Request:
    """Build UpdateEndpoint, keeping live weights, and live instance counts unless the spec asks for another one.

    Args:
        endpoint: its name.
        config: the config that it shall have.
        deployment: the DeploymentConfig; None for a serverless variant, which SageMaker's guardrails leave out
            (developer guide, exclusions), and of which nothing but its config is kept.
        resized: whether the config's instance count holds, and not the live one.
    """
    if deployment is None:
        return {"EndpointName": endpoint, "EndpointConfigName": config}
    excluded = [{"VariantPropertyType": "DesiredInstanceCount"}]
    request = {
        "EndpointName": endpoint,
        "EndpointConfigName": config,
        "RetainAllVariantProperties": True,
        "DeploymentConfig": deployment,
    }
    return {**request, "ExcludeRetainedVariantProperties": excluded} if resized else request


def instances_after(wanted: int, live: int | None, first: int | None, *, scaled: bool = False) -> int:
    """Say how many instances the new fleet will have.

    A count that the spec has not changed says nothing against what a person or autoscaling made of it since, and live
    capacity never drops because of a release: only a fleet that nobody scaled shrinks to what the spec asks for. Where
    scaling is registered the count is its business alone, between the limits that it has.

    Args:
        wanted: `serve.instance_count`.
        live: DesiredInstanceCount of the endpoint, None where it has none.
        first: InitialInstanceCount of its config.
        scaled: whether the variant is registered for scaling.
    """
    if scaled and live is not None:
        return live
    if live is None or live == first:
        return wanted
    return live if wanted == first else max(wanted, live)


def tags(release: Release) -> list[dict[str, str]]:
    """Tag what a release makes: the user's tags, and whose it is."""
    own = {"slipway:release": release.id, "slipway:endpoint": release.endpoint}
    return [{"Key": key, "Value": value} for key, value in {**release.wanted.tags, **own}.items()]
