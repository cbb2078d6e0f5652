"""Handlers that yield: their parts leave the container as they come."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.sagemaker.answers import BrokenStreamError
from drydock.sagemaker.serving.parking import ParkableInstance, ParkingLauncher
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.surroundings import ContainerSpec
from examples.packing import pack
from tests.drydock.serving_house import JSON, House

YIELDS = b"""
import json, os, time

def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return parts(json.loads(data)), "text/plain"

def parts(wish):
    yield "one "
    while "until" in wish and not os.path.exists(wish["until"]):
        time.sleep(0.002)
    if "error" in wish:
        raise RuntimeError(wish["error"])
    yield b"two "
    yield {"three": 3}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def instance(house: House) -> ProcessInstance:
    return house.start(pack({"code/inference.py": YIELDS}))


def test_whoever_asks_for_a_whole_answer_gets_the_parts_together(house: House, instance: ProcessInstance) -> None:
    assert house.ask(instance, "{}") == (200, 'one two {"three": 3}')


def test_the_first_part_is_there_before_the_model_goes_on(
    house: House, instance: ProcessInstance, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"

    async def converse() -> tuple[int, list[bytes]]:
        coming = await instance.stream(f'{{"until": "{gate}"}}'.encode(), JSON, 10)
        parts = [await anext(coming.parts)]
        assert not gate.exists()
        gate.touch()
        parts += [part async for part in coming.parts]
        coming.close()
        return coming.status, parts

    assert house.run(converse()) == (200, [b"one ", b"two ", b'{"three": 3}'])


def test_a_model_that_fails_half_way_breaks_off_and_says_why_in_the_log(
    house: House, instance: ProcessInstance
) -> None:
    async def converse() -> bool:
        coming = await instance.stream(b'{"error": "no more words"}', JSON, 10)
        assert await anext(coming.parts) == b"one "
        with pytest.raises(BrokenStreamError) as error:
            await anext(coming.parts)
        coming.close()
        return error.value.late

    assert not house.run(converse())
    assert house.ask(instance, '{"error": "again"}')[0] == 0
    assert house.ask(instance, "{}")[0] == 200
    assert any("no more words" in line for _, _, line in house.lines)


def test_a_stream_that_takes_too_long_is_broken_off(house: House, instance: ProcessInstance, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def converse() -> bool:
        coming = await instance.stream(f'{{"until": "{gate}"}}'.encode(), JSON, 0.2)
        with pytest.raises(BrokenStreamError) as error:
            await coming.read()
        coming.close()
        return error.value.late

    assert house.run(converse())
    gate.touch()


def test_an_instance_at_a_stream_does_not_rest(house: House, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    house.bucket["model"] = pack({"code/inference.py": YIELDS})

    async def converse() -> tuple[bool, bool]:
        launcher = ParkingLauncher(house.launcher, most_running=20)
        instance: ParkableInstance = await launcher.launch(ContainerSpec("e", "v", "i", "image", "s3://bucket/model"))
        assert await instance.ping()
        coming = await instance.stream(f'{{"until": "{gate}"}}'.encode(), JSON, 10)
        later = asyncio.get_running_loop().time() + 3600
        busy = not instance.may_rest(later)
        gate.touch()
        await coming.read()
        coming.close()
        idle = instance.may_rest(later)
        await instance.stop()
        return busy, idle

    assert house.run(converse()) == (True, True)
