"""Which names of members are safe, and mean the same to every program that unpacks them."""

import re
import unicodedata
from hashlib import blake2b

COMPONENT_LIMIT = 255
"""Bytes of one file's or folder's name on Linux."""

PATH_LIMIT = 1024
DEPTH_LIMIT = 32


_PLAIN = re.compile(rb"(?:[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,99}/){0,8}[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,99}")
"""Names with nothing to clean, as nearly all are."""


def clean(raw: bytes) -> tuple[str, str]:
    """Clean the name of a member of what means nothing (`./`, a slash at the end).

    Returns:
        The name, empty for the root itself, and what is wrong with it, empty if nothing.
    """
    if _PLAIN.fullmatch(raw):
        return raw.decode(), ""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "", "its name is not UTF-8"
    if text.startswith("/"):
        return text, "its name is absolute"
    if "\\" in text or (text[1:2] == ":" and text[:1].isalpha()):
        return text, "its name is a Windows path"
    if not text.isprintable():
        return text, "its name has control characters"
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        return text, "its name leads out of the model's folder"
    if len(raw) > PATH_LIMIT or len(parts) > DEPTH_LIMIT or any(len(part.encode()) > COMPONENT_LIMIT for part in parts):
        return text, "its name is too long or too deep"
    return "/".join(parts), ""


class Names:
    """The names seen so far, kept as hashes so that memory does not depend on how long they are."""

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[bool, bytes]] = {}
        self._last = ""
        """Folder of the member before."""

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, name: str, is_folder: bool) -> str:
        """Add a member with the folders that it stands in.

        Returns:
            What is wrong with the name besides those before it, empty if nothing.
        """
        parent = name.rpartition("/")[0]
        faults = self._above(parent) if parent and parent != self._last else []
        self._last = parent
        return next((fault for fault in [*faults, self._claim(name, is_folder)] if fault), "")

    def _above(self, parent: str) -> list[str]:
        """Claim the folders down to this one; those of the member before are known to be folders already."""
        parts = parent.split("/")
        return [self._claim("/".join(parts[:depth]), is_folder=True) for depth in range(1, len(parts) + 1)]

    def _claim(self, name: str, is_folder: bool) -> str:
        own, same = _digest(name), name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
        folded, mark = own if same == name else _digest(same), (is_folder, own)
        before = self._seen.setdefault(folded, mark)
        if before[1] != mark[1]:
            return "its name differs from another one only in case or accents"
        if before[0] != is_folder:
            return "it is a file and a folder at once"
        return "" if is_folder or before is mark else "it stands twice in the archive"


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
