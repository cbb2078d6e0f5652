"""What a spec of a serverless model must keep besides types and bounds: all that SageMaker has for instances only.

Developer guide, "Deploy models with Amazon SageMaker Serverless Inference" (feature exclusions) and "Deployment
guardrails" (exclusions); API reference, ModelDataSource.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.intake.event_values import child
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]

INSTANCE_KEYS = ("instance_type", "instance_count")
"""Keys of `serve` that say of instances what `serverless` says of containers."""


def serverless_findings(values: Values) -> Iterator[Finding]:
    """Hold the other parts of a spec to `serve.serverless`; nothing for a model that has instances.

    Args:
        values: the merged values, of any type.
    """
    serve = child(values, "serve")
    wanted = serve.get("serverless")
    if not isinstance(wanted, Mapping):
        return
    yield from _concurrency(wanted)
    for key in INSTANCE_KEYS:
        if key in serve:
            what = "A serverless model has no instances, and here it is said of which kind or how many they are."
            yield Finding("SPEC_SERVERLESS_INSTANCES", what, "Remove one of the two.", f"serve.{key}")
    if serve.get("network_isolation") is not False:
        what = "SageMaker cannot cut a serverless container off from the network, and Slipway does not do so unasked."
        step = "Set it to false, or give the model instances."
        yield Finding("SPEC_SERVERLESS_NETWORK", what, step, "serve.network_isolation")
    if child(serve, "vpc").get("subnets"):
        what = "SageMaker puts no serverless model into a VPC."
        yield Finding("SPEC_SERVERLESS_VPC", what, "Remove it, or give the model instances.", "serve.vpc.subnets")
    yield from _elsewhere(values)


def _concurrency(wanted: Values) -> Iterator[Finding]:
    ready, most = wanted.get("provisioned_concurrency"), wanted.get("max_concurrency")
    if isinstance(ready, int) and isinstance(most, int) and ready > most:
        what = f"{ready} containers that are always ready are more than the {most} that there may be."
        where = "serve.serverless.provisioned_concurrency"
        yield Finding("SPEC_SERVERLESS_PROVISIONED", what, "Set it to max_concurrency at most.", where)


def _elsewhere(values: Values) -> Iterator[Finding]:
    if child(values, "capture").get("percent"):
        what = "SageMaker captures no traffic of a serverless model."
        yield Finding("SPEC_SERVERLESS_CAPTURE", what, "Remove it, or set it to 0.", "capture.percent")
    if child(values, "autoscaling").get("max_capacity"):
        what = "A serverless model scales by itself, up to serve.serverless.max_concurrency."
        yield Finding("SPEC_SERVERLESS_SCALING", what, "Remove the part autoscaling.", "autoscaling.max_capacity")
    if child(values, "rollout").get("strategy", "all_at_once") != "all_at_once":
        what = "SageMaker's guardrails leave serverless models out, so all traffic moves at once."
        yield Finding("SPEC_SERVERLESS_ROLLOUT", what, "Remove it, or give the model instances.", "rollout.strategy")
    artifact = values.get("artifact")
    if isinstance(artifact, str) and artifact.endswith("/"):
        what = "SageMaker serves no folder of files that are not packed without instances."
        yield Finding("SPEC_SERVERLESS_FOLDER", what, "Pack it into a model.tar.gz.", "artifact")
