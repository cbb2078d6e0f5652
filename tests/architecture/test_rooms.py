"""The house law: who may import whom, how long a line of thought may be, and that one verb walks through every room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.release.phases import Phase

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "slipway"
PARTS = (LAYER / "slipway", ROOT / "cli", ROOT / "drydock", ROOT / "functions", ROOT / "examples")

FLOORS = {
    "errors": 0,
    "release": 1,
    "intake": 2,
    "rollout": 2,
    "judging": 2,
    "record": 2,
    "exchanges": 2,
    "ports": 3,
    "administration": 3,
    "settings": 3,
    "telemetry": 3,
    "custody": 4,
    "ledger": 5,
    "aws": 6,
    "steps": 6,
    "wiring": 7,
    "step": 8,
}
"""A room may import rooms of lower floors, and itself."""

DRYDOCK_FLOORS = {
    "errors": 0,
    "answers": 0,
    "faults": 0,
    "rules": 0,
    "place": 1,
    "surroundings": 1,
    "fault_door": 1,
    "wire": 1,
    "memory": 2,
    "rules_door": 3,
    "definitions": 3,
    "deployment": 4,
    "operations": 5,
    "fleets": 5,
    "serving": 6,
    "driving": 6,
    "runtime": 7,
    "service": 8,
}
"""The same for the hosting service of Drydock."""

HOUSES = ("slipway", "drydock", "drydock.sagemaker")
"""Packages whose modules are imported by name: what comes `from` them is a module."""

CONCEPTS = ("release", "intake", "rollout", "judging", "record")


def modules(*places: Path) -> list[Path]:
    return sorted(path for place in places for path in place.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module in HOUSES)


def room(path: Path) -> str:
    return path.relative_to(LAYER / "slipway").parts[0].removesuffix(".py")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def uphill(path: Path, house: Path, package: str, floors: dict[str, int]) -> list[str]:
    """Name the rooms of the same floor or higher ones that a module of a house imports."""
    here = path.relative_to(house).parts[0].removesuffix(".py")
    if here == "__init__":
        return []
    names = (name.removeprefix(f"{package}.") for name in imports(path) if name.startswith(f"{package}."))
    there = {name.split(".")[0] for name in names} - {here}
    return sorted(other for other in there if floors[other] >= floors[here])


@pytest.mark.parametrize("path", modules(LAYER / "slipway"), ids=named)
def test_imports_of_the_layer_go_down_only(path: Path) -> None:
    assert not uphill(path, LAYER / "slipway", "slipway", FLOORS)


@pytest.mark.parametrize("path", modules(ROOT / "drydock" / "sagemaker"), ids=named)
def test_imports_of_the_hosting_service_go_down_only(path: Path) -> None:
    assert not uphill(path, ROOT / "drydock" / "sagemaker", "drydock.sagemaker", DRYDOCK_FLOORS)


@pytest.mark.parametrize("path", modules(LAYER / "slipway"), ids=named)
def test_only_the_adapters_know_boto(path: Path) -> None:
    found = {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore"}
    assert not found or room(path) == "aws"


@pytest.mark.parametrize("path", modules(LAYER / "slipway"), ids=named)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    assert "os" not in set(imports(path)) or room(path) == "settings"


@pytest.mark.parametrize("path", modules(*(LAYER / "slipway" / name for name in CONCEPTS)), ids=named)
def test_the_concept_rooms_have_no_clock_and_no_io(path: Path) -> None:
    banned = {"time", "socket", "pathlib", "subprocess", "random", "urllib", "logging"}
    assert not {name.split(".")[0] for name in imports(path)} & banned
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "open", "print"}


@pytest.mark.parametrize("path", modules(*PARTS), ids=named)
def test_only_the_step_catches_everything(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert not broad or path == LAYER / "slipway" / "step.py"


@pytest.mark.parametrize("path", modules(ROOT / "drydock"), ids=named)
def test_drydock_is_an_independent_judge(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"slipway", "slipway_cli"}


@pytest.mark.parametrize(
    "path",
    modules(ROOT / "drydock" / "sagemaker", ROOT / "drydock" / "autoscaling", ROOT / "drydock" / "cloudwatch"),
    ids=named,
)
def test_the_services_do_not_know_ministack(path: Path) -> None:
    tops = {".".join(name.split(".")[:2]) for name in imports(path)}
    assert not {top for top in tops if top.startswith("ministack") or top in ("drydock.ministack", "drydock.cloud")}


@pytest.mark.parametrize("path", modules(ROOT / "drydock" / "sagemaker"), ids=named)
def test_the_hosting_service_does_not_know_what_scales_it(path: Path) -> None:
    assert not {name for name in imports(path) if name.startswith("drydock.autoscaling")}


@pytest.mark.parametrize("path", modules(LAYER / "slipway", ROOT / "functions"), ids=named)
def test_what_ships_does_not_know_drydock(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0] in ("drydock", "ministack", "slipway_cli")}


@pytest.mark.parametrize("path", modules(ROOT / "cli"), ids=named)
def test_the_command_sees_only_the_face_of_drydock(path: Path) -> None:
    inside = {name for name in imports(path) if name.startswith("drydock.")} - {"drydock.cloud"}
    assert not inside


@pytest.mark.parametrize("path", modules(ROOT / "functions"), ids=named)
def test_a_handler_imports_step_wiring_and_its_concept(path: Path) -> None:
    verb = path.parent.name
    allowed = {
        "slipway.step",
        "slipway.wiring",
        "slipway.steps.work",
        "slipway.release.verdicts",
        f"slipway.steps.{verb}",
    }
    assert {name for name in imports(path) if name.startswith("slipway")} <= allowed


@pytest.mark.parametrize("path", modules(ROOT / "functions"), ids=named)
def test_a_handler_has_at_most_forty_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 40


@pytest.mark.parametrize("path", modules(*PARTS), ids=named)
def test_a_module_has_at_most_two_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 200


@pytest.mark.parametrize("path", modules(*PARTS), ids=named)
def test_a_function_has_at_most_forty_lines(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, kinds) and (node.end_lineno or node.lineno) - node.lineno + 1 > 40
    }
    assert not long


@pytest.mark.parametrize("path", modules(*PARTS), ids=named)
def test_an_init_only_hands_names_on(path: Path) -> None:
    if path.name == "__init__.py":
        body = ast.parse(path.read_text()).body
        allowed = (ast.ImportFrom, ast.Assign)
        assert all(isinstance(node, allowed) or isinstance(node.value, ast.Constant) for node in body)  # type: ignore[attr-defined]


def test_every_phase_has_its_function_and_its_step() -> None:
    shared = {Phase.WAIT_FOR_IN_SERVICE: "wait_for_endpoint", Phase.WAIT_FOR_ROLLBACK: "wait_for_endpoint"}
    shared[Phase.WAIT_FOR_FINAL_APPROVAL] = "wait_for_approval"
    verbs = {shared.get(phase, phase.value) for phase in Phase}
    folders = {path.parent.name for path in modules(ROOT / "functions")}
    assert folders == verbs | {"wake", "janitor"}
    steps = {path.stem for path in modules(LAYER / "slipway" / "steps")}
    assert verbs <= steps
