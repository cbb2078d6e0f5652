"""The router mended: requests for SageMaker and its runtime reach the hosting service."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from ministack import app
from ministack.core import router
from ministack.core.responses import StreamingResponse

Answer = tuple[int, dict[str, str], bytes | AsyncIterator[bytes]]
Handler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[Answer]]
MiniStackAnswer = tuple[int, dict[str, str], bytes | StreamingResponse]
MiniStackHandler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[MiniStackAnswer]]

_SERVICE = "sagemaker"
_OWN = "/_drydock/"
"""The hosting service's own paths: its plan of faults."""
_INVOCATION = re.compile(r"/endpoints/[^/]+/(?:invocations|async-invocations|invocations-response-stream)")

_detect_service = app.detect_service


def mend(handle: Handler) -> None:
    """Send SageMaker's requests to `handle`: by target, by credential scope, and by path what is not signed."""
    app.SERVICE_HANDLERS[_SERVICE] = lowered(handle)
    router.SERVICE_PATTERNS[_SERVICE] = {"target_prefixes": ["SageMaker."], "credential_scope": _SERVICE}
    app.detect_service = detect_service


def lowered(handle: Handler) -> MiniStackHandler:
    """Give a handler as MiniStack calls it: the names of its headers in lower case, a stream as it streams."""

    async def answer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> MiniStackAnswer:
        status, named, content = await handle(method, path, headers, body, query)
        # MiniStack rewrites what is called Content-Type; a model's answer must keep its own.
        named = {name.lower(): value for name, value in named.items()}
        return status, named, content if isinstance(content, bytes) else StreamingResponse(partial(_send, content))

    return answer


async def _send(parts: AsyncIterator[bytes], send: Callable[[dict[str, Any]], Awaitable[None]], _: object) -> None:
    async for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def detect_service(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> str:
    """Find the service of a request; what MiniStack takes for an object of S3 may be an unsigned invocation."""
    if path.startswith(_OWN):
        return _SERVICE
    service = str(_detect_service(method, path, headers, query))
    if service == "s3" and method == "POST" and _INVOCATION.fullmatch(path) and "authorization" not in headers:
        return _SERVICE
    return service
