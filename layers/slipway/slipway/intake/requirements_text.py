"""Whether `requirements.txt` can be installed where the model is served, as far as its text tells."""

import re
from collections.abc import Iterator

from slipway.intake.names import shorten
from slipway.release.verdicts import Finding

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = r"\s*(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9_.*+!-]+\s*"
_REQUIREMENT = re.compile(
    rf"({_NAME})\s*(?:\[[A-Za-z0-9._, -]*\])?\s*(\(?{_VERSION}(?:,{_VERSION})*\)?)?\s*(?:@\s*(\S+)\s*)?(?:;.*)?"
)
_PINNED = re.compile(r"\(?\s*===?\s*([A-Za-z0-9_.+!-]+)\s*\)?")
_LOCAL = re.compile(r"file:|[./~]|[A-Za-z]:\\")
_MOST = 10
_LONGEST = 500
"""Characters of a line that are worth judging."""


def requirement_findings(content: bytes, where: str) -> Iterator[Finding]:
    """Tell every line that pip would stop at; what it would fetch, and whether it is there, is not asked.

    Args:
        content: the file.
        where: its name in the archive.
    """
    pins: dict[str, str] = {}
    found = 0
    for number, line in _lines(content):
        fault = _fault(line) or _contradiction(line, pins)
        if fault and found < _MOST:
            found += 1
            what, step = fault
            yield Finding("CODE_REQUIREMENTS", f"line {number}, {shorten(line, 80)}: {what}.", step, where)


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Give the logical lines with the numbers of their first ones, comments left out."""
    text, begun, start = content.decode("utf-8-sig", errors="replace"), "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        start = start if begun else number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        whole, begun = (begun + line).strip(), ""
        if whole:
            yield start, whole


def _fault(line: str) -> tuple[str, str] | None:
    """Say why pip could not install a line, and what to write instead."""
    option = line.partition(" ")[0]
    if option in ("-e", "--editable") or option.startswith("--editable="):
        return (
            "an editable install needs your own machine",
            "Name the package and its version, or put the code in code/.",
        )
    if option.startswith("-"):
        return None
    line = " ".join(re.sub(r"\s--\S.*$", "", line).split())  # without the hashes and options of one requirement
    if len(line) > _LONGEST:
        return None
    if _LOCAL.match(line):
        return "this path is on your machine, not in the container", "Name the package and its version."
    if "://" in line.partition("@")[0]:
        return None
    found = _REQUIREMENT.fullmatch(line)
    if found is None:
        if re.fullmatch(rf"{_NAME}=[A-Za-z0-9].*", line):
            return "this is conda's way to write it", "Write two equals signs, and no build: name==version."
        return "pip cannot read this", "Write name==version."
    if found[3] and _LOCAL.match(found[3]):
        return "this path is on your machine, not in the container", "Write it by `pip list --format=freeze`."
    return None


def _contradiction(line: str, pins: dict[str, str]) -> tuple[str, str] | None:
    found = _REQUIREMENT.fullmatch(" ".join(line.split())) if len(line) <= _LONGEST else None
    pinned = _PINNED.fullmatch(found[2] or "") if found else None
    if found is None or pinned is None or ";" in line:
        return None
    name, version = re.sub(r"[-_.]+", "-", found[1]).lower(), pinned[1]
    before = pins.setdefault(name, version)
    if before != version:
        return f"it was pinned to {shorten(before, 40)} before", "Keep one of the two."
    return None
