"""The examples of docs/several-models.md, as they stand there, on the whole local cloud."""

import json
import re
import time
from pathlib import Path

import pytest

from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Outcome
from tests.scenarios.person import LOOK_EVERY, PATIENCE_SECONDS, Person
from tests.unit.hostile_archives import packed

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]

PAGE = (Path(__file__).parents[2] / "docs" / "several-models.md").read_text()
SCALE = """\
import json
def model_fn(folder): return 0.01
def input_fn(body, content_type): return json.loads(body)["rows"]
def predict_fn(rows, factor): return [[factor * value for value in row] for row in rows]
def output_fn(rows, accept): return json.dumps(rows)
"""
PREDICT = """\
import json, os
def model_fn(folder): return int(os.environ["DECIMALS"])
def input_fn(body, content_type): return json.loads(body)
def predict_fn(rows, decimals): return {"predictions": [round(sum(row), decimals) for row in rows]}
def output_fn(answer, accept): return json.dumps(answer)
"""


REGION = """\
import json
def model_fn(folder): return {name!r}
def input_fn(body, content_type): return json.loads(body)["rows"]
def predict_fn(rows, name): return {{"region": name, "predictions": [sum(row) for row in rows]}}
def output_fn(answer, accept): return json.dumps(answer)
"""


def example(opening: str) -> bytes:
    """Give the spec of the page that begins so."""
    (found,) = (text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if text.startswith(opening))
    return found.encode()


def archive(code: str) -> bytes:
    return packed({"code/inference.py": code.encode(), "weights.json": b"{}"})


def released(person: Person, version: str, spec: bytes) -> Release:
    folder = f"models/orders/{version}"
    person.upload(f"{folder}/release.yaml", spec)
    return person.release_of(person.upload(f"{folder}/model.tar.gz", archive(PREDICT)))


def spec_released(person: Person, version: str, spec: bytes) -> Release:
    """Release what a spec names: the newest one of its endpoint is waited for."""
    before = {line["release"] for line in person.ledger.history("regions")}
    person.upload(f"models/regions/{version}/release.yaml", spec)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (
        ended := [line["release"] for line in person.ledger.history("regions") if line["release"] not in before]
    ):
        assert time.monotonic() < deadline
        time.sleep(LOOK_EVERY)
    return person.ledger.release(ended[0])


def test_the_pipeline_of_the_page_goes_live_and_a_changed_preprocessor_that_is_wrong_goes_back(person: Person) -> None:
    spec = example("serve:\n  containers:")
    person.upload("models/orders/parts/scale.tar.gz", archive(SCALE))
    first = released(person, "8", spec)
    assert first.outcome is Outcome.LIVE, first.reason
    model = person.sagemaker.describe_model(ModelName=person.live("orders").model)
    assert [each["ModelDataUrl"] for each in model["Containers"]] == list(frozen_addresses(first).values())[::-1]
    assert released(person, "9", spec).outcome is Outcome.UNCHANGED
    person.upload("models/orders/parts/scale.tar.gz", archive(SCALE.replace("0.01", "0.02")))
    again = released(person, "10", spec)
    assert again.outcome is Outcome.ROLLED_BACK, again.reason
    assert person.ask("orders", {"rows": [[10, 20]]}) == {"predictions": [0.3]}


def test_the_many_models_of_the_page_go_live_by_one_container_and_a_broken_one_rejects_all(person: Person) -> None:
    spec = example("artifact: models/regions/3/models/")
    for name in ("north", "south"):
        person.upload(f"models/regions/3/models/{name}.tar.gz", archive(REGION.format(name=name)))
    first = spec_released(person, "3", spec)
    assert first.outcome is Outcome.LIVE, first.reason
    asked = {"TargetModel": "south.tar.gz", "Body": b'{"rows": [[2, 3]]}', "ContentType": "application/json"}
    answer = person.client("sagemaker-runtime").invoke_endpoint(EndpointName="regions", **asked)
    assert json.loads(answer["Body"].read()) == {"region": "south", "predictions": [5]}
    person.upload("models/regions/3/models/north.tar.gz", b"none")
    again = spec_released(person, "3", spec)
    assert again.outcome is Outcome.REJECTED
    assert again.phases[Phase.VERIFY_ARTIFACT].findings[0].where.startswith("north.tar.gz")
