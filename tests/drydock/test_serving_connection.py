"""The raw HTTP client: keeps connections, and says when no answer came."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from drydock.sagemaker.serving.connection import Client, NoAnswerError

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\n\r\nhi"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)  # a relative path is always short enough for a socket
    yield "server.sock"


async def with_server(path: str, converse: Converse, ask: Callable[[Client], Awaitable[None]]) -> None:
    server = await asyncio.start_unix_server(converse, path)
    client = Client(path)
    try:
        await ask(client)
    finally:
        client.close()
        server.close()


def answering(*answers: bytes) -> tuple[Converse, list[bytes]]:
    """Give a server that answers each request of a connection in turn, and what it received."""
    received: list[bytes] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            head = await reader.readuntil(b"\r\n\r\n")
            received.append(head)
            writer.write(answer)
        writer.close()

    return converse, received


def test_an_answer_is_given_with_status_headers_and_body(path: str) -> None:
    converse, received = answering(OK)

    async def ask(client: Client) -> None:
        assert await client.request("GET", "/ping", 2) == (200, {"Content-Length": "2", "X-One": "1"}, b"hi")

    asyncio.run(with_server(path, converse, ask))
    assert received[0].startswith(b"GET /ping HTTP/1.1\r\n")


def test_a_connection_is_used_again(path: str) -> None:
    connections = 0
    converse, received = answering(OK, OK, OK)

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await converse(reader, writer)

    async def ask(client: Client) -> None:
        for _ in range(3):
            await client.request("GET", "/ping", 2)

    asyncio.run(with_server(path, counted, ask))
    assert (connections, len(received)) == (1, 3)


def test_a_connection_that_the_server_closed_is_not_used_again(path: str) -> None:
    converse, received = answering(OK)

    async def ask(client: Client) -> None:
        for _ in range(3):
            assert (await client.request("GET", "/ping", 2))[0] == 200
            await asyncio.sleep(0.01)

    asyncio.run(with_server(path, converse, ask))
    assert len(received) == 3


def test_no_header_can_smuggle_another_one_in(path: str) -> None:
    converse, received = answering(OK)

    async def ask(client: Client) -> None:
        headers = {"X-Custom": "a\r\nX-Evil: 1", "Content-Length": "999", "Connection": "close"}
        await client.request("POST", "/invocations", 2, b"", headers)

    asyncio.run(with_server(path, converse, ask))
    lines = received[0].split(b"\r\n")
    assert b"X-Custom: a  X-Evil: 1" in lines
    assert b"Content-Length: 0" in lines
    assert not any(line.startswith((b"X-Evil", b"Connection")) for line in lines)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", b"nonsense\r\n\r\n"],
)
def test_a_broken_answer_is_no_answer(path: str, answer: bytes) -> None:
    converse, _ = answering(answer)

    async def ask(client: Client) -> None:
        with pytest.raises(NoAnswerError):
            await client.request("GET", "/ping", 2)

    asyncio.run(with_server(path, converse, ask))


def test_an_answer_that_takes_too_long_is_no_answer(path: str) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def ask(client: Client) -> None:
        with pytest.raises(NoAnswerError):
            await client.request("GET", "/ping", 0.05)

    asyncio.run(with_server(path, silent, ask))


def test_a_refused_connection_is_no_answer(path: str) -> None:
    async def ask() -> None:
        with pytest.raises(NoAnswerError):
            await Client(path).request("GET", "/ping", 2)

    asyncio.run(ask())
