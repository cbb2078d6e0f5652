"""Lists as SageMaker gives them: filtered, sorted, ten to a page."""

import base64
import binascii
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from drydock.sagemaker.errors import refusal

T = TypeVar("T")

PAGE = 10
"""Items on a page when MaxResults is not given."""
_FILTERS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "CreationTimeBefore": ("CreationTime", operator.lt),
    "CreationTimeAfter": ("CreationTime", operator.ge),
    "LastModifiedTimeBefore": ("LastModifiedTime", operator.lt),
    "LastModifiedTimeAfter": ("LastModifiedTime", operator.gt),
}
"""How a time is compared; a "greater than or equal" in the service model's text is taken at its word."""
_ASCENDING = {"ModelPackageGroup", "ModelPackage"}
"""Listed from the oldest on unless asked otherwise; the others from the newest. Source: the service model's texts."""


def page_of(
    request: Mapping[str, Any], summaries: Iterable[dict[str, Any]], kind: str
) -> tuple[list[dict[str, Any]], str | None]:
    """Select, sort and cut.

    Args:
        request: SortBy, SortOrder, NameContains, the time filters, StatusEquals, MaxResults, NextToken.
        summaries: all resources.
        kind: the prefix of their name member: Model, EndpointConfig, Endpoint, ModelPackageGroup or ModelPackage.

    Returns:
        The page and the token of the next one, None after the last.
    """
    name = f"{kind}Name"
    chosen = [summary for summary in summaries if _matches(request, summary, name)]
    keys = {"Name": name, "CreationTime": "CreationTime", "Status": "EndpointStatus"}
    key = keys[request.get("SortBy", "CreationTime")]
    chosen.sort(key=lambda summary: (summary[key], summary[name]))
    if request.get("SortOrder", "Ascending" if kind in _ASCENDING else "Descending") == "Descending":
        chosen.reverse()
    return cut(request, chosen)


def cut(request: Mapping[str, Any], items: list[T], page: int = PAGE) -> tuple[list[T], str | None]:
    """Cut the page that the request asks for.

    Raises:
        ServiceError: the token was not given by an earlier answer.
    """
    start = _start(request.get("NextToken"))
    end = start + request.get("MaxResults", page)
    return items[start:end], _token(end) if end < len(items) else None


def _matches(request: Mapping[str, Any], summary: Mapping[str, Any], name: str) -> bool:
    if request.get("NameContains", "").lower() not in summary[name].lower():
        return False
    if request.get("StatusEquals", summary.get("EndpointStatus")) != summary.get("EndpointStatus"):
        return False
    return all(
        holds(summary[member], request[asked]) for asked, (member, holds) in _FILTERS.items() if asked in request
    )


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, start = base64.urlsafe_b64decode(token).decode().split()
        if word == "from":
            return int(start)
    except (binascii.Error, ValueError):
        pass
    raise refusal("Invalid pagination token.")
