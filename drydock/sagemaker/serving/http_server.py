"""The HTTP server of one worker: GET /ping and POST /invocations, a thread for each connection."""

import contextlib
import os
import select
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drydock.sagemaker.serving.counting import Count
from drydock.sagemaker.serving.model import Answer, HostedModel, Recorded, Stream
from drydock.sagemaker.serving.request_head import read_request_head

PING_PATIENCE = 1.0
"""Seconds that a ping waits for the model; SageMaker gives it 2."""
HEAD_START = 0.005
"""Seconds that a worker with a kept connection, on which a request may just arrive, leaves to one without."""
MAX_PAYLOAD = "SAGEMAKER_MAX_PAYLOAD_IN_MB"
BUSY_PATIENCE = 0.5
"""Seconds that a busy worker leaves a connection to the others before it takes it, so that a ping is answered."""


class WorkerServer(ThreadingHTTPServer):
    """An HTTP server on a socket that somebody else bound."""

    def __init__(self, listener: socket.socket, model: HostedModel, *, shared: bool) -> None:
        socketserver.BaseServer.__init__(self, "", _Handler)
        self.socket = listener
        self.model = model
        self.requests = Count()
        self.arriving = Count()
        """Connections whose first request has not been answered."""
        self.connections = Count()
        self.shared = shared
        self.most_bytes = int(os.environ.get(MAX_PAYLOAD) or 0) << 20
        """The largest body that is taken; 0 where nothing is said."""
        self._leaving = False

    def accept_connections(self) -> None:
        """Serve each connection in a thread of its own, until the listener is shut down or this worker leaves."""
        with contextlib.suppress(OSError):
            while not self._leaving:
                if not self.shared or self._takes_turn():
                    self._accept()

    def _takes_turn(self) -> bool:
        """Wait for a connection, and leave it to workers that have nothing to do; whether it is still there."""
        select.select([self.socket], [], [])
        if self.connections.some:
            time.sleep(HEAD_START)
        self.arriving.wait_for_none(BUSY_PATIENCE)
        self.requests.wait_for_none(BUSY_PATIENCE)
        return self.somebody_waits() and not self._leaving

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):  # another worker was faster
            connection, _ = self.socket.accept()
            self.arriving.begin()
            self.process_request(connection, ("", 0))

    def somebody_waits(self) -> bool:
        """Whether a connection has not been accepted yet, by any worker."""
        return bool(select.select([self.socket], [], [], 0)[0])

    @property
    def has_one_too_many(self) -> bool:
        """Whether a connection had better go to another worker: a kept one binds its next request to this one."""
        return self.shared and (self.connections.several or self.somebody_waits())

    def drain(self) -> None:
        """Take no more connections, let requests in flight finish and end the process."""
        self._leaving = True
        if not self.shared:
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
    server: WorkerServer

    def handle(self) -> None:
        """Answer one request after the other."""
        with self.server.connections.one():
            try:
                self.handle_one_request()
            finally:
                self.server.arriving.end()
            while not self.close_connection:
                self.handle_one_request()

    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Read the head of a request."""
        self.requestline = self.request_version = ""
        head = read_request_head(self.raw_requestline, self.rfile)
        if head is None:
            self.send_error(400)
            return False
        self.command, self.path, self.sent, self.close_connection = head.method, head.path, head.headers, head.closes
        return True

    def do_GET(self) -> None:
        """Answer the health check."""
        known = self.path == "/ping"
        self._send(self.server.model.health(PING_PATIENCE) if known else Answer(404, b"no such path"))

    def do_POST(self) -> None:
        """Answer an invocation."""
        with self.server.requests.one():
            body = self.rfile.read(int(self.sent.get("Content-Length", "0")))
            self._send(self._answer_to(body))
            self.wfile.flush()

    def _answer_to(self, body: bytes) -> Answer:
        if self.path != "/invocations":
            return Answer(404, b"no such path")
        if 0 < self.server.most_bytes < len(body):
            return Answer(413, b"the request is larger than SAGEMAKER_MAX_PAYLOAD_IN_MB allows")
        return self.server.model.answer(body, self.sent)

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        if self.server.has_one_too_many:
            self.send_header("Connection", "close")
        for name, value in {**answer.headers, "Content-Type": answer.content_type}.items():
            self.send_header(name, value.replace("\r", " ").replace("\n", " "))
        if isinstance(answer.body, Stream):
            with contextlib.closing(answer.body):
                self._send_parts(answer.body)
        else:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    def _send_parts(self, parts: Stream) -> None:
        """Send each part when it comes; one that fails leaves the body without an end, so that the client notices."""
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        coming = iter(parts)
        while True:
            with Recorded() as recorded:
                part = next(coming, b"")
            if recorded.error is not None:
                self.close_connection = True
                return
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()
            if not part:
                return
