"""How containers end: told to, by themselves, with their zygote, with their launcher."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.sagemaker.surroundings import LaunchError
from tests.drydock.serving_house import JSON, House, handlers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


def runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_that_dies_is_seen_and_answers_nothing(house: House) -> None:
    instance = house.start(handlers(transform="os._exit(3)"))
    assert house.ask(instance, "[]")[0] == 0
    house.run(asyncio.sleep(0.1))
    assert not instance.alive
    assert not house.run(instance.ping())
    house.run(instance.stop())


def test_an_answer_that_takes_too_long_has_status_0_and_the_container_goes_on(house: House) -> None:
    instance = house.start(handlers(transform="time.sleep(float(data)); return 'late'"))
    assert house.ask(instance, "0.3", timeout=0.1)[0] == 0
    assert house.ask(instance, "0") == (200, "late")


def test_sigterm_lets_the_request_in_flight_finish(house: House) -> None:
    instance = house.start(handlers(transform="time.sleep(0.4); return 'done'"))

    async def scenario() -> tuple[int, bytes, float]:
        await instance.ping()
        begin = time.perf_counter()
        request = asyncio.create_task(instance.invoke(b"x", JSON, 10))
        await asyncio.sleep(0.15)
        await instance.stop()
        answer = await request
        return answer.status, answer.body, time.perf_counter() - begin

    status, body, seconds = house.run(scenario())
    assert (status, body) == (200, b"done")
    assert 0.4 <= seconds < 1.0
    assert not instance.alive


def test_what_ignores_sigterm_is_killed_after_the_grace_time_with_all_that_it_started(house: House) -> None:
    load = "import signal, subprocess; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    load += "return subprocess.Popen(['sleep', '600']).pid"
    instance = house.start(handlers(load=load, transform="return str(model)"))
    started = int(house.ask(instance, "x")[1])
    assert runs(started)
    house.run(instance.stop())
    assert not runs(instance.pid)
    assert not runs(started)


def test_a_dead_zygote_ends_its_instances_and_the_next_launch_starts_another(house: House) -> None:
    first = house.start(handlers())
    zygote = int(Path(f"/proc/{first.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(zygote, 9)
    house.run(asyncio.sleep(0.2))
    assert not first.alive
    assert not runs(first.pid)
    assert house.ask(house.start(handlers()), "again") == (200, "again")


def test_a_stopped_instance_leaves_no_file(house: House) -> None:
    instance = house.start(handlers(transform="open('left', 'w').close(); return 'x'"))
    before = set(house.workdir.rglob("*"))
    house.ask(instance, "x")
    assert {path.name for path in set(house.workdir.rglob("*")) - before} == {"left"}
    house.run(instance.stop())
    assert not [path for path in house.workdir.rglob("*") if path.name == "left"]


def test_a_launcher_in_a_folder_whose_path_is_too_long_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    made = House(deep)
    assert made.ask(made.start(handlers()), "deep") == (200, "deep")
    made.close()
    assert list(deep.iterdir()) == []


def test_a_closed_launcher_has_stopped_everything_and_launches_no_more(tmp_path: Path) -> None:
    made = House(tmp_path)
    instances = [made.start(handlers()) for _ in range(2)]
    made.run(made.launcher.close())
    assert not any(runs(instance.pid) for instance in instances)
    with pytest.raises(LaunchError, match="shutting down"):
        made.start(handlers())
    made.runner.close()
