"""docs/drydock.md tells of the operations that there are, and of their members by the names they have."""

import ast
from pathlib import Path

import pytest
from botocore.model import ListShape, StructureShape
from fidelity_page import PAGE, page

from drydock.autoscaling.fidelity import SCALING
from drydock.autoscaling.operations import OPERATIONS as SCALING_OPERATIONS
from drydock.sagemaker.faults import FaultKind
from drydock.sagemaker.operations.fidelity import CONTROL, RUNTIME, Switched
from drydock.sagemaker.operations.table import OPERATIONS
from drydock.sagemaker.rules import about_rules
from drydock.sagemaker.wire import shapes

SOURCE = Path(__file__).parents[2] / "drydock" / "sagemaker"
TABLES = ((shapes.CONTROL, CONTROL), (shapes.RUNTIME, RUNTIME), (shapes.SCALING, SCALING))
STORED = [
    (service, operation, member)
    for service, table in TABLES
    for operation, fidelity in table.items()
    for member in fidelity.stored
]


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.drydock.fidelity_page"


def test_every_operation_that_is_offered_has_a_line_and_no_other() -> None:
    assert set(CONTROL) == set(OPERATIONS)
    assert set(SCALING) == set(SCALING_OPERATIONS)


@pytest.mark.parametrize(("service", "operation", "member"), STORED)
def test_what_is_kept_without_effect_is_a_member(service: str, operation: str, member: str) -> None:
    shape = shapes.operation(service, operation).input_shape
    for name in member.split("."):
        shape = shape.member if isinstance(shape, ListShape) else shape
        assert isinstance(shape, StructureShape)
        shape = shape.members[name]


def test_every_rule_is_the_switch_of_something_inferred_and_every_switch_is_there() -> None:
    fidelities = [*CONTROL.values(), *RUNTIME.values()]
    switches = {each.switch for one in fidelities for each in one.inferred if isinstance(each, Switched)}
    rules = {name for name, *_ in about_rules()}
    assert rules <= switches <= rules | set(FaultKind)


def test_everything_the_code_refuses_is_on_the_page() -> None:
    told = " ".join(text for fidelity in CONTROL.values() for text in fidelity.refused)
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "unsupported":
                (said,) = node.args
                if isinstance(said, ast.Constant):
                    words = str(said.value).partition(" (")[0].removeprefix("models of ").removeprefix("containers in ")
                    assert words in told, f"{path.name} refuses {said.value}"
