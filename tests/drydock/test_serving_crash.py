"""A server that is killed leaves no process and no file behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from examples.packing import pack

SERVER = """
import asyncio, shutil, sys
from pathlib import Path
from drydock.sagemaker.serving.launcher import ProcessLauncher
from drydock.sagemaker.surroundings import ContainerSpec

async def fetch(bucket, key, to):
    shutil.copy(key, to)

async def main():
    launcher = ProcessLauncher(fetch, lambda *_: None, Path(sys.argv[1]))
    instances = [
        await launcher.launch(ContainerSpec("e", "v", str(n), "image", "s3://b/" + sys.argv[2])) for n in range(2)
    ]
    assert all([await instance.ping() for instance in instances])
    print(*(instance.pid for instance in instances), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
MODEL = b"""
import subprocess
def model_fn(model_dir):
    return subprocess.Popen(["sleep", "600"])
def transform_fn(model, data, content_type, accept):
    return data
"""


def session_of(pid: int) -> set[int]:
    """Give the processes of a container: itself and what it started."""
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return {int(line) for line in listed.stdout.split()}


def gone(pids: set[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.02)
    return False


def test_the_children_of_a_killed_server_end_and_its_files_go(tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(pack({"code/inference.py": MODEL}))
    work = tmp_path / "work"
    work.mkdir()
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SERVER, str(work), str(archive).lstrip("/")],
        stdout=subprocess.PIPE,
        cwd="/",
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert server.stdout is not None
    containers = [int(pid) for pid in server.stdout.readline().split()]
    everything = set.union(*(session_of(pid) for pid in containers))
    assert len(everything) == 4
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    assert gone(everything, 30)
    deadline = time.monotonic() + 30
    while list(work.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(work.iterdir()) == []
