"""A model inside its container: loaded once, then asked by the server."""

import contextlib
import json
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from sagemaker_inference import environment
from sagemaker_inference.transformer import Transformer

from drydock.sagemaker.serving.handlers import Context, DefaultHandlers


@dataclass(frozen=True)
class Answer:
    """The container's answer to one request."""

    status: int
    body: "bytes | Stream"
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


class Stream:
    """A body whose parts the model still computes; whoever takes it closes it.

    Args:
        parts: what a handler yields.
        turn: what is held until the end.
    """

    def __init__(self, parts: Iterator[object], turn: contextlib.ExitStack) -> None:
        self._parts = parts
        self._turn = turn

    def __iter__(self) -> Iterator[bytes]:
        return (part for part in map(as_bytes, self._parts) if part)

    def close(self) -> None:
        """Let the next request have its turn."""
        self._turn.close()


class Recorded:
    """Runs a block of the user's code: its exception is kept and printed, not raised. SystemExit goes through."""

    error: BaseException | None = None

    def __enter__(self) -> "Recorded":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        self.error = error
        if error is not None:
            traceback.print_exception(error)
        return isinstance(error, Exception)


class HostedModel:
    """One model with its handlers.

    Args:
        model_dir: the unpacked archive.

    Handlers run one at a time, as in a worker process of SageMaker's model servers.
    """

    def __init__(self, model_dir: str) -> None:
        self._transformer = Transformer(DefaultHandlers())
        self._context = Context(model_dir)
        self._settled = threading.Event()
        self._failure = ""
        self._turn = threading.Lock()
        self._model_dir = model_dir

    def load(self) -> None:
        """Import the user's module and call its model_fn; a failure is told by every later answer."""
        with Recorded() as recorded:
            self._transformer.validate_and_initialize(self._model_dir, self._context)
        if recorded.error is not None:
            self._failure = f"the model could not be loaded: {type(recorded.error).__name__}: {recorded.error}"
        self._settled.set()

    def health(self, patience: float) -> Answer:
        """Answer a ping: 200 once the model is loaded, 500 when that failed, 503 while it takes longer.

        Args:
            patience: how long to wait for the model, in seconds.
        """
        if not self._settled.wait(patience):
            return Answer(503, b"the model is being loaded")
        return Answer(500, self._failure.encode()) if self._failure else Answer(200, b"")

    def answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Answer an invocation through the handlers; whatever they raise is answered with its message.

        A handler that gives an iterator, such as a generator, streams: its parts are sent as they come.
        """
        self._settled.wait()
        if self._failure:
            return Answer(500, self._failure.encode())
        with contextlib.ExitStack() as turn:
            turn.enter_context(self._turn)
            self._context.begin(headers)
            [part] = self._transformer.transform([{"body": body}], self._context)
            if isinstance(part, Iterator):
                part = Stream(part, turn.pop_all())
        status = self._context.status
        if status >= 400:
            sys.stderr.write(f"{part}\n")
        return self._encode(part, status)

    def _encode(self, part: object, status: int) -> Answer:
        with Recorded() as recorded:
            content = part if isinstance(part, Stream) else as_bytes(part)
            content_type = self._context.content_type or "text/plain"
            return Answer(status, content, content_type, self._context.answer_headers)
        return Answer(500, str(recorded.error).encode())


def as_bytes(part: object) -> bytes:
    """Turn what an output_fn gave into a body: text and bytes as they are, anything else as JSON.

    Raises:
        TypeError: it has no JSON form.
    """
    if isinstance(part, str):
        return part.encode()
    if isinstance(part, bytes | bytearray | memoryview):
        return bytes(part)
    return json.dumps(part).encode()


def place(base_dir: str) -> str:
    """Tell the toolkit, imported long before, where this container's /opt/ml is.

    Returns:
        The model's folder.
    """
    model_dir = Path(base_dir, "model")
    code_dir = model_dir / "code"
    environment.base_dir = base_dir
    environment.model_dir = str(model_dir)
    environment.code_dir = str(code_dir)
    return str(model_dir)
