"""What a spec of a multi-model endpoint must keep besides types and bounds.

Source: developer guide, "Multi-model endpoints" and "Serverless Inference" (feature exclusions). That it is one
container which serves one folder is a choice of Slipway's: SageMaker takes such a container among others.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slipway.release.verdicts import Finding

Values = Mapping[str, Any]


def multi_model_findings(values: Values, serve: Values, place: str) -> Iterator[Finding]:
    """Hold the other parts of a spec to `multi_model` of a section that says how something is served.

    Args:
        values: the merged values, of any type.
        serve: the section.
        place: where it stands in the spec.
    """
    if serve.get("multi_model") is not True:
        return
    artifact, where = values.get("artifact"), f"{place}.multi_model"
    if not isinstance(artifact, str) or not artifact.endswith("/"):
        what = "Many models are a folder of archives, and the artifact is none."
        step = "Name the folder, with a slash at its end: artifact: models/<endpoint>/<version>/models/."
        yield Finding("SPEC_MULTI_MODEL_FOLDER", what, step, "artifact" if isinstance(artifact, str) else where)
    if serve.get("containers"):
        what = "Slipway serves many models by one container alone."
        yield Finding("SPEC_MULTI_MODEL_CONTAINERS", what, "Remove one of the two.", where)
    if serve.get("serverless") is not None:
        what = "SageMaker serves no multi-model endpoint without instances."
        yield Finding("SPEC_SERVERLESS_MULTI_MODEL", what, "Give the model instances.", where)


def mixed_findings(served: Iterable[Values]) -> Iterator[Finding]:
    """Tell when of several variants some load many models and some do not: they share one artifact."""
    if len({serve.get("multi_model") is True for serve in served}) > 1:
        what = "Some variants load many models and some serve one, of the same artifact."
        yield Finding("SPEC_MULTI_MODEL_MIXED", what, "Say multi_model in `serve`, for all of them.", "variants")
