"""What goes over the ports: plain values, so that whoever answers and whoever asks share nothing else."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from slipway.release.release import ObjectRef

Item = dict[str, Any]


@dataclass(frozen=True)
class ObjectFacts:
    """What HeadObject says of one version of an object."""

    ref: ObjectRef
    size: int
    etag: str
    modified_at: datetime
    asked_by: str = ""
    """Who says to have uploaded it, empty if it does not say: metadata that the uploader writes."""


class Made(StrEnum):
    """How a create call ended."""

    CREATED = "created"
    EXISTS = "exists"
    REFUSED = "refused"


@dataclass(frozen=True)
class Creation:
    """A create, update or delete call as data: what AWS refuses is expected, only the unforeseen raises."""

    made: Made
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class Invocation:
    """One InvokeEndpoint request."""

    endpoint: str
    body: bytes
    content_type: str
    accept: str
    inference_id: str = ""
    custom_attributes: str = ""
    target_variant: str = ""
    target_model: str = ""
    target_container: str = ""
    session_id: str = ""
    enable_explanations: str = ""


@dataclass(frozen=True)
class Reply:
    """One InvokeEndpoint answer, whatever its kind."""

    status: int
    """The container's status; 0 when none came back (timeout, refused connection)."""
    body: bytes = b""
    content_type: str = ""
    variant: str = ""
    latency_ms: float = 0.0
    error: str = ""
    """Error code of the runtime (`ModelError`, `ServiceUnavailable`…), empty when the answer is a 2xx."""
    message: str = ""
    request_id: str = ""
    log_stream: str = ""
    custom_attributes: str = ""


@dataclass(frozen=True)
class AlarmFacts:
    """What CloudWatch says of one alarm."""

    name: str
    state: str
    """OK, ALARM or INSUFFICIENT_DATA."""
    reason: str = ""
    period: int = 60
    evaluation_periods: int = 1


class Life(StrEnum):
    """Whether an execution still runs."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class Parameter:
    """One version of a parameter of SSM."""

    text: str
    version: int


@dataclass(frozen=True)
class Verification:
    """What a key says of a signature."""

    genuine: bool
    trouble: str = ""
    """Why the key could not say, as KMS calls it; empty when it did."""


@dataclass(frozen=True)
class Announcement:
    """One thing that people want to hear of a release."""

    detail_type: str
    subject: str
    text: str
    detail: Item = field(default_factory=dict)
