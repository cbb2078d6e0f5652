"""The process of one instance: the container contract over a unix socket, from fork to SIGTERM.

Contract: SageMaker's developer guide, "Use Your Own Inference Code with Hosting Services".
"""

import os
import signal
import socket
import sys
import threading

import numpy as np

from drydock.sagemaker.serving.crew import Crew
from drydock.sagemaker.serving.http_server import WorkerServer
from drydock.sagemaker.serving.lifeline import end_with
from drydock.sagemaker.serving.model import HostedModel, place

WORKERS = "SAGEMAKER_MODEL_SERVER_WORKERS"


def run(listener: socket.socket, life: int, base_dir: str) -> None:
    """Serve the model under base_dir until SIGTERM, which lets requests in flight finish.

    SAGEMAKER_MODEL_SERVER_WORKERS says how many processes do it; unlike AWS's model servers, which start one for each
    core, Drydock starts one where nothing is said.

    Args:
        listener: a listening socket; requests that came before wait in it.
        life: read end of a pipe that ends when this process is to end.
        base_dir: this container's /opt/ml.
    """
    sys.dont_write_bytecode = True  # the model's folder is read-only
    workers = int(os.environ.get(WORKERS) or 1)
    if workers > 1:
        os.set_blocking(listener.fileno(), False)
        Crew(workers, life, lambda: serve(listener, life, base_dir, shared=True)).run()
    else:
        serve(listener, life, base_dir, shared=False)


def serve(listener: socket.socket, life: int, base_dir: str, *, shared: bool) -> None:
    """Be one worker; does not return.

    Args:
        listener: the listening socket.
        life: the pipe.
        base_dir: this container's /opt/ml.
        shared: whether other workers accept from the same socket; then this one does so only once its model is loaded.
    """
    end_with(life)
    np.random.seed()  # forked siblings must not draw the same numbers
    model = HostedModel(place(base_dir))
    server = WorkerServer(listener, model, shared=shared)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.drain).start())
    accepting = threading.Thread(target=server.accept_connections, daemon=True)
    if not shared:
        accepting.start()
    model.load()  # in the main thread, as model servers do: user code may set signal handlers
    if shared:
        accepting.start()
    threading.Event().wait()
