"""What instances use of the machine, and how it is reported."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from drydock.sagemaker.serving import usage
from drydock.sagemaker.serving.metering import Meter
from drydock.sagemaker.serving.process import ProcessInstance
from drydock.sagemaker.serving.usage import Gauge, Usage
from drydock.sagemaker.surroundings import ContainerSpec
from tests.drydock.serving_house import House, handlers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

WORKS = "end = time.process_time() + float(data)\n    while time.process_time() < end: pass\n    return 'done'"
GROWS = "open('left', 'wb').write(bytes(64 << 20)); model.append(bytes(64 << 20)); return 'done'"
Point = tuple[str, str, list[Mapping[str, str]], float, str]


@pytest.fixture
def published() -> list[Point]:
    return []


@pytest.fixture
def house(tmp_path: Path, published: list[Point]) -> Iterator[House]:
    def publish(namespace: str, name: str, sets: Iterable[Mapping[str, str]], value: float, unit: str) -> None:
        published.append((namespace, name, list(sets), value, unit))

    made = House(tmp_path, meter=Meter(publish, period=0.05))
    yield made
    made.close()


def measured(house: House, instance: ProcessInstance) -> Usage:
    usage = house.run(instance.measure())
    assert isinstance(usage, Usage)
    return usage


def reported(house: House, published: list[Point], points: int) -> bool:
    """Wait until so many datapoints were published, 5 s at most."""
    for _ in range(100):
        if len(published) >= points:
            break
        house.run(asyncio.sleep(0.05))
    return len(published) >= points


def test_a_busy_instance_uses_the_processor_and_an_idle_one_does_not(tmp_path: Path) -> None:
    house = House(tmp_path)
    instance = house.start(handlers(transform=WORKS))
    house.ask(instance, "0")
    measured(house, instance)
    house.ask(instance, "0.4")
    busy = measured(house, instance)
    house.run(asyncio.sleep(0.3))
    idle = measured(house, instance)
    house.close()
    assert 10 < busy.cpu < 150
    assert idle.cpu < busy.cpu / 2


def test_the_workers_of_an_instance_count_too(tmp_path: Path) -> None:
    house = House(tmp_path)
    instance = house.start(handlers(transform=WORKS), SAGEMAKER_MODEL_SERVER_WORKERS="2")
    house.ask(instance, "0")
    measured(house, instance)
    house.ask(instance, "0.4")
    busy = measured(house, instance)
    house.close()
    assert busy.cpu > 10


def test_what_an_instance_holds_and_writes_counts(tmp_path: Path) -> None:
    house = House(tmp_path)
    instance = house.start(handlers(load="return []", transform=GROWS))
    house.run(instance.ping())
    before = measured(house, instance)
    assert house.ask(instance, "x") == (200, "done")
    after = measured(house, instance)
    house.close()
    assert 0 < before.memory < after.memory < 100
    assert 0 < before.disk < after.disk < 100


def test_what_has_not_run_since_is_not_added_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = []
    monkeypatch.setattr(usage, "_memory", lambda pid: added.append(pid) or 4096)
    gauge = Gauge(os.getpid(), tmp_path, tmp_path)
    first = gauge.read()
    spent = {os.getpid(): 1.0}
    monkeypatch.setattr(usage, "_processor_seconds", lambda _pid: spent[os.getpid()])
    gauge.read()
    counted = len(added)
    still = gauge.read()
    assert len(added) == counted
    spent[os.getpid()] = 2.0
    gauge.read()
    assert len(added) > counted
    assert first is not None
    assert still is not None
    assert still.memory == first.memory


def test_each_period_brings_a_datapoint_of_each_metric_under_endpoint_and_variant(
    house: House, published: list[Point]
) -> None:
    house.start(handlers())
    assert reported(house, published, 6)
    dimensions = [{"EndpointName": "churn", "VariantName": "main"}]
    assert {(space, name, unit) for space, name, _, _, unit in published} == {
        ("/aws/sagemaker/Endpoints", f"{each}Utilization", "Percent") for each in ("CPU", "Memory", "Disk")
    }
    assert all(sets == dimensions for _, _, sets, _, _ in published)
    assert len([point for point in published if point[1] == "CPUUtilization"]) >= 2


def test_an_instance_that_has_ended_is_reported_no_more(house: House, published: list[Point]) -> None:
    instance = house.start(handlers())
    house.run(asyncio.sleep(0.2))
    house.run(instance.stop())
    house.run(asyncio.sleep(0.1))
    published.clear()
    house.run(asyncio.sleep(0.2))
    assert published == []
    house.start(handlers())
    assert reported(house, published, 1)


def test_a_process_that_is_gone_cannot_be_measured(tmp_path: Path) -> None:
    assert Gauge(2**22 + 1, tmp_path, tmp_path).read() is None


class _Steady:
    """A process that always uses the same."""

    alive = True

    async def measure(self) -> Usage:
        return Usage(10.0, 2.0, 1.0)


def test_an_instance_of_several_containers_is_told_as_one_and_by_container(published: list[Point]) -> None:
    def publish(namespace: str, name: str, sets: Iterable[Mapping[str, str]], value: float, unit: str) -> None:
        published.append((namespace, name, list(sets), value, unit))

    async def sample() -> None:
        meter = Meter(publish)
        for hostname in ("first", "second"):
            spec = ContainerSpec("e", "v", "i-1", "image", "", hostname=hostname, several=True)
            meter.watch(_Steady(), spec)  # type: ignore[arg-type]
        await meter.sample()
        await meter.close()

    asyncio.run(sample())
    variant = {"EndpointName": "e", "VariantName": "v"}
    told = {(name, str(sets[0].get("ContainerName", ""))): value for _, name, sets, value, _ in published}
    assert told["CPUUtilization", ""] == 20.0
    assert told["DiskUtilization", ""] == 2.0
    assert (told["CPUUtilization", "first"], told["MemoryUtilization", "second"]) == (10.0, 2.0)
    assert all(variant.items() <= sets[0].items() for _, _, sets, _, _ in published)
