"""One running container as the hosting service sees it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping

from drydock.sagemaker.answers import BrokenStreamError, ContainerAnswer, ContainerStream
from drydock.sagemaker.serving.connection import Client, Coming, NoAnswerError, TooLateError
from drydock.sagemaker.serving.forking import Child, Forker
from drydock.sagemaker.serving.usage import Gauge, Usage

PING_SECONDS = 2.0
"""How long a ping may take, by the container contract."""

_LINE_LIMIT = 256 * 1024
"""Bytes of one CloudWatch Logs event."""
_LOG_SECONDS = 2.0


class ProcessInstance:
    """A forked process behind a unix socket; an `Instance` of the surroundings.

    Args:
        forker: the zygote that forked it.
        child: the process.
        path: of its unix socket, as a client reaches it.
        output: what copies its output to the log.
        clean_up: what is to be done once it has ended, however it ended.
        grace_seconds: real seconds between SIGTERM and SIGKILL.
        gauge: what measures it.
    """

    def __init__(
        self,
        forker: Forker,
        child: Child,
        path: str,
        output: Coroutine[None, None, None],
        clean_up: Callable[[], Awaitable[None]],
        grace_seconds: float,
        gauge: Gauge,
    ) -> None:
        self._forker = forker
        self._child = child
        self._client = Client(path)
        self._grace_seconds = grace_seconds
        self._gauge = gauge
        self._after = asyncio.create_task(self._see_off(output, clean_up))

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return not self._child.ended.done()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    async def ping(self) -> bool:
        """Ask GET /ping: whether it answered 200 within 2 s."""
        try:
            status, _, _ = await self._client.request("GET", "/ping", PING_SECONDS)
        except NoAnswerError:
            return False
        return status == 200

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Send POST /invocations.

        Args:
            body: the request's.
            headers: the request's.
            timeout: seconds; the container goes on with a request that took longer.

        Returns:
            The answer; status 0 when none came.
        """
        try:
            status, answer_headers, answer = await self._client.request("POST", "/invocations", timeout, body, headers)
        except NoAnswerError:
            return ContainerAnswer(0)
        return ContainerAnswer(status, answer, answer_headers)

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Send POST /invocations and wait for the head of the answer only.

        Args:
            body: the request's.
            headers: the request's.
            timeout: seconds for the whole answer.
        """
        try:
            coming = await self._client.open("POST", "/invocations", timeout, body, headers)
        except NoAnswerError:
            return ContainerStream(0)
        return ContainerStream(coming.status, coming.headers, _parts(coming), coming.close)

    async def measure(self) -> Usage | None:
        """Say what the instance uses of the machine, the processor since it was last asked.

        Returns:
            None when it has ended, or where it cannot be told.
        """
        return await asyncio.to_thread(self._gauge.read) if self.alive else None

    async def stop(self) -> None:
        """Send SIGTERM, wait for requests in flight, SIGKILL after the grace time; returns when all is cleaned up."""
        await self._forker.kill(self._child, signal.SIGTERM)
        await asyncio.wait([self._child.ended], timeout=self._grace_seconds)
        await self._forker.kill(self._child, signal.SIGKILL)
        await asyncio.shield(self._after)

    async def _see_off(self, output: Coroutine[None, None, None], clean_up: Callable[[], Awaitable[None]]) -> None:
        reading = asyncio.ensure_future(output)
        await asyncio.shield(self._child.ended)
        self._client.close()
        await asyncio.wait([reading], timeout=_LOG_SECONDS)  # a process that escaped its group may hold the pipe
        reading.cancel()
        await clean_up()


async def _parts(coming: Coming) -> AsyncIterator[bytes]:
    try:
        async for part in coming:
            yield part
    except NoAnswerError as error:
        raise BrokenStreamError(late=isinstance(error, TooLateError)) from error


async def copy_lines(descriptor: int, log: Callable[[Iterable[str]], None]) -> None:
    """Hand what arrives on a pipe to a log, line by line, until the pipe ends; closes it.

    Args:
        descriptor: read end of the pipe.
        log: takes lines.
    """
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    rest = b""
    try:
        while data := await reader.read(_LINE_LIMIT):
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) >= _LINE_LIMIT:
                lines, rest = [*lines, rest], b""
            if lines:
                log([line.decode(errors="replace") for line in lines])
        if rest:
            log([rest.decode(errors="replace")])
    finally:
        transport.close()
