"""The spec's JSON Schema and reference page, generated from its records; a test holds the committed files to them."""

import json

from pydantic import TypeAdapter

from slipway.intake import image_table
from slipway.intake.record_schema import Schema, describe, tables
from slipway.intake.spec_page import EXAMPLE, FOOTNOTE, INTRODUCTION, VARIANTS
from slipway.release import (
    autoscaling_spec,
    container_spec,
    serve_spec,
    serverless_spec,
    smoke_spec,
    spec,
    variant_spec,
    vpc_spec,
)
from slipway.release import json_schema as json_schema_subset

RECORDS = (
    spec,
    serve_spec,
    container_spec,
    variant_spec,
    smoke_spec,
    autoscaling_spec,
    serverless_spec,
    vpc_spec,
)
"""Where the records are defined."""


def json_schema() -> Schema:
    """Give the JSON Schema (2020-12) of a spec file, in which everything that has a default beneath may be left out."""
    schema = TypeAdapter(spec.ReleaseSpec).json_schema()
    parts = describe("ReleaseSpec", schema, RECORDS)
    for part in (schema, parts["Serve"]):
        del part["required"]
    parts["Variant"]["required"].remove("serve")
    parts["SmokeCase"]["oneOf"] = [{"required": ["body"]}, {"required": ["json"]}]
    for name in ("Serve", "Container"):
        parts[name]["properties"]["environment"]["propertyNames"] = {"pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"}
    schema["title"] = "Release spec of Slipway"
    schema["description"] = "How a model is to be served, and what a good answer is."
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def reference_page() -> str:
    """Give the page that explains every key."""
    schema = json_schema()
    parts = [INTRODUCTION.format(example=EXAMPLE), *tables(schema)]
    told = {
        "source": image_table.SOURCE,
        "keywords": " ".join(f"`{keyword}`" for keyword in json_schema_subset.KEYWORDS),
        "variants": VARIANTS,
        "most": str(variant_spec.MOST_VARIANTS),
    }
    footnote = FOOTNOTE
    for name, text in told.items():
        footnote = footnote.replace(f"{{{name}}}", text)
    return "\n".join([*parts, footnote])


def generated() -> dict[str, str]:
    """Give every generated file: its path in the checkout, and its text."""
    return {
        "schema/release.schema.json": json.dumps(json_schema(), indent=2) + "\n",
        "docs/release-spec.md": reference_page(),
    }
