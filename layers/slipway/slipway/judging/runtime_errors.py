"""What each error of InvokeEndpoint calls for: whether it is asked again, how often, within which time, and what stays.

The client itself never asks again (`aws.clients`), so that what is counted and timed here is what was sent. Codes are
those of the page InvokeEndpoint of the SageMaker API reference; an answer without a code is called by its HTTP status,
a line that broke by botocore's name for it. docs/smoke.md shows this table.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from slipway.release.verdicts import Answer

MODEL_ERROR = "ModelError"
OUT_OF_TIME = "OutOfTime"
"""Slipway's own code for a request that was not sent any more."""

PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 8.0


@dataclass(frozen=True)
class Treatment:
    """What one kind of error calls for."""

    name: str
    errors: tuple[str, ...]
    """Codes, with `*` for any end or beginning."""
    answer: Answer
    """What a case is when the error stays: FAILED where the model or the request is at fault, else INCONCLUSIVE."""
    code: str
    """Code of the finding."""
    next_step: str
    again: int = 0
    """How often the same request is sent again."""
    within_seconds: float = 0.0
    """How long after the first one it is sent again at most."""
    said: str = "*"
    """The message for which alone this holds."""

    def fits(self, error: str, message: str) -> bool:
        """Whether an error is of this kind."""
        return any(fnmatchcase(error, name) for name in self.errors) and fnmatchcase(message, self.said)


_AGAIN = "This is no fault of the model: release it again."

TREATMENTS = (
    Treatment(
        "the container answered with an error, or not within 60 s",
        (MODEL_ERROR,),
        Answer.FAILED,
        "SMOKE_STATUS",
        "Correct the model, or the case if this answer is right.",
    ),
    Treatment(
        "the endpoint is not there, or not in service",
        ("ValidationError", "ValidationException"),
        Answer.INCONCLUSIVE,
        "SMOKE_NO_ENDPOINT",
        "Look who deleted or changed the endpoint, then release again.",
        again=2,
        within_seconds=10,
        said="Endpoint *not found*",
    ),
    Treatment(
        "the request is refused: a wrong field, or more than 6 MB",
        ("Validation*", "RequestEntityTooLarge*", "400", "413", "415"),
        Answer.FAILED,
        "SMOKE_REFUSED",
        "Correct the request of this case.",
    ),
    Treatment(
        "the caller may not invoke the endpoint",
        ("AccessDenied*", "ExpiredToken*", "UnrecognizedClient*", "InvalidSignature*", "403"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ALLOWED",
        "Allow the smoke function sagemaker:InvokeEndpoint.",
    ),
    Treatment(
        "the model still loads (serverless, several models)",
        ("ModelNotReadyException",),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_READY",
        "Give the model more memory or a quicker start, then release again.",
        again=30,
        within_seconds=60,
    ),
    Treatment(
        "too many requests",
        ("Throttling*", "TooManyRequestsException", "RequestLimitExceeded", "429"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        "Ask for a higher quota, or let the case send less at once.",
        again=10,
        within_seconds=30,
    ),
    Treatment(
        "the service is unavailable",
        ("ServiceUnavailable*", "503"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        _AGAIN,
        again=10,
        within_seconds=30,
    ),
    Treatment(
        "something that the service depends on fails",
        ("InternalDependencyException", "530"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        _AGAIN,
        again=3,
        within_seconds=30,
    ),
    Treatment(
        "the service fails",
        ("InternalFailure", "500", "502", "504"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        _AGAIN,
        again=3,
        within_seconds=30,
    ),
    Treatment(
        "nothing came within 70 s, longer than SageMaker lets a model take: asking again would only ask twice",
        ("ReadTimeoutError",),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        _AGAIN,
    ),
    Treatment(
        "the connection could not be made, or broke",
        ("*ConnectionError", "ConnectTimeoutError", "*ClosedError", "SSLError", "HTTPClientError", "*StreamingError",
         "IncompleteReadError"),
        Answer.INCONCLUSIVE,
        "SMOKE_NOT_ANSWERED",
        _AGAIN,
        again=3,
        within_seconds=30,
    ),
    Treatment(
        "the time for all smoke cases was over before this was asked",
        (OUT_OF_TIME,),
        Answer.INCONCLUSIVE,
        "SMOKE_OUT_OF_TIME",
        "Send fewer cases or repeats, or make the model quicker.",
    ),
    Treatment("any other error", ("*",), Answer.INCONCLUSIVE, "SMOKE_NOT_ANSWERED", _AGAIN),
)  # fmt: skip
"""The first that fits an error holds."""


def treatment(error: str, message: str = "") -> Treatment:
    """Give what an error calls for.

    Args:
        error: code of the runtime's error, or the HTTP status, or the name of a broken connection's error.
        message: what the service said.
    """
    return next(each for each in TREATMENTS if each.fits(error, message))


def pause_before(attempt: int) -> float:
    """Give the seconds to wait before a request is sent for the n-th time again, n from 0: twice as long each time."""
    return float(min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2**attempt))
