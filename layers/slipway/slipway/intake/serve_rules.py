"""What a section that says how a model is served must keep besides types and bounds, on raw values of any type."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.intake.event_values import child
from slipway.intake.names import is_one_line
from slipway.intake.vpc_rules import vpc_findings
from slipway.release.verdicts import Finding, placed

Values = Mapping[str, Any]

_ENVIRONMENT_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ENVIRONMENT_ENTRY, _ENVIRONMENT_TOTAL = 1024, 32 * 1024
"""ContainerDefinition.Environment: characters of a key or a value, and of all together (SageMaker API reference)."""

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")


def serve_findings(serve: Values, where: str) -> Iterator[Finding]:
    """Hold one section to every rule of its own.

    Args:
        serve: the section.
        where: its place in the spec.
    """
    found = (*_fleet(serve), *_environment(child(serve, "environment")), *vpc_findings(child(serve, "vpc")))
    for finding in found:
        yield placed(finding, where)


def _fleet(serve: Values) -> Iterator[Finding]:
    image, instance_type = serve.get("image"), serve.get("instance_type")
    if isinstance(image, str) and (" " in image or not is_one_line(image)):
        yield Finding(
            "SPEC_IMAGE_INVALID",
            "The name of an image has no spaces.",
            "Write <registry>/<name>@sha256:….",
            "serve.image",
        )
    if isinstance(instance_type, str) and instance_type and not _INSTANCE_TYPE.fullmatch(instance_type):
        what = f"{instance_type[:60]!a} is not an instance type of SageMaker hosting."
        yield Finding("SPEC_INSTANCE_TYPE_INVALID", what, "Write one like ml.m5.large.", "serve.instance_type")


def _environment(environment: Values) -> Iterator[Finding]:
    total = 0
    for key, value in environment.items():
        where, size = f"serve.environment.{key[:80]}", len(value) if isinstance(value, str) else 0
        total += len(key) + size
        if not _ENVIRONMENT_KEY.fullmatch(key) or len(key) > _ENVIRONMENT_ENTRY:
            what = "SageMaker does not take this as the name of an environment variable."
            yield Finding("SPEC_ENVIRONMENT_KEY_INVALID", what, "Use letters, digits and _, no digit first.", where)
        if size > _ENVIRONMENT_ENTRY or (isinstance(value, str) and "\0" in value):
            what = f"The value has {size} characters, or a zero byte among them."
            yield Finding("SPEC_ENVIRONMENT_VALUE_INVALID", what, f"Use at most {_ENVIRONMENT_ENTRY}.", where)
    if total > _ENVIRONMENT_TOTAL:
        what = f"All variables together have {total} characters."
        step = f"Use at most {_ENVIRONMENT_TOTAL}, or put the data into the archive."
        yield Finding("SPEC_ENVIRONMENT_TOO_LARGE", what, step, "serve.environment")
