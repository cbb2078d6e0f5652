"""A process that has imported what Lambda functions use and forks their workers.

Run as `python -m drydock.ministack.workers.zygote <control descriptor>`. First it says, as JSON, which top-level
modules it has loaded. Each order is JSON with three descriptors, the worker's stdin, stdout and stderr; the answer is
the worker's process id, with a descriptor of the process (pidfd_open(2)), or 0. It ends with the control socket; its
workers end with their stdin.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from drydock.sagemaker.serving.lifeline import Ending

LARGEST = 1 << 20
"""Bytes of an order: mostly the worker's environment."""
PRELOADED = (
    *("boto3", "boto3.dynamodb.types", "botocore.handlers", "yaml", "pydantic"),
    *("aws_lambda_powertools.logging", "aws_lambda_powertools.metrics"),
)
CLIENTS = ("dynamodb", "s3", "sagemaker", "sagemaker-runtime", "stepfunctions", "cloudwatch", "events", "sns")
"""Services whose models are read beforehand: botocore reads a tenth of a second for the first client of each."""
NOT_IN_LAMBDA = ("awscrt", "OpenSSL")
"""SAM brings them into this environment, and botocore would load them; Lambda's Python has neither."""


def preload() -> list[str]:
    """Import what functions use and read what their clients are made of.

    Returns:
        The top-level modules that are loaded then.
    """
    for name in NOT_IN_LAMBDA:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in PRELOADED:
        importlib.import_module(name)
    for name in NOT_IN_LAMBDA:
        del sys.modules[name]
    _read_models()
    return sorted({name.partition(".")[0] for name in sys.modules})


def _read_models() -> None:
    botocore: Any = importlib.import_module("botocore.session")  # only now, that it does not load what Lambda lacks
    create_loader = botocore.create_loader
    loader = create_loader()
    botocore.create_loader = lambda path=None: create_loader(path) if path else loader
    session = botocore.Session()
    session.set_credentials("none", "none")
    for name in CLIENTS:
        session.create_client(name, region_name="us-east-1")


def become_worker(order: dict[str, Any], streams: list[int]) -> None:
    """Turn this process, just forked, into what `python <script>` would be; does not return."""
    with Ending():
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        script = order["script"]
        sys.argv = [script]
        sys.path[0] = str(Path(script).parent)
        gc.enable()
        runpy.run_path(script, run_name="__main__")


def main() -> None:
    """Import, freeze, fork until the control socket ends."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()
    loaded = preload()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.sendall(json.dumps(loaded).encode())
    while True:
        message, streams, _, _ = socket.recv_fds(control, LARGEST, 3)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            become_worker(json.loads(message), streams)
        for descriptor in streams:
            os.close(descriptor)
        answer(control, pid)


def answer(control: socket.socket, pid: int) -> None:
    """Say which process was forked; 0 where it has ended already."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        control.sendall(b"0")
        return
    socket.send_fds(control, [str(pid).encode()], [process])
    os.close(process)


if __name__ == "__main__":
    main()
