"""What a release may be called, told before SageMaker would say it."""

from collections.abc import Iterator

from slipway.release.naming import NAME_LIMIT, is_valid_name
from slipway.release.verdicts import Finding

VERSION_LIMIT = 128


def endpoint_findings(endpoint: str, where: str = "endpoint") -> Iterator[Finding]:
    """Tell why SageMaker, or Slipway, would not take this name for an endpoint.

    Slipway wants lower case: SageMaker compares endpoint names without case when it creates and with case when it
    invokes, so `Churn` and `churn` cannot both exist and only one of them answers.

    Args:
        endpoint: the name as the user wrote it.
        where: the place in which it was written.
    """
    shown = shorten(endpoint, 80)
    if is_valid_name(endpoint):
        if endpoint != endpoint.lower():
            yield Finding(
                "ENDPOINT_NAME_NOT_LOWER_CASE",
                f"The endpoint name {shown} has upper-case letters; it would answer to this spelling only.",
                f"Call it '{endpoint.lower()}'.",
                where,
            )
        return
    yield Finding(
        "ENDPOINT_NAME_INVALID",
        f"SageMaker does not take {shown} ({len(endpoint)} characters) as the name of an endpoint.",
        f"Use at most {NAME_LIMIT} lower-case letters, digits and hyphens, with a letter or digit first and last.",
        where,
    )


def version_findings(version: str, where: str = "version") -> Iterator[Finding]:
    """Tell why this part of a key cannot be the version of a model."""
    if version == "output":
        yield Finding(
            "VERSION_IS_OUTPUT",
            "The key looks like a training job's output in which the endpoint's name is missing.",
            "Set the job's S3OutputPath to s3://<bucket>/models/<endpoint>/ and the job's name becomes the version.",
            where,
        )
    if len(version) > VERSION_LIMIT or not is_one_line(version):
        yield Finding(
            "VERSION_INVALID",
            f"The version {shorten(version, 80)} is too long or holds control characters.",
            f"Use at most {VERSION_LIMIT} printable characters.",
            where,
        )


def is_one_line(text: str) -> bool:
    """Whether a text has no control characters or lone surrogates, so that it breaks no log line and no header."""
    return text.isprintable()


def shorten(text: str, room: int) -> str:
    """Quote what a user wrote, harmless and short enough for a sentence."""
    shown = ascii(text)
    return shown if len(shown) <= room else f"{shown[: room - 1]}…"


def readable(text: str, room: int) -> str:
    """Show a place that a user named: as it is where that is harmless, else quoted."""
    return text if text.isprintable() and len(text) <= room else shorten(text, room)
