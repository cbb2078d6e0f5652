"""The house law: who may import whom, how long a line of thought may be, and that one verb walks through every room."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

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

HANDS_ON = (ast.ImportFrom, ast.Assign)

CONCEPTS = ("release", "intake", "rollout", "judging", "record")


Offences = dict[str, list[str]]


def modules(*places: Path) -> list[Path]:
    return sorted(path for place in places for path in place.rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module in HOUSES)


def imported(path: Path, *packages: str) -> list[str]:
    """Name what a module imports of some packages or modules."""
    return [name for name in imports(path) if any(f"{name}.".startswith(f"{package}.") for package in packages)]


def room(path: Path) -> str:
    return path.relative_to(LAYER / "slipway").parts[0].removesuffix(".py")


def offences(paths: Iterable[Path], found: Callable[[Path], Iterable[object]]) -> Offences:
    """Name the modules that break a rule, each with what breaks it."""
    judged = {str(path.relative_to(ROOT)): [str(each) for each in found(path)] for path in paths}
    return {name: broken for name, broken in judged.items() if broken}


def uphill(path: Path, house: Path, package: str, floors: dict[str, int]) -> list[str]:
    """Name the rooms of the same floor or higher ones that a module of a house imports."""
    here = path.relative_to(house).parts[0].removesuffix(".py")
    if here == "__init__":
        return []
    names = (name.removeprefix(f"{package}.") for name in imports(path) if name.startswith(f"{package}."))
    there = {name.split(".")[0] for name in names} - {here}
    return sorted(other for other in there if floors[other] >= floors[here])


def test_imports_of_the_layer_go_down_only() -> None:
    house = LAYER / "slipway"
    assert offences(modules(house), lambda path: uphill(path, house, "slipway", FLOORS)) == {}


def test_imports_of_the_hosting_service_go_down_only() -> None:
    house = ROOT / "drydock" / "sagemaker"
    assert offences(modules(house), lambda path: uphill(path, house, "drydock.sagemaker", DRYDOCK_FLOORS)) == {}


def test_only_the_adapters_know_boto() -> None:
    others = [path for path in modules(LAYER / "slipway") if room(path) != "aws"]
    assert offences(others, lambda path: imported(path, "boto3", "botocore")) == {}


def test_only_the_settings_read_the_environment() -> None:
    others = [path for path in modules(LAYER / "slipway") if room(path) != "settings"]
    assert offences(others, lambda path: imported(path, "os")) == {}


def test_the_concept_rooms_have_no_clock_and_no_io() -> None:
    modules_of_io = ("time", "socket", "pathlib", "subprocess", "random", "urllib", "logging")
    calls_of_io = {"datetime.now", "datetime.utcnow", "date.today", "open", "print"}

    def found(path: Path) -> list[str]:
        calls = {ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call)}
        return [*imported(path, *modules_of_io), *(calls & calls_of_io)]

    assert offences(modules(*(LAYER / "slipway" / name for name in CONCEPTS)), found) == {}


def test_only_the_step_catches_everything() -> None:
    def found(path: Path) -> list[int]:
        handlers = [node for node in nodes(path) if isinstance(node, ast.ExceptHandler)]
        broad = (None, "Exception", "BaseException")
        return [node.lineno for node in handlers if (node.type and ast.unparse(node.type)) in broad]

    assert offences(set(modules(*PARTS)) - {LAYER / "slipway" / "step.py"}, found) == {}


def test_drydock_is_an_independent_judge() -> None:
    assert offences(modules(ROOT / "drydock"), lambda path: imported(path, "slipway", "slipway_cli")) == {}


def test_the_services_do_not_know_ministack() -> None:
    services = modules(*(ROOT / "drydock" / name for name in ("sagemaker", "autoscaling", "cloudwatch")))
    unknown = ("ministack", "drydock.ministack", "drydock.cloud")
    assert offences(services, lambda path: imported(path, *unknown)) == {}


def test_the_hosting_service_does_not_know_what_scales_it() -> None:
    assert offences(modules(ROOT / "drydock" / "sagemaker"), lambda path: imported(path, "drydock.autoscaling")) == {}


def test_what_ships_does_not_know_drydock() -> None:
    shipped = modules(LAYER / "slipway", ROOT / "functions")
    assert offences(shipped, lambda path: imported(path, "drydock", "ministack", "slipway_cli")) == {}


def test_the_command_sees_only_the_face_of_drydock() -> None:
    def found(path: Path) -> set[str]:
        return {name for name in imports(path) if name.startswith("drydock.")} - {"drydock.cloud"}

    assert offences(modules(ROOT / "cli"), found) == {}


def test_a_handler_imports_step_wiring_and_its_concept() -> None:
    allowed = {"slipway.step", "slipway.wiring", "slipway.steps.work", "slipway.release.verdicts"}

    def found(path: Path) -> set[str]:
        return set(imported(path, "slipway")) - allowed - {f"slipway.steps.{path.parent.name}"}

    assert offences(modules(ROOT / "functions"), found) == {}


def longer_than(limit: int) -> Callable[[Path], list[int]]:
    """Tell the length of a module that has more lines than that."""
    return lambda path: [lines for lines in [len(path.read_text().splitlines())] if lines > limit]


def test_a_handler_has_at_most_forty_lines() -> None:
    assert offences(modules(ROOT / "functions"), longer_than(40)) == {}


def test_a_module_has_at_most_two_hundred_lines() -> None:
    assert offences(modules(*PARTS), longer_than(200)) == {}


def test_a_function_has_at_most_forty_lines() -> None:
    def found(path: Path) -> list[str]:
        functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return [node.name for node in functions if (node.end_lineno or node.lineno) - node.lineno + 1 > 40]

    assert offences(modules(*PARTS), found) == {}


def test_an_init_only_hands_names_on() -> None:
    def found(path: Path) -> list[str]:
        body = ast.parse(path.read_text()).body
        texts = [node for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
        return [ast.unparse(node) for node in body if not (isinstance(node, HANDS_ON) or node in texts)]

    assert offences([path for path in modules(*PARTS) if path.name == "__init__.py"], found) == {}


def test_every_phase_has_its_function_and_its_step() -> None:
    shared = {Phase.WAIT_FOR_IN_SERVICE: "wait_for_endpoint", Phase.WAIT_FOR_ROLLBACK: "wait_for_endpoint"}
    shared[Phase.WAIT_FOR_FINAL_APPROVAL] = "wait_for_approval"
    verbs = {shared.get(phase, phase.value) for phase in Phase}
    folders = {path.parent.name for path in modules(ROOT / "functions")}
    assert folders == verbs | {"wake", "janitor"}
    steps = {path.stem for path in modules(LAYER / "slipway" / "steps")}
    assert verbs <= steps
