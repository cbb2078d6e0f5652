"""The layer as Lambda gets it: small, complete, the same every time, and what uv.lock says."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template.cloud_template import ROOT

LAYER = ROOT / "layers/slipway"
BROUGHT_BY_LAMBDA = {"boto3", "botocore"}
LIMIT = 6_000_000
"""Bytes of the layer, zipped."""


def build(to: Path, target: str = "") -> Path:
    """Build the layer as `sam build` does: by make, in a scratch copy of its folder."""
    scratch = to / "scratch"
    shutil.copytree(LAYER, scratch, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "LAYER_TARGET": target, "ARTIFACTS_DIR": str(to / "layer")}
    command = [shutil.which("make") or "make", "-s", "build-SlipwayLayer"]
    built = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, check=False)  # noqa: S603
    assert built.returncode == 0, built.stderr.decode()
    return to / "layer"


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("lambda"))


@pytest.fixture(scope="module")
def thin_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("host"), "host")


def zipped_size(folder: Path, to: Path) -> int:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return to.stat().st_size


def contents(folder: Path) -> dict[str, tuple[bytes, float]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime) for path in files}


def imported(node: ast.AST) -> Iterator[str]:
    """Give every module that the code imports when it runs, by its full name."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    elif not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
        for child in ast.iter_child_nodes(node):
            yield from imported(child)


def is_there(module: str, folder: Path) -> bool:
    path = folder / "python" / Path(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").exists() or any(path.parent.glob(f"{path.name}.*.so"))


def test_the_layer_is_small_enough_to_start_fast(layer: Path, tmp_path: Path) -> None:
    assert zipped_size(layer, tmp_path / "layer.zip") <= LIMIT


def test_every_import_of_slipway_and_of_the_functions_resolves_inside_the_layer(layer: Path) -> None:
    sources = [*LAYER.glob("slipway/**/*.py"), *ROOT.glob("functions/*/app.py")]
    wanted = {module for source in sources for module in imported(ast.parse(source.read_text()))}
    foreign = {name for name in wanted if name.split(".")[0] not in sys.stdlib_module_names | BROUGHT_BY_LAMBDA}
    assert {"pydantic", "aws_lambda_powertools"} & {name.split(".")[0] for name in foreign}
    assert not {name for name in foreign if not is_there(name, layer)}


def test_compiled_code_is_for_python_3_13_on_arm64_whatever_built_it(layer: Path) -> None:
    compiled = [path.name for path in layer.rglob("*.so")]
    assert compiled
    assert all(name.endswith(".cpython-313-aarch64-linux-gnu.so") for name in compiled)


def test_logger_and_metrics_start_from_the_layer_alone(layer: Path) -> None:
    code = "import slipway.telemetry, aws_lambda_powertools as p; print(p.__file__)"
    isolated = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-c",
        f"import sys; sys.path.insert(0, {str(layer / 'python')!r}); {code}",
    ]
    ran = subprocess.run(isolated, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(str(layer))


def test_what_no_function_uses_is_left_out(layer: Path) -> None:
    assert not (layer / "python/aws_lambda_powertools/event_handler").exists()
    assert not (layer / "python/bin").exists()


def test_the_layer_is_the_same_byte_for_byte_when_it_is_built_again(layer: Path, tmp_path: Path) -> None:
    assert contents(build(tmp_path)) == contents(layer)


def test_the_layer_for_this_machine_holds_slipway_and_nothing_else(thin_layer: Path) -> None:
    assert [path.name for path in (thin_layer / "python").iterdir()] == ["slipway"]


def test_the_layer_for_this_machine_brings_bytecode_that_survives_unpacking(thin_layer: Path) -> None:
    bytecode = next((thin_layer / "python/slipway").glob("__pycache__/errors.*.pyc")).read_bytes()
    checked_by_hash, checked_at_all = bytecode[4] & 0b01, bytecode[4] & 0b10
    assert checked_by_hash
    assert not checked_at_all


def test_a_target_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="LAYER_TARGET is 'moon': say host, or leave it unset"):
        build(tmp_path, "moon")


def pinned() -> dict[str, str]:
    text = (LAYER / "requirements.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, dict]:
    return {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def test_the_layer_carries_the_dependencies_of_the_project_and_all_they_need_as_they_are_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {normal(requirement.split("==")[0]): requirement.split("==")[1] for requirement in project}
    packages, waiting = locked(), list(wanted)
    closure: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name not in closure:
            closure[name] = packages[name]["version"]
            waiting += [dependency["name"] for dependency in packages[name].get("dependencies", [])]
    assert {normal(name): version for name, version in pinned().items()} == closure
    assert wanted.items() <= closure.items()


def test_every_dependency_of_the_layer_is_checked_by_hash() -> None:
    blocks = re.split(r"^(?=\w)", (LAYER / "requirements.txt").read_text().split("\n", 1)[1], flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
