"""The tests' own guard: no test can leave this machine."""

import os
import socket
import threading

import pytest


def test_a_foreign_address_cannot_be_reached() -> None:
    with socket.socket() as outgoing, pytest.raises(RuntimeError, match=r"socket\.connect"):
        outgoing.connect(("192.0.2.1", 80))


def test_a_foreign_name_cannot_be_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"socket\.getaddrinfo"):
        socket.getaddrinfo("sagemaker.us-east-1.amazonaws.com", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        threading.Thread(target=lambda: server.accept()[0].sendall(b"here"), daemon=True).start()
        with socket.create_connection((host, port), timeout=5) as incoming:
            assert incoming.recv(4) == b"here"


def test_the_account_does_not_exist() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert not [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]
