"""More endpoints than processes: idle instances rest, and come back with the next request."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from drydock.sagemaker.serving import parking
from drydock.sagemaker.serving.parking import ParkableInstance, ParkingLauncher
from drydock.sagemaker.surroundings import ContainerSpec
from tests.drydock.serving_house import JSON, House, handlers

PIDS = handlers(transform="time.sleep(float(data)); return str(os.getpid())")


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(parking, "IDLE_SECONDS", 0.1)
    made = House(tmp_path_factory.mktemp("house"))
    made.bucket["model"] = PIDS
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


async def ready(launcher: ParkingLauncher, name: str) -> ParkableInstance:
    instance = await launcher.launch(ContainerSpec(name, "main", "i-1", "image", "s3://bucket/model"))
    while not await instance.ping():
        await asyncio.sleep(0.01)
    return instance


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.02)


def crowd(house: House, count: int, most: int, then: Callable[[list[ParkableInstance]], Awaitable[None]]) -> None:
    async def scenario() -> None:
        launcher = ParkingLauncher(house.launcher, most_running=most)
        instances = [await ready(launcher, f"e{number}") for number in range(count)]
        await eventually(lambda: sum(not each.parked for each in instances) <= most)
        await then(instances)
        await asyncio.gather(*(each.stop() for each in instances))

    house.run(scenario())


async def ask(instance: ParkableInstance, seconds: str = "0") -> int:
    answer = await instance.invoke(seconds.encode(), JSON, 10)
    assert answer.status == 200
    return int(answer.body)


def test_the_longest_idle_instances_rest_and_pass_for_healthy(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        assert [each.parked for each in instances] == [True, True, True, False, False]
        assert all(each.alive for each in instances)
        assert all([await each.ping() for each in instances])
        assert instances[0].parked

    crowd(house, 5, 2, then)


def test_a_parked_instance_answers_and_another_one_rests_for_it(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        assert await ask(instances[0]) == await ask(instances[0])
        await eventually(lambda: [each.parked for each in instances] == [False, True, False])

    crowd(house, 3, 2, then)


def test_requests_that_come_together_wake_one_process(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        assert len(set(await asyncio.gather(*(ask(instances[0]) for _ in range(5))))) == 1

    crowd(house, 2, 1, then)


def test_an_instance_at_work_does_not_rest(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        working = asyncio.create_task(ask(instances[1], "0.6"))
        await asyncio.sleep(0.05)
        await ask(instances[0])
        await asyncio.sleep(0.3)
        assert not instances[1].parked
        assert await working

    crowd(house, 2, 1, then)


def test_a_process_that_dies_by_itself_is_dead_and_not_parked(house: House) -> None:
    house.bucket["model"] = handlers(transform="os._exit(3)")

    async def then(instances: list[ParkableInstance]) -> None:
        assert (await instances[0].invoke(b"x", JSON, 5)).status == 0
        await eventually(lambda: not instances[0].alive)
        assert not instances[0].parked

    crowd(house, 1, 1, then)


def test_a_parked_instance_keeps_its_model_when_the_object_has_changed(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        house.bucket["model"] = b"overwritten"
        assert await ask(instances[0])

    crowd(house, 2, 1, then)


def test_what_was_stopped_while_parked_leaves_nothing_and_answers_nothing(house: House) -> None:
    async def then(instances: list[ParkableInstance]) -> None:
        await asyncio.gather(*(each.stop() for each in instances))
        assert not any(each.alive for each in instances)
        assert (await instances[0].invoke(b"0", JSON, 5)).status == 0
        assert not [path for path in house.launcher._folder.iterdir() if path.is_dir()]

    crowd(house, 3, 1, then)
