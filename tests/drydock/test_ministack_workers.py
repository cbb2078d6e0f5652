"""Workers of functions are forked, and cannot tell it from being started; where they could, they are started."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack_kit import Kit

from drydock.ministack.workers.nursery import ForkedWorker, Nursery

SAY = """
import json, os, sys
line = sys.stdin.readline()
answer = {{"heard": line.strip(), "argv": sys.argv, "path": sys.path[0], "cwd": os.getcwd(), "env": dict(os.environ)}}
print(json.dumps(answer | {{"name": __name__, "parent": os.getppid(), "found": {expression}}}), flush=True)
sys.stdin.readline()
"""

Start = Callable[..., Any]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks workers")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def start(nursery: Nursery, tmp_path: Path) -> Iterator[Start]:
    started = []

    def start_worker(expression: str = "None", of: Nursery = nursery, **env: str) -> Any:
        script, code = tmp_path / "_worker.py", tmp_path / "code"
        code.mkdir(exist_ok=True)
        script.write_text(SAY.format(expression=expression))
        environment = {"PATH": os.environ["PATH"], **env}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        worker = of.start([sys.executable, str(script)], cwd=str(code), env=environment, text=True, bufsize=1, **pipes)
        started.append(worker)
        return worker

    yield start_worker
    for worker in started:
        worker.kill()
        worker.wait(5)


def ask(worker: Any) -> dict[str, Any]:
    worker.stdin.write("hello\n")
    worker.stdin.flush()
    return dict(json.loads(worker.stdout.readline()))


def test_a_forked_worker_looks_like_a_started_one(start: Start, tmp_path: Path) -> None:
    worker = start(GREETING="good day")
    seen = ask(worker)

    assert isinstance(worker, ForkedWorker)
    assert (seen["heard"], seen["name"], seen["argv"]) == ("hello", "__main__", [str(tmp_path / "_worker.py")])
    assert (seen["path"], seen["cwd"]) == (str(tmp_path), str(tmp_path / "code"))
    assert seen["env"] == {"PATH": os.environ["PATH"], "GREETING": "good day"}


def test_it_has_what_functions_use_and_nothing_that_lambda_lacks(start: Start) -> None:
    loaded = set(ask(start("sorted(sys.modules)"))["found"])

    assert {"botocore.session", "pydantic", "aws_lambda_powertools.logging"} <= loaded
    assert not loaded & {"awscrt", "OpenSSL"}


def test_it_reads_no_service_model_again(start: Start) -> None:
    both = "[__import__('botocore.session').session.create_loader() for _ in range(2)]"

    assert ask(start(f"len(set(map(id, {both})))"))["found"] == 1


@pytest.mark.parametrize("place", ["code", "layer/python"])
def test_a_function_that_brings_a_library_of_its_own_gets_it(start: Start, tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "yaml.py").write_text("mine = True")
    worker = start(_LAMBDA_LAYERS_DIRS=str(tmp_path / "layer"))

    assert isinstance(worker, subprocess.Popen)
    assert ask(worker)["parent"] == os.getpid()


def test_a_worker_that_is_told_to_end_ends(start: Start) -> None:
    worker = start()
    ask(worker)
    assert worker.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(0)
    worker.terminate()

    assert worker.wait(5) == 0
    worker.terminate()


def test_workers_are_started_where_nobody_forks_them_any_more(start: Start) -> None:
    alone = Nursery()
    zygote = ask(start(of=alone))["parent"]
    os.kill(zygote, 9)
    other = ask(start(of=alone))
    alone.close()
    third = start(of=alone)

    assert other["parent"] == ask(third)["parent"] == os.getpid()
    assert isinstance(third, subprocess.Popen)


@pytest.mark.cloud
def test_the_functions_of_the_local_cloud_are_forked_from_one_process(kit: Kit) -> None:
    source = "import os\ndef lambda_handler(event, context):\n    print('here')\n    return os.getppid()\n"
    parents = {kit.client("lambda").invoke(FunctionName=kit.function(source))["Payload"].read() for _ in range(2)}

    assert len(parents) == 1
    assert int(parents.pop()) != kit.cloud.pid
