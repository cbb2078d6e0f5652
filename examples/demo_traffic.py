"""Clients of the demo: plain boto3, steady requests in the background, every answer counted."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

CLIENTS = 2
PAUSE_SECONDS = 0.08
"""Between two requests of one client."""


@dataclass
class Tally:
    """How the requests of some time went."""

    sent: int = 0
    right: int = 0
    """Answered with what the tumour turned out to be."""
    wrong: int = 0
    failed: int = 0
    """Answered by the model with an error."""
    lost: int = 0
    """Not answered at all, or refused by the endpoint itself."""

    @property
    def answered(self) -> int:
        """Answered with a prediction, right or wrong."""
        return self.right + self.wrong

    def since(self, before: "Tally") -> "Tally":
        """Give what was added after an earlier count."""
        return Tally(*(getattr(self, each.name) - getattr(before, each.name) for each in fields(self)))


class Traffic:
    """Sends the held-out rows round and round until it is stopped."""

    def __init__(self, clients: list[Any], endpoint: str, rows_file: Path) -> None:
        """Prepare the requests.

        Args:
            clients: boto3's clients of sagemaker-runtime, one for each thread, without retries.
            endpoint: what they ask.
            rows_file: the traffic.json of an example.
        """
        self._clients = clients
        self._endpoint = endpoint
        self._rows = json.loads(rows_file.read_text())
        self._order = count()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._tally = Tally()

    def tally(self) -> Tally:
        """Count what was sent so far."""
        with self._lock:
            return Tally(**{each.name: getattr(self._tally, each.name) for each in fields(Tally)})

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        """Let the requests flow while the block runs."""
        threads = [threading.Thread(target=self._run, args=(client,), daemon=True) for client in self._clients]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def send(self, client: Any) -> None:
        """Send the next row and count what comes of it."""
        kind = self._ask(client, next(self._order) % len(self._rows["requests"]))
        with self._lock:
            self._tally.sent += 1
            setattr(self._tally, kind, getattr(self._tally, kind) + 1)

    def _run(self, client: Any) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            self.send(client)

    def _ask(self, client: Any, index: int) -> str:
        """Send one row; says under which name it is counted."""
        try:
            label = ask(client, self._endpoint, self._rows["requests"][index])["label"]
        except ClientError as error:
            return "failed" if error.response["Error"]["Code"] == "ModelError" else "lost"
        except BotoCoreError:
            return "lost"
        return "right" if label == self._rows["truth"][index] else "wrong"


def ask(client: Any, endpoint: str, rows: list[list[float]]) -> dict[str, Any]:
    """Ask for one prediction, as any program would."""
    body = json.dumps(rows).encode()
    answer = client.invoke_endpoint(
        EndpointName=endpoint, Body=body, ContentType="application/json", Accept="application/json"
    )
    prediction: dict[str, Any] = json.loads(answer["Body"].read())[0]
    return prediction
