"""The process of one instance: the container contract over a unix socket, from fork to SIGTERM.

Contract: SageMaker's developer guide, "Use Your Own Inference Code with Hosting Services".
"""

import contextlib
import os
import signal
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from drydock.sagemaker.serving.model import Answer, HostedModel, place

PING_PATIENCE = 1.0
"""Seconds that a ping waits for the model; SageMaker gives it 2."""


class _Requests:
    """Counts the requests being answered, so that SIGTERM can wait for them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        with self._changed:
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def wait_for_none(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0)


class _Server(ThreadingHTTPServer):
    """An HTTP server on a socket that somebody else bound."""

    def __init__(self, listener: socket.socket, model: HostedModel) -> None:
        socketserver.BaseServer.__init__(self, "", _Handler)
        self.socket = listener
        self.model = model
        self.requests = _Requests()

    def accept_connections(self) -> None:
        """Serve each connection in a thread of its own, until the listener is shut down."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.process_request(connection, ("", 0))

    def drain(self) -> None:
        """Take no more connections, let requests in flight finish and end the process."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.requests.wait_for_none()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Say in one line that a client went away."""
        sys.stderr.write(f"a connection broke: {sys.exception()!r}\n")


class _Handler(BaseHTTPRequestHandler):
    """GET /ping and POST /invocations."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        """Answer the health check."""
        known = self.path == "/ping"
        self._send(self.server.model.health(PING_PATIENCE) if known else Answer(404, b"no such path"))

    def do_POST(self) -> None:
        """Answer an invocation."""
        with self.server.requests.one():
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            known = self.path == "/invocations"
            self._send(self.server.model.answer(body, dict(self.headers)) if known else Answer(404, b"no such path"))
            self.wfile.flush()

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in {**answer.headers, "Content-Type": answer.content_type}.items():
            self.send_header(name, value.replace("\r", " ").replace("\n", " "))
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def end_with(life: int) -> None:
    """End this process and what it started when the zygote is gone.

    Args:
        life: read end of a pipe whose other end only the zygote holds.
    """

    def wait() -> None:
        os.read(life, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def run(listener: socket.socket, base_dir: str) -> None:
    """Serve the model under base_dir until SIGTERM, which lets requests in flight finish; does not return.

    Args:
        listener: a listening socket; requests that came before wait in it.
        base_dir: this container's /opt/ml.
    """
    sys.dont_write_bytecode = True  # the model's folder is read-only
    np.random.seed()  # forked siblings must not draw the same numbers
    model = HostedModel(place(base_dir))
    server = _Server(listener, model)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.drain).start())
    threading.Thread(target=server.accept_connections, daemon=True).start()
    model.load()  # in the main thread, as model servers do: user code may set signal handlers
    threading.Event().wait()
