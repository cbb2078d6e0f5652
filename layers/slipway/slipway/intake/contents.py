"""What a pass over an archive keeps of it: a few small files by name, and the marks of the tools that wrote it."""

import re
from dataclasses import dataclass, field, replace

CODE_FILE = "code/inference.py"
CODE_LIMIT = 64 * 1024
"""Bytes of source that are parsed: the syntax tree of dense code takes six hundred times as much memory."""

REQUIREMENTS = "code/requirements.txt"
MLMODEL, MLFLOW_REQUEST, MLFLOW_EXAMPLE = "MLmodel", "serving_input_example.json", "input_example.json"

HEAD = 4
"""Bytes at the beginning of a file that are looked at."""

_SMALL = {CODE_FILE: CODE_LIMIT, REQUIREMENTS: 64 * 1024}
_SMALL |= {MLMODEL: 64 * 1024, MLFLOW_REQUEST: 128 * 1024, MLFLOW_EXAMPLE: 128 * 1024}
_SMOKE = re.compile(r"smoke/[^/]{1,100}\.json")
_SMOKE_LIMIT = 64 * 1024
_KEPT_LIMIT = 1 << 20
_NAMES = 20

_MARKS = {
    "MLflow": r"MLmodel",
    "Hugging Face": r"[^/]+\.safetensors|pytorch_model[^/]*\.bin|tf_model\.h5",
    "scikit-learn": r"[^/]+\.joblib",
    "XGBoost": r"xgboost-model[^/]*|[^/]+\.(?:ubj|xgb|bst)",
    "PyTorch": r"[^/]+\.(?:pt|pth)",
    "TensorFlow": r"(?:[^/]+/)*saved_model\.pb",
    "ONNX": r"(?:[^/]+/)*[^/]+\.onnx",
    "Triton": r"[^/]+/config\.pbtxt",
}
_MARK = re.compile("|".join(f"(?P<{name.replace(' ', '_').replace('-', '_')}>{mark})" for name, mark in _MARKS.items()))
_TITLES = {name.replace(" ", "_").replace("-", "_"): name for name in _MARKS}
_ENDINGS = (
    *(".safetensors", ".h5", ".joblib", ".ubj", ".xgb", ".bst", ".pt", ".pth", ".pb", ".onnx", ".pbtxt"),
    *(".pkl", ".pickle", ".dill", ".ckpt"),
)
"""How names end that the patterns here and below can match, besides a few whole ones; most names need no pattern."""

_PICKLE_NAME = re.compile(r".*\.(?:pkl|pickle|joblib|dill|pt|pth|ckpt)|(?:.*/)?pytorch_model[^/]*\.bin")
_PICKLE_OPCODES = b"\x95}](cX\x8cKG"
"""What follows the protocol in a pickle: a frame, or the first thing on the stack (Lib/pickletools.py)."""


@dataclass
class Contents:
    """What is known of the files after each member, in constant memory."""

    kept: dict[str, bytes] = field(default_factory=dict)
    """Small files by name: the code, requirements, MLflow's description and examples, smoke cases."""
    too_large: list[str] = field(default_factory=list)
    """Smoke cases that are too large to be kept."""
    pickles: list[str] = field(default_factory=list)
    """Files that run code when they are loaded, by name or by their first bytes; the first twenty."""
    code: list[str] = field(default_factory=list)
    """Python files in `code/`, the first twenty."""
    has_root_code: bool = False
    """Whether an inference.py stands at the root, where no container looks for it."""
    _marks: set[str] = field(default_factory=set)
    _has_config: bool = False

    def room_for(self, name: str, size: int) -> bool:
        """Whether a file is to be kept: one of the few names, and small enough."""
        is_smoke = name.startswith("smoke/") and _SMOKE.fullmatch(name) is not None
        limit = _SMOKE_LIMIT if is_smoke else _SMALL.get(name, 0)
        if not limit:
            return False
        fits = size <= limit and sum(map(len, self.kept.values())) + size <= _KEPT_LIMIT
        if is_smoke and not fits and len(self.too_large) < _NAMES:
            self.too_large.append(name)
        return fits

    def add(self, name: str, head: bytes) -> None:
        """Take a file into account.

        Args:
            name: its clean name.
            head: its first `HEAD` bytes.
        """
        is_telling = name.endswith(_ENDINGS) or _is_named_so(name)
        if is_telling and (found := _MARK.fullmatch(name)):
            self._marks.add(_TITLES[str(found.lastgroup)])
        self._has_config |= name == "config.json"
        self.has_root_code |= name == "inference.py"
        if name.startswith("code/") and name.endswith(".py") and len(self.code) < _NAMES:
            self.code.append(name)
        if ((is_telling and _PICKLE_NAME.fullmatch(name)) or _is_pickle(head)) and len(self.pickles) < _NAMES:
            self.pickles.append(name)

    def without_bytes(self) -> "Contents":
        """Give what is known without what the kept files hold, which is up to a megabyte; their names stay."""
        return replace(self, kept=dict.fromkeys(self.kept, b""))

    def frameworks(self) -> tuple[str, ...]:
        """Name the tools whose layout this is, in a fixed order; without config.json it is none of Hugging Face's."""
        found = [name for name in _MARKS if name in self._marks]
        return tuple(name for name in found if name != "Hugging Face" or self._has_config)


def _is_named_so(name: str) -> bool:
    return "pytorch_model" in name or name.startswith(("MLmodel", "xgboost-model"))


def _is_pickle(head: bytes) -> bool:
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5 and head[2] in _PICKLE_OPCODES
