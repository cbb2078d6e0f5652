"""A layer is unpacked once for all workers, and each sees it as its own; what is no layer is left to zipfile."""

import json
import zipfile
from pathlib import Path

import pytest
from ministack_kit import Kit, eventually, zipped

from drydock.ministack.workers.layers import Layers

READS = """
import os, shared
def lambda_handler(event, context):
    return [shared.NAME, os.path.realpath(shared.__file__)]
"""


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path)


def archive(folder: Path, name: str, text: str, member: str = "python/shared.py") -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(zipped(member, text))
    return str(folder / name)


def unpack(layers: Layers, file: str) -> Path:
    """Do as MiniStack does with the layer of a worker."""
    folder = Path(file).with_suffix("")
    folder.mkdir()
    with layers.open(file) as opened:
        for member in opened.namelist():
            assert member
        opened.extractall(str(folder))
    return folder


def test_the_same_layer_of_two_workers_is_one_folder(layers: Layers, tmp_path: Path) -> None:
    first, second = (unpack(layers, archive(tmp_path / each, "layer_0.zip", "NAME = 1")) for each in "ab")
    assert (first / "python/shared.py").read_text() == "NAME = 1"
    assert first != second
    assert first.resolve() == second.resolve()


def test_a_layer_with_other_contents_is_another_folder(layers: Layers, tmp_path: Path) -> None:
    unpack(layers, archive(tmp_path / "a", "layer_0.zip", "NAME = 1"))
    assert (
        unpack(layers, archive(tmp_path / "b", "layer_0.zip", "NAME = 2")) / "python/shared.py"
    ).read_text() == "NAME = 2"


def test_no_member_leads_out_of_the_folder(layers: Layers, tmp_path: Path) -> None:
    folder = unpack(layers, archive(tmp_path / "a", "layer_0.zip", "NAME = 1", "../../outside.py"))
    assert [path.name for path in folder.iterdir()] == ["outside.py"]


def test_the_code_of_a_function_is_its_own(layers: Layers, tmp_path: Path) -> None:
    assert not unpack(layers, archive(tmp_path / "a", "code.zip", "NAME = 1")).is_symlink()


def test_what_is_no_archive_is_refused_as_zipfile_does(layers: Layers, tmp_path: Path) -> None:
    (tmp_path / "layer_0.zip").write_bytes(b"no zip")
    with pytest.raises(zipfile.BadZipFile):
        layers.open(str(tmp_path / "layer_0.zip"))


@pytest.mark.cloud
def test_functions_import_from_the_layer_they_share(kit: Kit) -> None:
    functions = kit.client("lambda")
    layer = functions.publish_layer_version(
        LayerName="shared", Content={"ZipFile": zipped("python/shared.py", "NAME = 'one'")}
    )["LayerVersionArn"]
    seen = []
    for _ in range(2):
        name = kit.function(READS)
        functions.update_function_configuration(FunctionName=name, Layers=[layer])
        eventually(lambda name=name: functions.get_function(FunctionName=name)["Configuration"]["Layers"])
        seen.append(json.loads(functions.invoke(FunctionName=name, Payload=b"{}")["Payload"].read()))
    assert seen[0] == seen[1]
    assert seen[0][0] == "one"
