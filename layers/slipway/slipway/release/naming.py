"""Every name that Slipway gives to something in AWS comes from here."""

import hashlib
import re
from datetime import UTC, datetime

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
"""EndpointName, EndpointConfigName and VariantName of the SageMaker API model; at most 63 characters."""

NAME_LIMIT = 63
_RELEASE_ID = re.compile(r"[0-9]{8}t[0-9]{6}-[a-z0-9-]{1,17}-[0-9a-f]{6}")
VARIANT = "main"
"""The variant's name is constant for ever: a changed one silently disables SageMaker's guardrails."""

ALARM_PREFIX = "slipway-"
VETO_NAMESPACE = "Slipway/Veto"
VETO_METRIC = "Veto"

ASKED_BY = "slipway-requested-by"
"""Key of an object's user metadata in which its uploader says who asks for the release."""


def is_valid_name(name: str) -> bool:
    """Whether SageMaker takes this as the name of an endpoint, a config or a variant."""
    return len(name) <= NAME_LIMIT and NAME.fullmatch(name) is not None


def short_hash(text: str, length: int = 8) -> str:
    """Hash a text to a few hexadecimal characters."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def slug(endpoint: str, room: int) -> str:
    """Shorten an endpoint's name to at most `room` safe characters, with a hash in place of what is cut off."""
    name = re.sub(r"[^a-z0-9-]+", "-", endpoint.lower()).strip("-") or "endpoint"
    if len(name) <= room:
        return name
    return f"{name[: room - 9].rstrip('-')}-{short_hash(name)}"


def release_id(endpoint: str, at: datetime, seed: str) -> str:
    """Name a release: sorts by time, reads well in a URL, at most 40 characters.

    Args:
        endpoint: the endpoint's name.
        at: when the release was read, any zone.
        seed: what makes two releases of one second differ (the execution's ARN).
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dt%H%M%S")
    return f"{stamp}-{slug(endpoint, 17)}-{short_hash(seed, 6)}"


def newest(*times: str) -> str:
    """Give the latest of some times in the one form in which times are compared as texts (ISO 8601, UTC)."""
    latest = max(datetime.fromisoformat(time) for time in times if time)
    return latest.astimezone(UTC).isoformat(timespec="microseconds")


def is_release_id(text: str) -> bool:
    """Whether a text is built like the name of a release."""
    return _RELEASE_ID.fullmatch(text) is not None


def model_name(endpoint: str, content: str) -> str:
    """Name a model by its content: the same content has the same name on the same endpoint."""
    return f"{slug(endpoint, NAME_LIMIT - 13)}-{short_hash(content, 12)}"


def config_name(endpoint: str, release: str) -> str:
    """Name an endpoint config by the attempt, so that alarms scoped to it and 'is it ours?' identify the release."""
    stamp, tail = release[:15], release[-6:]
    return f"{config_prefix(endpoint)}-{stamp}-{tail}"


def config_prefix(endpoint: str) -> str:
    """Give what the names of an endpoint's configs begin with."""
    return slug(endpoint, NAME_LIMIT - 23)


def alarm_name(config: str, kind: str, variant: str = "") -> str:
    """Name an alarm made for one release; the janitor sweeps by the prefix.

    Args:
        config: of the release.
        kind: what it watches.
        variant: one of several whom it watches; no name of SageMaker's has a dot, so it can be read back.
    """
    return f"{ALARM_PREFIX}{config}.{variant}.{kind}" if variant else f"{ALARM_PREFIX}{config}-{kind}"


def frozen_folder(digest: str) -> str:
    """Give the folder of the verified bytes: content-addressed, nothing in it is ever overwritten."""
    return f"frozen/sha256/{digest}/"


def frozen_key(digest: str) -> str:
    """Give the key of a verified archive."""
    return f"{frozen_folder(digest)}model.tar.gz"


def frozen_model_folder(digest: str) -> str:
    """Give the folder of verified files that are not packed."""
    return f"{frozen_folder(digest)}model/"


def report_key(endpoint: str, release: str, suffix: str = "json") -> str:
    """Give the key of a release's report."""
    return f"reports/{slug(endpoint, NAME_LIMIT)}/{release}/report.{suffix}"


def live_answers_key(endpoint: str, release: str) -> str:
    """Give the key of what the live model answered before a release, for the comparison."""
    return f"reports/{slug(endpoint, NAME_LIMIT)}/{release}/live-answers.json"


def drop_execution_name(address: str, version: str) -> str:
    """Name the execution that is started for a drop which no execution saw: one for each version of an artifact."""
    return f"found-{short_hash(f'{address}@{version}', 32)}"


def recover_execution_name(release: str, execution: str) -> str:
    """Name the execution that recovers a dead one: the same death starts it once; at most 80 characters."""
    return f"recover-{release}-{short_hash(execution)}"
