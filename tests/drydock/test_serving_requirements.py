"""code/requirements.txt: installed beside the model from what the machine offers; what is there needs nothing."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drydock.sagemaker.serving.libraries import BEGINS, FAILS
from drydock.sagemaker.surroundings import LaunchError
from examples.packing import pack
from tests.drydock.serving_house import House

CODE = b"""
import numpy, tiny_library
def model_fn(model_dir):
    return [tiny_library.NAME, tiny_library.__file__, numpy.__version__]
def transform_fn(model, data, content_type, accept):
    return model
"""


def wheel(name: str, version: str, code: str, requires: str = "") -> bytes:
    """Give a wheel of one module."""
    info, packed = f"{name}-{version}.dist-info", io.BytesIO()
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires.split())
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def tiny(requirements: str, code: bytes = CODE, **wheels: bytes) -> bytes:
    members = {f"code/{name.replace('__', '-')}-py3-none-any.whl": content for name, content in wheels.items()}
    return pack({"code/inference.py": code, "code/requirements.txt": requirements.encode(), **members})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def test_a_library_that_is_missing_is_installed_into_a_private_folder(house: House) -> None:
    archive = tiny("--find-links .\ntiny-library\n", tiny_library__1=wheel("tiny_library", "1", "NAME = 'installed'"))
    first, second = house.start(archive), house.start(archive)
    name, file, _ = json.loads(house.ask(first, "x")[1])
    assert name == "installed"
    assert Path(file).parts[-2] == "packages"
    assert house.ask(second, "x")[0] == 200
    assert [line for _, _, line in house.lines].count(BEGINS) == 1
    with pytest.raises(ModuleNotFoundError):
        __import__("tiny_library")


def test_what_a_library_needs_is_installed_too_unless_it_is_there(house: House) -> None:
    archive = tiny(
        "--find-links .\nouter-library\n",
        outer_library__1=wheel("outer_library", "1", "", requires="tiny_library numpy"),
        tiny_library__2=wheel("tiny_library", "2", "NAME = 'inner'"),
    )
    name, _, version = json.loads(house.ask(house.start(archive), "x")[1])
    assert (name, version) == ("inner", np.__version__)


def test_requirements_that_are_there_need_no_installer(house: House) -> None:
    before = len(house.lines)
    requirements = f"# what it was trained with\nscikit-learn\nnumpy=={np.__version__}  # exactly\n\n"
    archive = pack({"code/requirements.txt": requirements.encode(), "code/inference.py": handlers_code()})
    assert house.ask(house.start(archive), "fine") == (200, "fine")
    assert BEGINS not in [line for _, _, line in house.lines[before:]]


def handlers_code() -> bytes:
    return b"def model_fn(d): return 1\ndef transform_fn(m, data, c, a): return data\n"


def test_a_version_other_than_the_loaded_one_wins(house: House) -> None:
    code = CODE.replace(b"numpy, tiny_library", b"numpy, joblib as tiny_library")
    archive = tiny(
        "--find-links .\njoblib==0.0.1\n",
        code,
        joblib__0=b"",
        **{"joblib__0.0.1": wheel("joblib", "0.0.1", "NAME = 'other'\ndef load(path): return None")},
    )
    name, file, _ = json.loads(house.ask(house.start(archive), "x")[1])
    assert (name, Path(file).parts[-2]) == ("other", "packages")


def test_a_requirement_that_cannot_be_met_stops_the_container_and_says_which(house: House) -> None:
    with pytest.raises(LaunchError) as caught:
        house.start(tiny("no-such-library==1.0\n"))
    assert str(caught.value) == (
        "The primary container for production variant main did not pass the ping health check. Please check CloudWatch "
        "logs for this endpoint. (code/requirements.txt cannot be installed: "
        "No matching distribution found for no-such-library==1.0)"
    )
    stream = [line for group, _, line in house.lines if group == "/aws/sagemaker/Endpoints/churn"]
    assert stream[-1] == FAILS


def test_an_isolated_container_asks_no_index(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(LaunchError, match="No matching distribution"):
        house.start(tiny("no-such-library==2.0\n"), isolated=True)
    assert not any("127.0.0.1:9" in line for _, _, line in house.lines)


def test_a_launch_that_is_given_up_ends_the_installer_and_leaves_nothing(house: House) -> None:
    slow = "import time; time.sleep(60)"
    source = pack({"slow-1/setup.py": slow.encode(), "slow-1/PKG-INFO": b"Name: slow\nVersion: 1\n"})
    archive = pack({"code/requirements.txt": b"./slow-1.tar.gz\n", "code/slow-1.tar.gz": source})
    house.bucket["model"] = archive

    async def scenario() -> None:
        from drydock.sagemaker.surroundings import ContainerSpec

        spec = ContainerSpec("churn", "main", "i-1", "image", "s3://bucket/model")
        launching = asyncio.create_task(house.launcher.launch(spec))
        await asyncio.sleep(1.0)
        assert not launching.done()
        launching.cancel()
        await asyncio.gather(launching, return_exceptions=True)

    before = {path.name for path in house.launcher._folder.iterdir()}
    begin = time.perf_counter()
    house.run(scenario())
    assert time.perf_counter() - begin < 5
    assert {path.name for path in house.launcher._folder.iterdir()} == before
