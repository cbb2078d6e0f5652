"""Clients of one endpoint, each a process of its own: what they take of the machine is not the server's."""

import multiprocessing
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

CLIENTS = 4
_REQUEST = b"POST /endpoints/bench/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n1"
_spawned = multiprocessing.get_context("spawn")

Ask = Callable[[], object]


@dataclass(frozen=True)
class Rate:
    """What some clients side by side reached."""

    per_second: float
    client_milliseconds: float
    """Of the processor's time that a client itself took for a request."""


def raw(port: int) -> Ask:
    """Speak HTTP over one connection with nothing in between."""
    connection = socket.create_connection(("127.0.0.1", port))

    def ask() -> None:
        connection.sendall(_REQUEST)
        answer = connection.recv(65536)
        while not answer.endswith(b"\r\n\r\n1"):
            answer += connection.recv(65536)

    return ask


def by_boto(port: int) -> Ask:
    """Invoke by boto3."""
    make: Callable[..., Any] = boto3.client
    keys = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
    runtime = make("sagemaker-runtime", endpoint_url=f"http://127.0.0.1:{port}", config=Config(), **keys)
    return lambda: runtime.invoke_endpoint(EndpointName="bench", Body=b"1")["Body"].read()


def rate(connect: Callable[[int], Ask], port: int, requests: int) -> Rate:
    """Measure clients that begin together, each with a connection of its own that is warm."""
    ready, times = _spawned.Barrier(CLIENTS + 1), _spawned.Queue()
    each = requests // CLIENTS
    clients = [_spawned.Process(target=_work, args=(connect, port, each, ready, times)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    ready.wait()
    began = time.perf_counter()
    used = [times.get() for _ in clients]
    took = time.perf_counter() - began
    for client in clients:
        client.join()
    return Rate(each * CLIENTS / took, sum(used) / (each * CLIENTS) * 1000)


def _work(connect: Callable[[int], Ask], port: int, requests: int, ready: Any, times: Any) -> None:
    ask = connect(port)
    ask()
    ready.wait()
    began = time.process_time()
    for _ in range(requests):
        ask()
    times.put(time.process_time() - began)
