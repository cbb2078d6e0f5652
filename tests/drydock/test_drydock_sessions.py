"""Stateful sessions: the container opens and closes them, and their requests stay with its instance."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from hosting_support import LocalHosting, eventually

from drydock.sagemaker.answers import ContainerAnswer

HOUR = 3600


def stateful(body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
    """Open a session when asked for a new one, close it when told to; say which one the request belongs to."""
    asked = headers.get("X-Amzn-SageMaker-Session-Id", "")
    if asked == "NEW_SESSION":
        until = datetime.fromtimestamp(float(body), UTC)
        return ContainerAnswer(
            200, b"", {"x-amzn-sagemaker-new-session-id": f"s-1; Expires={until:%Y-%m-%dT%H:%M:%SZ}"}
        )
    if body == b"close":
        return ContainerAnswer(200, b"", {"X-Amzn-SageMaker-Closed-Session-Id": asked})
    return ContainerAnswer(200, asked.encode())


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.launcher.responses["model:stateful"] = stateful
        running.config("one", image="model:stateful", instances=3)
        running.endpoint("chat", "one")
        yield running


def asked(hosting: LocalHosting, body: bytes, session: str) -> bytes:
    answer = hosting.runtime.invoke_endpoint(EndpointName="chat", Body=body, SessionId=session)
    return bytes(answer["Body"].read())


def opened(hosting: LocalHosting, seconds: float) -> str:
    until = str(hosting.service.state.now() + seconds).encode()
    answer = hosting.runtime.invoke_endpoint(EndpointName="chat", Body=until, SessionId="NEW_SESSION")
    return str(answer["NewSessionId"])


def is_refused(hosting: LocalHosting, session: str) -> bool:
    with pytest.raises(ClientError) as error:
        asked(hosting, b"x", session)
    assert error.value.response["Error"]["Message"] == f"Session {session} is not open on endpoint chat."
    return error.value.response["Error"]["Code"] == "ValidationError"


def test_requests_of_a_session_go_to_the_instance_that_opened_it(hosting: LocalHosting) -> None:
    assert opened(hosting, HOUR).startswith("s-1; Expires=")
    [home] = [instance for instance in hosting.launcher.running() if instance.seen]
    for _ in range(5):
        assert asked(hosting, b"x", "s-1") == b"s-1"
    assert len(home.seen) == 6


def test_a_closed_session_is_not_open_any_more(hosting: LocalHosting) -> None:
    opened(hosting, HOUR)
    answer = hosting.runtime.invoke_endpoint(EndpointName="chat", Body=b"close", SessionId="s-1")
    assert answer["ClosedSessionId"] == "s-1"
    assert is_refused(hosting, "s-1")


def test_an_expired_session_and_an_unknown_one_are_refused(hosting: LocalHosting) -> None:
    opened(hosting, -1)
    assert is_refused(hosting, "s-1")
    assert is_refused(hosting, "s-2")


def test_a_session_ends_with_its_instance(hosting: LocalHosting) -> None:
    opened(hosting, HOUR)
    [home] = [instance for instance in hosting.launcher.running() if instance.seen]
    home.sick = home.stopped = True
    home.alive = False
    with pytest.raises(ClientError):
        asked(hosting, b"x", "s-1")
    eventually(lambda: len(hosting.launcher.running()) == 3)
    assert is_refused(hosting, "s-1")
