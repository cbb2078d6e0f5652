"""Writes the tables of docs/drydock.md: `python -m tests.drydock.fidelity_page`."""

from pathlib import Path

from botocore.model import StructureShape

from drydock.autoscaling.fidelity import SCALING
from drydock.sagemaker.faults import FaultKind
from drydock.sagemaker.operations.fidelity import CONTROL, RUNTIME, Fidelity, Switched
from drydock.sagemaker.rules import about_rules
from drydock.sagemaker.wire import shapes

PAGE = Path(__file__).parents[2] / "docs" / "drydock.md"
BEGIN, END = "<!-- generated: tables -->", "<!-- /generated -->"


def generated() -> str:
    """Give the generated part of the page, between its marks."""
    parts = [BEGIN, "### Control plane", *_table(shapes.CONTROL, CONTROL), "### Runtime"]
    parts += [*_table(shapes.RUNTIME, RUNTIME), "### Application Auto Scaling"]
    parts += [*_table(shapes.SCALING, SCALING), "### Rules", *_rules(), "### Faults", *_faults(), END]
    return "\n\n".join(parts)


def page() -> str:
    """Give the whole page with its generated part renewed."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    return before + generated() + rest.partition(END)[2]


def _table(service: str, operations: dict[str, Fidelity]) -> list[str]:
    lines = ["| operation | as AWS | kept, without effect | refused | inferred |", "|---|---|---|---|---|"]
    for name, fidelity in operations.items():
        shape = shapes.operation(service, name).input_shape
        members = list(shape.members) if isinstance(shape, StructureShape) else []
        named = {*fidelity.stored, *fidelity.refused}
        whole = ", ".join(f"`{member}`" for member in members if member not in named)
        stored = ", ".join(f"`{member}`" for member in fidelity.stored) or "–"
        refused = ", ".join(fidelity.refused) or "–"
        lines.append(f"| {name} | {whole} | {stored} | {refused} | {_inferred(fidelity)} |")
    return ["\n".join(lines)]


def _inferred(fidelity: Fidelity) -> str:
    told = [f"{each.text} (`{each.switch}`)" if isinstance(each, Switched) else each for each in fidelity.inferred]
    return "; ".join(told) or "–"


def _rules() -> list[str]:
    lines = ["| rule | values | default | what it is about |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {values} | `{default}` | {about} |" for name, values, default, about in about_rules()]
    return ["\n".join(lines)]


def _faults() -> list[str]:
    return ["`" + "`, `".join(FaultKind) + "`"]


if __name__ == "__main__":
    PAGE.write_text(page())
