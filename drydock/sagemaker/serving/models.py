"""Model data on this machine: fetched from S3, unpacked once, shared by the instances that serve the same bytes."""

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from drydock.sagemaker.serving.archive import Limits, UnsafeArchiveError, remove_tree, unpack
from drydock.sagemaker.serving.libraries import Libraries, Say, install
from drydock.sagemaker.surroundings import LaunchError

Fetch = Callable[[str, str, Path], Awaitable[None]]
"""Writes an object to a file: bucket, key, file. Raises OSError where it cannot, FileNotFoundError where it is not."""

# FailureReason as AWS words it: aws-solutions-library-samples/fraud-detection-using-machine-learning issue 9,
# aws/deep-learning-containers pull request 569.
NO_DOWNLOAD = (
    'Failed to download model data for container "container_1" from URL: "{url}". Please ensure that there is an object'
    " located at the URL and that the role passed to CreateModel has permissions to download the object."
)
NO_ARCHIVE = (
    'Failed to extract model data archive for container "container_1" from URL "{url}". Please ensure that the object'
    " located at the URL is a valid tar.gz archive."
)


@dataclass
class Model:
    """An unpacked archive."""

    base_dir: Path
    """The folder that stands for /opt/ml; the archive is in `model` below it."""
    digest: str
    users: int = 0
    installing: asyncio.Task[Libraries] | None = None
    """The installation of what it requires, under way or done."""

    async def libraries(self, environment: Mapping[str, str], say: Say) -> Libraries:
        """Install what it requires, once for all its users.

        Args:
            environment: the container's own.
            say: takes lines for the container's log.

        Raises:
            InstallError: that is not possible.
        """
        if self.installing is None:
            self.installing = asyncio.create_task(install(self.base_dir, environment, say))
        return await asyncio.shield(self.installing)

    async def remove(self) -> None:
        """Break off what is being installed, and remove all files."""
        if self.installing:
            self.installing.cancel()
            await asyncio.gather(self.installing, return_exceptions=True)
        await asyncio.to_thread(remove_tree, self.base_dir)


class Models:
    """All unpacked archives.

    Args:
        fetch: reads S3.
        folder: where they go; it exists.
        limits: how much an archive may hold.
    """

    def __init__(self, fetch: Fetch, folder: Path, limits: Limits) -> None:
        self._fetch = fetch
        self._folder = folder
        self._limits = limits
        self._arriving: dict[str, asyncio.Task[Model]] = {}
        self._models: dict[str, Model] = {}
        self._unpacking = asyncio.Lock()
        self._taking = 0
        self._numbers = itertools.count(1)

    async def take(self, url: str) -> Model:
        """Fetch and unpack model data, as every new instance does; give it back with `leave`.

        Who asks while the same URL is being fetched shares it; whoever's bytes are the same shares the folder.

        Args:
            url: s3://bucket/key; empty for an image that carries its model.

        Raises:
            LaunchError: it cannot be fetched or unpacked, with AWS's text and the cause.
        """
        self._taking += 1
        try:
            model = await asyncio.shield(self._arrival(url))
            model.users += 1
        finally:
            self._taking -= 1
        return model

    async def leave(self, model: Model) -> None:
        """Give a model back; what nobody uses any more is removed."""
        model.users -= 1
        if self._taking:  # somebody may just be about to use it; a later call removes it
            return
        unused = [known for known in self._models.values() if not known.users]
        for each in unused:
            del self._models[each.digest]
        for each in unused:
            await each.remove()

    async def close(self) -> None:
        """Break off what is being fetched and installed."""
        tasks = list(self._arriving.values())
        installing = [model.installing for model in self._models.values() if model.installing]
        for task in (*tasks, *installing):
            task.cancel()
        await asyncio.gather(*tasks, *installing, return_exceptions=True)

    def _arrival(self, url: str) -> asyncio.Task[Model]:
        if url not in self._arriving:
            task = self._arriving[url] = asyncio.create_task(self._bring(url))
            task.add_done_callback(lambda _: self._arriving.pop(url))
        return self._arriving[url]

    async def _bring(self, url: str) -> Model:
        number = next(self._numbers)
        if not url:
            model = self._empty(number)
            return self._models.setdefault(model.digest, model)
        archive = self._folder / f"{number}.tar.gz"
        try:
            await self._download(url, archive)
            digest = await asyncio.to_thread(_digest, archive)
            async with self._unpacking:
                if digest not in self._models:
                    self._models[digest] = await asyncio.to_thread(self._unpack, url, archive, digest, number)
                return self._models[digest]
        finally:
            archive.unlink(missing_ok=True)

    async def _download(self, url: str, to: Path) -> None:
        place = urlsplit(url, allow_fragments=False)
        try:
            await self._fetch(place.netloc, place.path.removeprefix("/"), to)
        except OSError as error:
            raise LaunchError(NO_DOWNLOAD.format(url=url)) from error

    def _empty(self, number: int) -> Model:
        base_dir = self._folder / str(number)
        (base_dir / "model").mkdir(parents=True)
        return Model(base_dir, f"empty-{number}")

    def _unpack(self, url: str, archive: Path, digest: str, number: int) -> Model:
        base_dir = self._folder / str(number)
        base_dir.mkdir()
        try:
            unpack(archive, base_dir / "model", self._limits)
        except (UnsafeArchiveError, OSError) as error:
            remove_tree(base_dir)
            raise LaunchError(f"{NO_ARCHIVE.format(url=url)} ({error})") from error
        return Model(base_dir, digest)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
