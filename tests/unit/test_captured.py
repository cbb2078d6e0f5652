"""Captured traffic gives the requests that people sent, as SageMaker writes them down."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.judging.captured import LONGEST, requests_in


def line(data: Any, encoding: str = "JSON", name: str = "e1", **about: Any) -> bytes:
    asked = {"observedContentType": "application/json", "mode": "INPUT", "data": data, "encoding": encoding}
    said = {"captureData": {"endpointInput": asked}, "eventMetadata": {"eventId": name, **about}, "eventVersion": "0"}
    return json.dumps(said).encode() + b"\n"


def test_the_latest_request_comes_first_with_its_type_and_attributes() -> None:
    content = line("[1]", name="e1") + line("[2]", name="e2", customAttributes=["trace=1"])
    second, first = requests_in(content)
    assert (first.name, first.body, first.content_type) == ("e1", "[1]", "application/json")
    assert (second.name, second.body, second.custom_attributes) == ("e2", "[2]", "trace=1")


@pytest.mark.parametrize(
    ("data", "encoding", "body"),
    [
        ('{"x": 1}', "JSON", '{"x": 1}'),
        ({"x": 1}, "JSON", '{"x": 1}'),
        ("1,2", "CSV", "1,2"),
        (base64.b64encode("grün".encode()).decode(), "BASE64", "grün"),
    ],
)
def test_a_body_is_read_in_every_encoding(data: Any, encoding: str, body: str) -> None:
    (case,) = requests_in(line(data, encoding))
    assert case.body == body


@pytest.mark.parametrize(
    "content",
    [
        b"no json\n",
        b"{}\n",
        b"[1]\n",
        line("[1]")[:-20] + b"\n",
        line("!!", "BASE64"),
        line(base64.b64encode(b"\xff").decode(), "BASE64"),
        line("x" * (LONGEST + 1)),
        line(""),
        line("[1]", inferenceId="20260105t120000-churn-abc123"),
        line("[1]", customAttributes=["two\nlines"]),
    ],
    ids=["text", "empty", "list", "cut off", "not base64", "bytes", "large", "no body", "Slipway's own", "odd header"],
)
def test_what_is_no_request_that_can_be_sent_is_left_out(content: bytes) -> None:
    assert [case.body for case in requests_in(content + line("[2]"))] == ["[2]"]


@given(st.binary(max_size=200), st.recursive(st.none() | st.text("ab") | st.integers(), st.lists, max_leaves=4))
def test_whatever_stands_in_a_file_nothing_is_raised(content: bytes, value: Any) -> None:
    list(requests_in(content))
    list(requests_in(json.dumps({"captureData": {"endpointInput": value}, "eventMetadata": value}).encode()))
