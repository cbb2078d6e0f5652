"""Several workers behind the socket of one instance."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from drydock.sagemaker.serving.process import ProcessInstance
from examples.packing import pack
from tests.drydock.serving_house import JSON, House, handlers

PID = "time.sleep(float(data)); return str(os.getpid())"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


def crew(house: House, size: int = 3, transform: str = PID) -> ProcessInstance:
    return house.start(handlers(transform=transform), SAGEMAKER_MODEL_SERVER_WORKERS=str(size))


async def all_at_once(instance: ProcessInstance, count: int, seconds: float) -> list[int]:
    """Ask so many times side by side; give the processes that answered."""
    answers = await asyncio.gather(*(instance.invoke(str(seconds).encode(), JSON, 20) for _ in range(count)))
    assert {answer.status for answer in answers} == {200}
    return [int(answer.body) for answer in answers]


def processes_of(instance: ProcessInstance) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(instance.pid)], capture_output=True, check=False)  # noqa: S603, S607
    return {int(pid) for pid in listed.stdout.split()}


def test_requests_side_by_side_go_to_as_many_processes_and_none_waits_for_a_busy_one(house: House) -> None:
    instance = crew(house)
    house.run(all_at_once(instance, 3, 0.3))  # everybody has loaded
    for _ in range(3):
        begin = time.perf_counter()
        answered = house.run(all_at_once(instance, 3, 0.3))
        assert len(set(answered)) == 3
        assert time.perf_counter() - begin < 0.55


def test_more_requests_than_workers_are_answered_in_turns(house: House) -> None:
    instance = crew(house, size=2)
    house.run(all_at_once(instance, 2, 0.2))
    begin = time.perf_counter()
    answered = house.run(all_at_once(instance, 6, 0.1))
    assert 0.3 <= time.perf_counter() - begin < 0.6
    assert sorted(answered.count(pid) for pid in set(answered)) == [3, 3]


def test_one_worker_is_the_instance_itself_and_answers_one_request_after_the_other(house: House) -> None:
    instance = crew(house, size=1)
    assert set(house.run(all_at_once(instance, 3, 0.05))) == {instance.pid}
    assert processes_of(instance) == {instance.pid}


def test_a_worker_that_dies_is_replaced_and_the_instance_lives_on(house: House) -> None:
    instance = crew(house, size=2)
    first, second = house.run(all_at_once(instance, 2, 0.3))
    house.run(asyncio.sleep(1.0))  # one that dies young is not replaced at once
    os.kill(first, signal.SIGKILL)
    house.run(asyncio.sleep(0.3))
    answered = set(house.run(all_at_once(instance, 2, 0.3)))
    assert second in answered
    assert first not in answered
    assert len(answered) == 2
    assert instance.alive
    house.run(instance.stop())
    assert any(f"worker {first} has ended with -9" in line for _, _, line in house.lines)


def test_a_ping_is_answered_while_all_workers_are_busy(house: House) -> None:
    instance = crew(house, size=2)

    async def scenario() -> bool:
        busy = asyncio.create_task(all_at_once(instance, 2, 1.5))
        await asyncio.sleep(0.3)
        healthy = await instance.ping()
        assert not busy.done()
        await busy
        return healthy

    house.run(all_at_once(instance, 2, 0.2))
    assert house.run(scenario())


def test_sigterm_lets_every_worker_finish_its_request(house: House) -> None:
    instance = crew(house, size=2)

    async def scenario() -> list[int]:
        await all_at_once(instance, 2, 0.2)
        asking = asyncio.create_task(all_at_once(instance, 2, 0.5))
        await asyncio.sleep(0.2)
        await instance.stop()
        return await asking

    assert len(set(house.run(scenario()))) == 2
    assert processes_of(instance) == set()


def test_workers_whose_model_cannot_be_loaded_never_get_healthy(house: House) -> None:
    broken = pack({"code/inference.py": b"import os\nos._exit(5)"})
    instance = house.start(broken, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    assert not house.run(instance.ping())
    house.run(instance.stop())
    assert processes_of(instance) == set()
    assert any("has ended with 5; another one takes its place" in line for _, _, line in house.lines)
