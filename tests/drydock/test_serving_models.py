"""Model data: fetched for every instance, unpacked once for the same bytes, gone when nobody serves it any more."""

import asyncio
from pathlib import Path

import pytest

from drydock.sagemaker.serving.archive import Limits, UnsafeArchiveError, unpack
from drydock.sagemaker.serving.models import Models
from drydock.sagemaker.serving.packing import pack_objects
from drydock.sagemaker.surroundings import LaunchError
from examples.packing import pack

URL = "s3://bucket/some/model.tar.gz"


class Bucket:
    """An S3 of one folder's worth of objects."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {f"bucket/some/{name}.tar.gz": content for name, content in objects.items()}
        self.fetched: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetch(self, bucket: str, key: str, to: Path) -> None:
        self.fetched.append(f"{bucket}/{key}")
        await self.gate.wait()
        if f"{bucket}/{key}" not in self.objects:
            raise FileNotFoundError(key)
        to.write_bytes(self.objects[f"{bucket}/{key}"])


def test_objects_that_are_not_packed_become_the_same_archive_in_any_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    pack_objects([("a", b"1"), ("code/b", b"2")], one)
    pack_objects([("code/b", b"2"), ("a", b"1")], other)
    assert one.read_bytes() == other.read_bytes()
    unpack(one, tmp_path / "model")
    assert (tmp_path / "model/code/b").read_bytes() == b"2"


@pytest.mark.parametrize("names", [["../out"], ["a", "a/b"], ["a/"], [""], ["x" * 300]], ids=repr)
def test_objects_whose_keys_make_no_files_are_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises((UnsafeArchiveError, OSError)):
        pack_objects([(name, b"1") for name in names], tmp_path / "packed")
        unpack(tmp_path / "packed", tmp_path / "model")


def test_a_folder_with_nothing_in_it_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pack_objects([], tmp_path / "packed")


def test_the_same_bytes_are_unpacked_once_and_removed_after_the_last_user(tmp_path: Path) -> None:
    async def scenario() -> None:
        bucket = Bucket(model=pack({"a": b"1"}))
        models = Models(bucket.fetch, tmp_path, Limits())
        first, second = await models.take(URL), await models.take(URL)
        assert first.base_dir == second.base_dir
        assert (first.base_dir / "model" / "a").read_bytes() == b"1"
        await models.leave(first)
        assert first.base_dir.exists()
        await models.leave(second)
        assert list(tmp_path.iterdir()) == []

    asyncio.run(scenario())


def test_an_overwritten_object_is_seen_by_the_next_instance_as_on_sagemaker(tmp_path: Path) -> None:
    async def scenario() -> None:
        bucket = Bucket(model=pack({"a": b"1"}))
        models = Models(bucket.fetch, tmp_path, Limits())
        old = await models.take(URL)
        bucket.objects["bucket/some/model.tar.gz"] = pack({"a": b"2"})
        new = await models.take(URL)
        assert [(model.base_dir / "model" / "a").read_bytes() for model in (old, new)] == [b"1", b"2"]

    asyncio.run(scenario())


def test_instances_that_start_together_share_one_download(tmp_path: Path) -> None:
    async def scenario() -> None:
        bucket = Bucket(model=pack({"a": b"1"}))
        models = Models(bucket.fetch, tmp_path, Limits())
        taken = await asyncio.gather(*(models.take(URL) for _ in range(3)))
        assert len(bucket.fetched) == 1
        assert taken[0].users == 3

    asyncio.run(scenario())


def test_an_instance_that_gives_up_waiting_does_not_take_the_download_from_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        bucket = Bucket(model=pack({"a": b"1"}))
        bucket.gate.clear()
        models = Models(bucket.fetch, tmp_path, Limits())
        first, second = (asyncio.create_task(models.take(URL)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        bucket.gate.set()
        assert (await second).users == 1

    asyncio.run(scenario())


def test_a_missing_object_is_told_in_the_words_of_aws(tmp_path: Path) -> None:
    models = Models(Bucket().fetch, tmp_path, Limits())
    with pytest.raises(LaunchError) as caught:
        asyncio.run(models.take(URL))
    assert str(caught.value).startswith(
        f'Failed to download model data for container "container_1" from URL: "{URL}". Please ensure'
    )


@pytest.mark.parametrize("content", [b"no archive", pack({"../evil": b"x"})])
def test_a_bad_archive_is_told_with_its_cause_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    models = Models(Bucket(model=content).fetch, tmp_path, Limits())
    with pytest.raises(LaunchError, match=r"Please ensure that .* is a valid tar.gz archive. \(.+\)"):
        asyncio.run(models.take(URL))
    assert list(tmp_path.iterdir()) == []


def test_a_container_without_model_data_gets_an_empty_folder(tmp_path: Path) -> None:
    async def scenario() -> None:
        models = Models(Bucket().fetch, tmp_path, Limits())
        model = await models.take("")
        assert list((model.base_dir / "model").iterdir()) == []
        await models.leave(model)
        assert list(tmp_path.iterdir()) == []

    asyncio.run(scenario())
