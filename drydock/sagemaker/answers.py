"""What containers answer: at once or in parts, and what happened inside an instance on the way."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ContainerCall:
    """What one of several containers did for a request."""

    hostname: str
    status: int
    seconds: float


@dataclass(frozen=True)
class Loading:
    """What a multi-model container did so that the model of a request could answer; times in seconds."""

    hit: bool
    """Whether the model was loaded already."""
    models: int
    """How many are loaded now."""
    waited: float = 0.0
    downloaded: float | None = None
    """How long this request's download took; None where another request had begun it."""
    loaded: float | None = None
    unloaded: tuple[float, ...] = ()
    """How long it took to unload each model that had to make room."""


@dataclass(frozen=True)
class ContainerAnswer:
    """What a container answered to /invocations."""

    status: int
    """HTTP status; 0 when none came: timed out, connection refused or broken."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[ContainerCall, ...] = ()
    """Each container that took part, where an instance has several."""
    loading: Loading | None = None
    """Of a multi-model container."""
    setup_seconds: float = 0.0
    """What starting a container for the request took first; 0 where one was there."""


class BrokenStreamError(Exception):
    """The body of a container's answer broke off."""

    def __init__(self, *, late: bool) -> None:
        """Tell why.

        Args:
            late: whether its time was over; else the container broke it off.
        """
        super().__init__("the answer took too long" if late else "the answer broke off")
        self.late = late


class _Nothing(AsyncIterator[bytes]):
    """No parts at all."""

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration


_NOTHING = _Nothing()


@dataclass(frozen=True)
class ContainerStream:
    """An answer of a container whose body is on its way."""

    status: int
    """HTTP status; 0 when no answer came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: AsyncIterator[bytes] = _NOTHING
    """To be iterated over once; raises BrokenStreamError when the body breaks off or takes too long."""
    close: Callable[[], None] = lambda: None
    """To be called at the end; breaks off what has not been read."""
    calls: tuple[ContainerCall, ...] = ()
    """Each container that took part, where an instance has several; the last one until it began to answer."""
    loading: Loading | None = None
    """Of a multi-model container."""

    @classmethod
    def of(cls, answer: ContainerAnswer) -> "ContainerStream":
        """Make the stream of an answer that has come already."""
        return cls(answer.status, answer.headers, _only(answer.body), calls=answer.calls, loading=answer.loading)

    async def read(self) -> bytes:
        """Give the whole body."""
        return b"".join([part async for part in self.parts])


async def _only(body: bytes) -> AsyncIterator[bytes]:
    yield body
