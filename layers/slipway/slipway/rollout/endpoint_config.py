"""The requests that put a model behind an endpoint, as SageMaker's API model wants them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.release.naming import config_name, model_name
from slipway.release.release import Release
from slipway.release.serve_spec import Serve
from slipway.release.variant_spec import Variant
from slipway.rollout.model_containers import containers_request, same_containers

Request = dict[str, Any]


def model_request(
    release: Release,
    serve: Serve,
    addresses: Mapping[str, str],
    role_arn: str,
    vpc: Mapping[str, Sequence[str]] | None = None,
) -> Request:
    """Build CreateModel; the name follows from the content, so the same content is never created twice.

    Args:
        release: with its spec.
        serve: how it is served, by one variant or by all.
        addresses: where each frozen artifact is, by the address that the spec names (`parts.frozen_addresses`).
        role_arn: what SageMaker serves it with.
        vpc: its VpcConfig; empty for none.
    """
    content = {
        **containers_request(serve, addresses),
        "ExecutionRoleArn": role_arn,
        "EnableNetworkIsolation": serve.network_isolation,
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


@dataclass(frozen=True)
class Served:
    """A variant with its model, and how many instances it shall have."""

    variant: Variant
    model: str
    instances: int


def config_request(release: Release, served: Sequence[Served], carried: Mapping[str, Any]) -> Request:
    """Build CreateEndpointConfig.

    Args:
        release: with its spec.
        served: the variants.
        carried: settings of the config that serves now and that the new one keeps.
    """
    fleets = [
        {
            "VariantName": each.variant.name,
            "ModelName": each.model,
            "InitialVariantWeight": float(each.variant.weight),
            **_capacity(each.variant.serve, each.instances),
        }
        for each in served
    ]
    name = config_name(release.endpoint, release.id)
    return {"EndpointConfigName": name, "ProductionVariants": fleets, "Tags": tags(release), **carried}


def _capacity(serve: Serve, instances: int) -> Request:
    """Say what the variant runs on; the timeouts are those of instances."""
    if serve.serverless:
        return {"ServerlessConfig": serve.serverless.request}
    return {
        "InstanceType": serve.instance_type,
        "InitialInstanceCount": instances,
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
    there = {each["VariantName"]: each for each in described["ProductionVariants"]}
    wanted = {each["VariantName"]: each for each in request["ProductionVariants"]}
    return there.keys() == wanted.keys() and all(
        there[name].get(key) == value for name, variant in wanted.items() for key, value in variant.items()
    )


def endpoint_request(release: Release, config: str) -> Request:
    """Build CreateEndpoint; a first creation has no guardrail in SageMaker."""
    return {"EndpointName": release.endpoint, "EndpointConfigName": config, "Tags": tags(release)}


def update_request(endpoint: str, config: str, deployment: Request | None, anew: Sequence[str] | None = ()) -> Request:
    """Build UpdateEndpoint, keeping what the variants have become since, unless the config's is to hold.

    Args:
        endpoint: its name.
        config: the config that it shall have.
        deployment: the DeploymentConfig; None where SageMaker's guardrails do not hold (developer guide, exclusions).
        anew: DesiredInstanceCount, DesiredWeight: what holds as the config says; None: everything, as for a serverless
            variant.
    """
    request: Request = {"EndpointName": endpoint, "EndpointConfigName": config}
    if anew is not None:
        request["RetainAllVariantProperties"] = True
        excluded = [{"VariantPropertyType": kind} for kind in anew]
        request |= {"ExcludeRetainedVariantProperties": excluded} if excluded else {}
    return {**request, "DeploymentConfig": deployment} if deployment is not None else request


def tags(release: Release) -> list[dict[str, str]]:
    """Tag what a release makes: the user's tags, and whose it is."""
    own = {"slipway:release": release.id, "slipway:endpoint": release.endpoint}
    return [{"Key": key, "Value": value} for key, value in {**release.wanted.tags, **own}.items()]
