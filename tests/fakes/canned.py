"""Canned answers of an AWS service, given below botocore's serialiser, parser and retries."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from urllib3 import HTTPResponse


class CannedAws:
    """Answers a client's requests from a queue; the last answer is given again and again."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        """What was sent, as botocore prepared it."""
        self._answers: list[AWSResponse | Exception] = []
        self._last: AWSResponse | Exception = AssertionError("no answer was canned")

    def say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        """Queue an answer; a body that is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named: Any = HeadersDict({"x-amzn-RequestId": "request-1", **(headers or {})})
        raw = HTTPResponse(BytesIO(content), status=status, preload_content=False)
        self._answers.append(AWSResponse("http://canned", status, named, raw))

    def refuse(self, code: str, message: str, status: int = 400) -> None:
        """Queue an error as JSON services send it."""
        self.say(status, {"__type": code, "message": message}, {"x-amzn-ErrorType": code})

    def break_with(self, error: Exception) -> None:
        """Queue what the line does instead of an answer."""
        self._answers.append(error)

    def __call__(self, request: Any, **about: Any) -> AWSResponse:
        self.requests.append(request)
        if self._answers:
            self._last = self._answers.pop(0)
        if isinstance(self._last, Exception):
            raise self._last
        return self._last


@contextmanager
def canned(client: Any, operation: str = "") -> Iterator[CannedAws]:
    """Let a client, or one operation of it, be answered from a queue; under moto, moto acts all the same."""
    aws = CannedAws()
    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}"
    event = f"{event}.{operation}" if operation else event
    client.meta.events.register(event, aws)
    try:
        yield aws
    finally:
        client.meta.events.unregister(event, aws)
