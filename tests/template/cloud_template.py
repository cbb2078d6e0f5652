"""The template as it is written and as CloudFormation gets it, read without AWS."""

import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = Path(__file__).parents[2]
LOCAL_PATHS = ("CodeUri", "ContentUri", "DefinitionUri")

Node = dict[str, Any]


@cache
def written() -> Node:
    """Give the template as it stands in the repository, intrinsic functions in their long form."""
    with pytest.MonkeyPatch.context() as patch:
        for table in ("yaml_constructors", "yaml_multi_constructors"):  # SAM adds its own to everybody's loader
            patch.setattr(yaml.SafeLoader, table, dict(getattr(yaml.SafeLoader, table)))
        return dict(yaml_parse((ROOT / "template.yaml").read_text()))


@cache
def deployed() -> Node:
    """Give the template after the SAM transform: every role, rule and permission that CloudFormation will make."""
    source = copy.deepcopy(written())
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        properties.update({name: "s3://bucket/key" for name in LOCAL_PATHS if name in properties})
    session = boto3.Session(region_name="us-east-1")
    return dict(Translator(None, Parser(), boto_session=session).translate(source, {}))


def of_type(kind: str) -> dict[str, Node]:
    """Give the deployed resources of one type by logical id."""
    return {name: made for name, made in deployed()["Resources"].items() if made["Type"] == kind}


def functions() -> dict[str, Node]:
    """Give the properties of the deployed functions by logical id."""
    return {name: made["Properties"] for name, made in of_type("AWS::Lambda::Function").items()}


def folder(function: str) -> str:
    """Give the folder of a function's logical id: WaitForTurnFunction is made in wait_for_turn."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function.removesuffix("Function")).lower()


def listed(value: Any) -> list[Any]:
    """Give a value as a list, as IAM reads it."""
    return value if isinstance(value, list) else [value]


def managed(role: str) -> list[Any]:
    """Give the managed policies attached to a role."""
    return list(deployed()["Resources"][role]["Properties"].get("ManagedPolicyArns", []))


def statements(role: str) -> Iterator[Node]:
    """Give all statements of a role: its inline policies and the stack's own managed ones."""
    resources = deployed()["Resources"]
    for policy in resources[role]["Properties"].get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]
    for attached in managed(role):
        if isinstance(attached, dict):
            yield from resources[attached["Ref"]]["Properties"]["PolicyDocument"]["Statement"]


def actions(role: str) -> set[str]:
    """Give everything that a role may do."""
    return {action for statement in statements(role) for action in listed(statement["Action"])}


def text(resource: Any) -> str:
    """Give an ARN as text: `${Name}` for what CloudFormation fills in, `${Name.Attribute}` for an attribute."""
    match resource:
        case {"Fn::Sub": str(template)}:
            return template
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case _:
            return str(resource)
