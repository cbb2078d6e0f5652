"""What came back for one smoke request, and how a sentence shows it."""

from dataclasses import dataclass
from datetime import datetime

_SHOWN = 300


@dataclass(frozen=True)
class Answered:
    """What came back for one request."""

    status: int
    """HTTP status of the container's answer; 0 when none came back."""
    body: bytes = b""
    content_type: str = ""
    latency_ms: float = 0.0
    error: str = ""
    """Error code of the runtime, `ModelError` when the container itself answered with an error; empty for a 2xx."""
    message: str = ""
    request_id: str = ""
    log_stream: str = ""
    """Where the container wrote its log lines."""
    custom_attributes: str = ""
    """CustomAttributes that the container gave back."""
    asked_at: datetime | None = None
    """When the request was sent."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def trace(self) -> str:
        """The request's id, as a sentence ends with it."""
        return f" (request {self.request_id})" if self.request_id else ""

    @property
    def said(self) -> str:
        """What the service or the container said, as a sentence goes on with it."""
        said = self.message or self.text
        return f": {cut(said)}" if said else ""


def cut(text: str) -> str:
    """Quote a text, harmless and short enough for a sentence."""
    shown = ascii(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
