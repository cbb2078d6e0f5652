"""What the tests of serving share: a launcher with its own loop, bucket and log, and small models to serve.

What loads scikit-learn is imported where it is used: else each process that collects these tests would load it.
"""

import asyncio
import io
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.serving.metering import Meter
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.surroundings import ContainerSpec
from examples.packing import pack

JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def fitted(slope: float, columns: int = 1) -> Any:
    """Give a model that multiplies the sum of its columns."""
    import numpy as np
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(np.vstack([np.zeros(columns), np.eye(columns)]), [0.0] + columns * [slope])


def saved(slope: float, columns: int = 1) -> bytes:
    """Give the same as a model.joblib."""
    import joblib

    content = io.BytesIO()
    joblib.dump(fitted(slope, columns), content)
    return content.getvalue()


def handlers(transform: str = "return data", load: str = "return None", imports: str = "import os, time") -> bytes:
    return pack(
        {
            "code/inference.py": f"{imports}\ndef model_fn(model_dir):\n    {load}\n"
            f"def transform_fn(model, data, content_type, accept):\n    {transform}\n".encode()
        }
    )


@dataclass
class House:
    """A launcher with its own event loop, bucket and log."""

    workdir: Path
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    bucket: dict[str, bytes] = field(default_factory=dict)
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    meter: Meter | None = None

    def __post_init__(self) -> None:
        self.launcher = self.run(self._made())

    async def _made(self) -> ProcessLauncher:
        return ProcessLauncher(
            self._fetch,
            self._log,
            self.workdir,
            environment={"AWS_REGION": "eu-west-1"},
            grace_seconds=1.0,
            meter=self.meter,
        )

    async def _fetch(self, _bucket: str, key: str, to: Path) -> None:
        to.write_bytes(self.bucket[key])

    def _log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        self.lines += [(group, stream, line) for line in lines]

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)

    def start(self, archive: bytes, *, isolated: bool = False, **environment: str) -> ProcessInstance:
        self.bucket["model"] = archive
        spec = ContainerSpec("churn", "main", "i-1", "image", "s3://bucket/model", environment, isolated=isolated)
        instance = self.run(self.launcher.launch(spec))
        assert isinstance(instance, ProcessInstance)
        return instance

    def ask(
        self, instance: ProcessInstance, body: str, timeout: float = 10, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        answer = self.run(instance.invoke(body.encode(), {**JSON, **(headers or {})}, timeout))
        return answer.status, answer.body.decode()

    def close(self) -> None:
        self.run(self.launcher.close())
        self.runner.close()
