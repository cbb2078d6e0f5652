"""The router mended: requests for SageMaker and its runtime reach the hosting service."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app
from ministack.core import router

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[Answer]]

_SERVICE = "sagemaker"
_OWN = "/_drydock/"
"""The hosting service's own paths: its plan of faults."""
_INVOCATION = re.compile(r"/endpoints/[^/]+/(?:invocations|async-invocations|invocations-response-stream)")

_detect_service = app.detect_service


def mend(handle: Handler) -> None:
    """Send SageMaker's requests to `handle`: by target, by credential scope, and by path what is not signed."""

    async def answer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        status, named, content = await handle(method, path, headers, body, query)
        # MiniStack rewrites what is called Content-Type; a model's answer must keep its own.
        return status, {name.lower(): value for name, value in named.items()}, content

    app.SERVICE_HANDLERS[_SERVICE] = answer
    router.SERVICE_PATTERNS[_SERVICE] = {"target_prefixes": ["SageMaker."], "credential_scope": _SERVICE}
    app.detect_service = detect_service


def detect_service(method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> str:
    """Find the service of a request; what MiniStack takes for an object of S3 may be an unsigned invocation."""
    if path.startswith(_OWN):
        return _SERVICE
    service = str(_detect_service(method, path, headers, query))
    if service == "s3" and method == "POST" and _INVOCATION.fullmatch(path) and "authorization" not in headers:
        return _SERVICE
    return service
