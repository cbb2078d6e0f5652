"""Whether an archive is laid out as SageMaker unpacks it: the model at the root, its code in `code/`."""

import ast
import re
import shlex
import sys
import warnings
from collections.abc import Iterator

from slipway.intake.contents import CODE_FILE
from slipway.intake.names import readable
from slipway.release.verdicts import Finding

_TOPS = 20
_JUNK = re.compile(r"(?:\A|/)(?:(?:__MACOSX|\.DS_Store|\.ipynb_checkpoints)(?:\Z|/)|\._)")
_JUNK_SIGNS = ("._", "__MACOSX", ".DS_Store", ".ipynb_checkpoints")
_PARENT_STEP = "Pack its contents instead of the folder: tar -C {folder} -czf model.tar.gz ."


class Layout:
    """What is known of a layout after each member, in constant memory."""

    def __init__(self) -> None:
        self.tops: set[str] = set()
        """Names at the root, the first twenty."""
        self._files = self._root_files = self._code_files = 0
        self._folder_files = 0
        """Files that stand directly in a folder of the root."""
        self._deep_folders: set[str] = set()
        """Names of folders within a folder of the root, the first twenty."""
        self._is_repository = False

    def add(self, name: str, is_folder: bool) -> None:
        """Take a member into account; what macOS and notebooks leave behind does not count.

        Args:
            name: its clean name, empty for a member whose name is refused.
            is_folder: whether it is a folder.
        """
        parts = name.split("/")
        if any(sign in name for sign in _JUNK_SIGNS) and _JUNK.search(name):
            return
        self._files += not is_folder
        if not name:
            return
        if len(self.tops) < _TOPS:
            self.tops.add(parts[0])
        if len(parts) > 2 or (is_folder and len(parts) == 2):
            self._note_deep_folder(parts[1])
        if is_folder:
            return
        self._root_files += len(parts) == 1
        self._code_files += parts[0] == "code" and len(parts) > 1
        self._folder_files += len(parts) == 2
        self._is_repository |= len(parts) == 2 and parts[1] == "config.pbtxt"

    def findings(self) -> Iterator[Finding]:
        """Tell what is wrong with the whole."""
        if not self._files:
            step = "Pack the model's files: tar -C <folder with the model> -czf model.tar.gz ."
            yield Finding("LAYOUT_NOTHING", "The archive holds no file.", step)
        elif self._files == self._code_files:
            step = "Put the model's files beside code/."
            yield Finding("LAYOUT_ONLY_CODE", "The archive holds code, but no model.", step, "code/")
        elif self._is_in_a_folder():
            folder = readable(next(iter(self.tops)), 80)
            what = f"Everything stands in the folder {folder}/, so SageMaker would not find the model at the root."
            step = _PARENT_STEP.format(folder=shlex.quote(folder))
            yield Finding("LAYOUT_IN_A_FOLDER", what, step, f"{folder}/")

    def _note_deep_folder(self, name: str) -> None:
        if len(self._deep_folders) < _TOPS:
            self._deep_folders.add(name)

    def _is_in_a_folder(self) -> bool:
        """Whether somebody packed the folder instead of its contents.

        A folder that is a number is a TensorFlow version, and one that holds numbered folders or a config.pbtxt is
        a model repository: both belong at the root.
        """
        if self._root_files or len(self.tops) != 1 or next(iter(self.tops)).isdecimal():
            return False
        if self._is_repository or any(name.isdecimal() for name in self._deep_folders):
            return False
        return self._folder_files > 0 or "code" in self._deep_folders


def code_findings(source: bytes) -> Iterator[Finding]:
    """Parse `code/inference.py` without running any of it; other encodings than UTF-8 are left to the container."""
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        what = (
            f"line {error.lineno or '?'}: {error.msg} (read with Python {sys.version_info[0]}.{sys.version_info[1]})."
        )
        yield Finding("CODE_SYNTAX", what, "Correct it; the container would fail to start.", CODE_FILE)
    except (ValueError, RecursionError, MemoryError):
        what = "The file cannot be parsed: it holds zero bytes or nests too deeply."
        yield Finding("CODE_UNPARSABLE", what, "Correct it; the container would fail to start.", CODE_FILE)
