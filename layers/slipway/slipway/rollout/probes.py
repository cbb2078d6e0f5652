"""Probes: requests judged on transport only, while nobody can tell which fleet answers. How many, and what they say."""

import math

MISS_PROBABILITY = 0.01
"""A burst may fail to meet the new fleet in one case of a hundred."""

AT_MOST = 500
"""Requests of one burst, however small the new fleet's share is."""

TELLING = 2
"""Failures that speak against the new fleet. A single one may be the old fleet's, or the line's: it is asked again."""

_SERVICE_FAILURES = ("InternalFailure", "InternalDependencyException", "ServiceUnavailable", "ReadTimeoutError")


def enough(share: float, min_requests: int) -> int:
    """Count the requests after which the new fleet was met, and its alarms have something to judge.

    Args:
        share: part of the traffic that the new fleet has, above 0, at most 1.
        min_requests: requests a minute that the release's alarms need.
    """
    meeting = 1 if share >= 1 else math.ceil(math.log(MISS_PROBABILITY) / math.log(1 - share))
    return min(AT_MOST, max(meeting, math.ceil(min_requests / share)))


def failed(status: int, error: str, expected: int) -> bool:
    """Whether an answer is a failure of transport: a 5xx, or no answer in time.

    Args:
        status: of the container's answer, 0 when none came back.
        error: code of the runtime's error, empty for an answer of the model.
        expected: the status that a good model gives to this request.
    """
    if error == "ModelError":
        return status != expected and not 200 <= status < 500
    return error.startswith(_SERVICE_FAILURES) or (error.isdigit() and int(error) >= 500)
