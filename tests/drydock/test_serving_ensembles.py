"""Instances of several real processes: a pipeline, and models that come and go."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from drydock.sagemaker.fleets.assembling import assembled, specs_of
from drydock.sagemaker.fleets.multi_model import MOST_MODELS, TARGET_MODEL, MultiModelInstance
from drydock.sagemaker.memory.model import Variant
from drydock.sagemaker.surroundings import Instance
from examples.packing import pack
from tests.drydock.serving_house import JSON, House, handlers, saved


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


def start(house: House, *containers: dict[str, Any]) -> Instance:
    definitions = [{"Image": "image", **container} for container in containers]
    variant = Variant("main", {}, definitions, weight=1.0, count=1)
    specs = specs_of("e", variant)
    instance: Instance = house.run(assembled(house.launcher.launch, variant, specs)(specs[0]))
    return instance


def test_a_pipeline_of_real_containers(house: House) -> None:
    house.bucket["double"] = pack({"model.joblib": saved(2.0)})
    house.bucket["shout"] = handlers(transform="print('shouting'); return f'{data}!', 'text/plain'")
    instance = start(house, {"ModelDataUrl": "s3://b/double"}, {"ModelDataUrl": "s3://b/shout"})
    assert house.run(instance.ping())
    answer = house.run(instance.invoke(b"[[3.0]]", JSON, 10))
    assert answer.status == 200
    assert json.loads(answer.body.removesuffix(b"!")) == [pytest.approx(6.0)]
    assert [call.hostname for call in answer.calls] == ["container_1", "container_2"]
    house.run(instance.stop())
    assert [stream for _, stream, line in house.lines if line == "shouting"] == ["main//container_2"]


def test_models_are_really_loaded_and_unloaded(house: House) -> None:
    for name, slope in (("a", 2.0), ("b", 3.0)):
        house.bucket[f"models/{name}.tar.gz"] = pack({"model.joblib": saved(slope)})
    house.bucket["models/bad.tar.gz"] = handlers(load="raise RuntimeError('no luck')")
    many = {"ModelDataUrl": "s3://b/models/", "Mode": "MultiModel", "Environment": {MOST_MODELS: "1"}}
    instance = start(house, many)
    assert isinstance(instance, MultiModelInstance)

    def ask(name: str) -> tuple[int, bytes]:
        answer = house.run(instance.invoke(b"[[10.0]]", {**JSON, TARGET_MODEL: f"{name}.tar.gz"}, 10))
        return answer.status, answer.body

    for name, wanted in (("a", 20.0), ("b", 30.0), ("a", 20.0)):
        status, body = ask(name)
        assert (status, json.loads(body)) == (200, [pytest.approx(wanted)])
        assert instance.models == [f"{name}.tar.gz"]
    status, body = ask("bad")
    assert status == 500
    assert b"no luck" in body
    assert instance.models == []
    house.run(instance.stop())
