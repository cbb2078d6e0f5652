"""The head of a request to a container."""

import io

import pytest

from drydock.sagemaker.serving.request_head import read_request_head


def test_method_path_and_headers_are_read_and_the_body_is_left() -> None:
    lines = io.BytesIO(b"Content-Length: 3\r\nX-Amzn-SageMaker-Custom-Attributes: a:b \r\nEmpty:\r\n\r\nabc")
    head = read_request_head(b"POST /invocations HTTP/1.1\r\n", lines)
    assert head is not None
    assert (head.method, head.path, head.closes) == ("POST", "/invocations", False)
    expected = {"Content-Length": "3", "X-Amzn-SageMaker-Custom-Attributes": "a:b", "Empty": ""}
    assert head.headers == expected
    assert lines.read() == b"abc"


@pytest.mark.parametrize(
    ("version", "connection", "closes"),
    [("1.1", "", False), ("1.1", "close", True), ("1.0", "", True), ("1.0", "Keep-Alive", False)],
)
def test_a_connection_lasts_as_its_version_and_header_say(version: str, connection: str, closes: bool) -> None:
    lines = io.BytesIO(f"Connection: {connection}\r\n\r\n".encode())
    head = read_request_head(f"GET /ping HTTP/{version}\r\n".encode(), lines)
    assert head is not None
    assert head.closes is closes


@pytest.mark.parametrize("line", [b"\r\n", b"GET /ping\r\n", b"GET /ping SPDY/3\r\n", b"\xff\xfe\r\n"])
def test_what_is_no_http_is_refused(line: bytes) -> None:
    assert read_request_head(line, io.BytesIO(b"\r\n")) is None
