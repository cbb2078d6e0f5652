"""The schema and the page of the policy document say what its reader does."""

import json
from dataclasses import fields
from pathlib import Path

from slipway.intake.policy_document import PolicyDocument
from slipway.intake.policy_reading import read_policy
from slipway.intake.policy_schema import EXAMPLE, generated, json_schema

ROOT = Path(__file__).parents[2]
RENEW = (
    "Renew it: .venv/bin/python -c 'from pathlib import Path; from slipway.intake.policy_schema import generated; "
    "[Path(path).write_text(text) for path, text in generated().items()]'"
)


def test_the_generated_files_are_as_committed() -> None:
    texts = generated()
    assert {path: (ROOT / path).read_text() for path in texts} == texts, RENEW


def test_the_example_of_the_page_is_a_policy() -> None:
    read = read_policy(EXAMPLE, "the example")
    assert isinstance(read, PolicyDocument), read
    assert read.cost.per_instance_hour["ml.m5.xlarge"] == 0.23
    assert [freeze.name for freeze in read.freezes] == ["weekend", "weekend", "year end"]


def test_every_key_of_the_policy_is_described() -> None:
    schema = json_schema()
    assert list(schema["properties"]) == [field.name for field in fields(PolicyDocument)]
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all(each["description"] for each in part["properties"].values())
    json.dumps(schema)


def test_only_the_version_of_the_format_has_to_be_said() -> None:
    assert json_schema()["required"] == ["schema"]
    assert isinstance(read_policy("schema: 1", "p"), PolicyDocument)
