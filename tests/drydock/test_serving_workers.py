"""Several workers behind the socket of one instance."""

import asyncio
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from drydock.sagemaker.serving.process import ProcessInstance
from examples.packing import pack
from tests.drydock.serving_house import JSON, House, handlers

ASKED = r"os.write(1, b'asked\n'); begun = time.monotonic(); time.sleep(float(data))"
SPAN = f"{ASKED}; return f'{{os.getpid()}} {{begun}} {{time.monotonic()}}'"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


@dataclass(frozen=True)
class Span:
    """Which process answered a request, and from when to when (monotonic seconds)."""

    pid: int
    begun: float
    ended: float


def crew(house: House, size: int = 3, transform: str = SPAN) -> ProcessInstance:
    """Start an instance of so many workers, and wait until each of them has answered."""
    instance = house.start(handlers(transform=transform), SAGEMAKER_MODEL_SERVER_WORKERS=str(size))
    while transform is SPAN and len({span.pid for span in house.run(all_at_once(instance, size, 0.2))}) < size:
        pass
    return instance


async def all_at_once(instance: ProcessInstance, count: int, seconds: float) -> list[Span]:
    """Ask so many times side by side; tell who answered when."""
    answers = await asyncio.gather(*(instance.invoke(str(seconds).encode(), JSON, 20) for _ in range(count)))
    assert {answer.status for answer in answers} == {200}
    read = [answer.body.decode().split() for answer in answers]
    return [Span(int(pid), float(begun), float(ended)) for pid, begun, ended in read]


async def logged(house: House, text: str, count: int = 1) -> None:
    """Wait until the log has had a line so many times."""
    while sum(line == text for _, _, line in house.lines) < count:
        await asyncio.sleep(0.02)


def processes_of(instance: ProcessInstance) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(instance.pid)], capture_output=True, check=False)  # noqa: S603, S607
    return {int(pid) for pid in listed.stdout.split()}


def test_requests_side_by_side_go_to_as_many_processes_and_none_waits_for_a_busy_one(house: House) -> None:
    instance = crew(house)
    for _ in range(3):
        spans = house.run(all_at_once(instance, 3, 0.4))
        assert len({span.pid for span in spans}) == 3
        assert max(span.begun for span in spans) < min(span.ended for span in spans)


def test_more_requests_than_workers_are_answered_in_turns(house: House) -> None:
    instance = crew(house, size=2)
    spans = sorted(house.run(all_at_once(instance, 6, 0.1)), key=lambda span: span.begun)
    for pid in {span.pid for span in spans}:
        own = [span for span in spans if span.pid == pid]
        assert all(one.ended <= another.begun for one, another in itertools.pairwise(own))
    assert len({span.pid for span in spans}) == 2


def test_one_worker_is_the_instance_itself_and_answers_one_request_after_the_other(house: House) -> None:
    instance = crew(house, size=1)
    assert {span.pid for span in house.run(all_at_once(instance, 3, 0.05))} == {instance.pid}
    assert processes_of(instance) == {instance.pid}


def test_a_worker_that_dies_is_replaced_and_the_instance_lives_on(house: House) -> None:
    instance = crew(house, size=2)
    first, second = sorted(processes_of(instance) - {instance.pid})
    house.run(asyncio.sleep(1.0))  # one that dies young is not replaced at once
    os.kill(first, signal.SIGKILL)
    house.run(logged(house, f"worker {first} has ended with -9; another one takes its place"))
    answered: set[int] = set()
    while len(answered) < 2:
        answered = {span.pid for span in house.run(all_at_once(instance, 2, 0.2))}
    assert second in answered
    assert first not in answered
    assert instance.alive
    house.run(instance.stop())


def test_a_ping_is_answered_while_all_workers_are_busy(house: House) -> None:
    instance = crew(house, size=2)

    async def scenario() -> bool:
        house.lines.clear()
        busy = asyncio.create_task(all_at_once(instance, 2, 2.5))
        await logged(house, "asked", 2)
        healthy = await instance.ping()
        assert not busy.done()
        await busy
        return healthy

    assert house.run(scenario())


def test_sigterm_lets_every_worker_finish_its_request(house: House) -> None:
    instance = crew(house, size=2)

    async def scenario() -> list[Span]:
        house.lines.clear()
        asking = asyncio.create_task(all_at_once(instance, 2, 0.5))
        await logged(house, "asked", 2)
        await instance.stop()
        return await asking

    assert len({span.pid for span in house.run(scenario())}) == 2
    assert processes_of(instance) == set()


def test_workers_whose_model_cannot_be_loaded_never_get_healthy(house: House) -> None:
    broken = pack({"code/inference.py": b"import os\nos._exit(5)"})
    instance = house.start(broken, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    assert not house.run(instance.ping())
    house.run(instance.stop())
    assert processes_of(instance) == set()
    assert any("has ended with 5; another one takes its place" in line for _, _, line in house.lines)
