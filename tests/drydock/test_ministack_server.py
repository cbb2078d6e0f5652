"""The server: SageMaker answers on MiniStack's port, signed or not, and models keep their content type."""

import http.client

import pytest
from ministack_kit import Kit

pytestmark = pytest.mark.cloud


def test_the_control_plane_answers_on_the_same_port(kit: Kit) -> None:
    assert kit.client("sagemaker").list_endpoints()["Endpoints"] == []


def unsigned(kit: Kit, method: str, path: str, body: bytes = b"") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", kit.cloud.port, timeout=5)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer, answer.read()


def test_an_unsigned_invocation_is_sagemakers_and_not_an_object_of_s3(kit: Kit) -> None:
    answer, body = unsigned(kit, "POST", "/endpoints/nobody/invocations", b"1")
    assert answer.status == 400
    assert b"nobody" in body
    assert answer.headers["x-amzn-errortype"]


def test_faults_are_planned_over_http(kit: Kit) -> None:
    answer, body = unsigned(kit, "GET", "/_drydock/faults")
    assert (answer.status, body) == (200, b'{"faults": []}')


def test_a_connection_lasts_longer_than_a_thousand_requests(kit: Kit) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", kit.cloud.port, timeout=5)
    connection.connect()
    opened = connection.sock
    for _ in range(1100):
        connection.request("GET", "/_drydock/faults")
        assert connection.getresponse().read() == b'{"faults": []}'
    assert connection.sock is opened
