"""The schema and the reference page say what the reader does."""

import json
from dataclasses import fields
from pathlib import Path

from slipway.intake.spec_page import EXAMPLE, VARIANTS
from slipway.intake.spec_reading import read_spec
from slipway.intake.spec_schema import generated, json_schema
from slipway.release.spec import ReleaseSpec

ROOT = Path(__file__).parents[2]
RENEW = (
    "Renew it: .venv/bin/python -c 'from pathlib import Path; from slipway.intake.spec_schema import generated; "
    "[Path(path).write_text(text) for path, text in generated().items()]'"
)


def test_the_generated_files_are_as_committed() -> None:
    texts = generated()
    assert {path: (ROOT / path).read_text() for path in texts} == texts, RENEW


def test_the_example_of_the_page_is_a_spec() -> None:
    spec = read_spec(EXAMPLE.encode(), "release.yaml", [], "orders")
    assert isinstance(spec, ReleaseSpec), spec
    assert [case.name for case in spec.smoke] == ["one known row", "a bad row is refused"]


def test_the_example_of_several_variants_is_a_spec() -> None:
    spec = read_spec(VARIANTS.encode(), "release.yaml", [], "orders")
    assert isinstance(spec, ReleaseSpec), spec
    assert [(each.name, each.weight, each.serve.instance_count) for each in spec.variants] == [
        ("champion", 9, 1),
        ("challenger", 1, 2),
    ]


def test_every_key_of_the_spec_is_described() -> None:
    schema = json_schema()
    assert list(schema["properties"]) == [field.name for field in fields(ReleaseSpec)]
    for part in (schema, *schema["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all(each["description"] for each in part["properties"].values())


def test_a_spec_file_may_leave_out_what_a_layer_beneath_it_says() -> None:
    schema = json_schema()
    assert "required" not in schema
    assert "required" not in schema["$defs"]["Serve"]
    json.dumps(schema)
