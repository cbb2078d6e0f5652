"""The regular expressions of the service models are Java's: here they become Python's."""

import re
import sys
import unicodedata
from functools import cache
from itertools import groupby

_PROPERTY = re.compile(r"\\p\{(\w+)\}")
_SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
"""How Java writes everything beyond the basic plane in a class, and how Python does."""
_POSIX = {"ASCII": r"\x00-\x7f", "Print": r"\x20-\x7e"}


@cache
def compiled(java: str) -> re.Pattern[str]:
    """Compile a pattern of a service model; use its fullmatch, as AWS does.

    Args:
        java: the pattern; `\\p{L}` and its kin, `\\p{ASCII}` and `\\p{Print}` and `\\z` are translated.
    """
    # Java repeats an anchor, and its end of all text is \z; Python wants a group, and \Z.
    whole = java.replace(*_SURROGATES)
    return re.compile(_PROPERTY.sub(_translated, whole).replace(r"\z", r"\Z").replace("${", "(?:$){"))


@cache
def categories() -> dict[str, str]:
    """Give the characters of each major Unicode category (L, M, N, P, S, Z, C) as ranges of a character class.

    The first call looks at every character there is, about 0.2 s, so make it off the event loop.
    """
    found: dict[str, list[str]] = {}
    for name, run in groupby(range(sys.maxunicode + 1), lambda point: unicodedata.category(chr(point))[0]):
        points = list(run)
        found.setdefault(name, []).append(f"\\U{points[0]:08x}-\\U{points[-1]:08x}")
    return {name: "".join(ranges) for name, ranges in found.items()}


def _translated(match: re.Match[str]) -> str:
    name = match.group(1)
    inside = match.string.rfind("[", 0, match.start()) > match.string.rfind("]", 0, match.start())
    characters = _POSIX.get(name) or categories()[name]
    return characters if inside else f"[{characters}]"
