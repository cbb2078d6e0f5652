"""From the text of a regular expression to a small program that never needs to go back; see `patterns`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

PATTERN_LIMIT = 500
"""Characters of a pattern."""

_SIZE_LIMIT = 1000
_DEPTH_LIMIT = 20
_COUNT = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")
_REPEATS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": lambda sign: sign.isdecimal(),
    "w": lambda sign: sign.isalnum() or sign == "_",
    "s": lambda sign: sign.isspace(),
}
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}


class PatternError(ValueError):
    """The pattern is wrong, or needs more than this syntax."""


@dataclass(frozen=True)
class Op:
    """One instruction: consume a character, go on at one or two places (relative), or stand at a border."""

    test: Callable[[str], bool] | None = None
    goes: tuple[int, ...] = ()
    border: str = ""


Program = list[Op]


class PatternReader:
    """Reads one pattern by recursive descent."""

    def __init__(self, text: str) -> None:
        if len(text) > PATTERN_LIMIT:
            raise PatternError(f"it has more than {PATTERN_LIMIT} characters")
        self._text = text
        self._at = self._depth = 0

    def read(self) -> Program:
        """Read it to its end."""
        program = self._either()
        if self._at < len(self._text):
            raise self._wrong("a ) without its (")
        if len(program) > _SIZE_LIMIT:
            raise PatternError("it is too large once its counts are written out")
        return program

    def _either(self) -> Program:
        left = self._sequence()
        while self._take("|"):
            right = self._sequence()
            left = [Op(goes=(1, len(left) + 2)), *left, Op(goes=(len(right) + 1,)), *right]
        return left

    def _sequence(self) -> Program:
        program: Program = []
        while self._next() not in ("", "|", ")"):
            program += self._repeated(self._atom())
            if len(program) > _SIZE_LIMIT:
                raise PatternError("it is too large once its counts are written out")
        return program

    def _repeated(self, atom: Program) -> Program:
        least, most = self._counts()
        if most is not None and (least > most or most * len(atom) > _SIZE_LIMIT):
            raise self._wrong("a count that is too large or upside down")
        if least * len(atom) > _SIZE_LIMIT:
            raise self._wrong("a count that is too large")
        head = atom * least
        if most is None:
            return [*head, Op(goes=(1, len(atom) + 2)), *atom, Op(goes=(-len(atom) - 1,))]
        for _ in range(most - least):
            head = [*head, Op(goes=(1, len(atom) + 1)), *atom]
        return head

    def _counts(self) -> tuple[int, int | None]:
        counted = _COUNT.match(self._text, self._at)
        if counted:
            self._at = counted.end()
            least, comma, most = counted.groups()
            bounds = (int(least), int(most) if most else None if comma else int(least))
        elif self._next() in _REPEATS and self._next():
            bounds = _REPEATS[self._pop()]
        else:
            return 1, 1
        self._take("?")  # a lazy repeat finds the same
        if self._next() and self._next() in "*+?":
            raise self._wrong("a repeat of a repeat")
        return bounds

    def _atom(self) -> Program:
        sign = self._pop()
        if sign == "(":
            return self._group()
        if sign in "^$":
            return [Op(border=sign)]
        if sign in "*+?":
            raise self._wrong("a repeat of nothing")
        return [Op(test=self._test(sign))]

    def _group(self) -> Program:
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise self._wrong("groups that nest too deeply")
        if self._take("?") and not self._take(":"):
            raise self._wrong("a lookaround, a flag or a name")
        inner = self._either()
        if not self._take(")"):
            raise self._wrong("a ( without its )")
        self._depth -= 1
        return inner

    def _test(self, sign: str) -> Callable[[str], bool]:
        if sign == ".":
            return lambda other: other != "\n"
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escaped()
        return sign.__eq__

    def _escaped(self) -> Callable[[str], bool]:
        sign = self._pop()
        if sign.lower() in _CLASSES:
            inside = _CLASSES[sign.lower()]
            return inside if sign.islower() else lambda other: not inside(other)
        return self._plain(sign).__eq__

    def _plain(self, sign: str) -> str:
        if sign in _SIGNS:
            return _SIGNS[sign]
        if sign.isascii() and sign.isalnum():
            raise self._wrong(f"\\{sign}")
        return sign

    def _class(self) -> Callable[[str], bool]:
        negative, tests = self._take("^"), list[Callable[[str], bool]]()
        while not tests or self._next() != "]":
            low = self._pop()
            if low == "\\" and self._next().lower() in _CLASSES:
                tests.append(self._escaped())
                continue
            low = self._plain(self._pop()) if low == "\\" else low
            tests.append(self._range(low))
        self._pop()
        return lambda sign: any(test(sign) for test in tests) != negative

    def _range(self, low: str) -> Callable[[str], bool]:
        if self._next() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return low.__eq__
        self._pop()
        high = self._pop()
        high = self._plain(self._pop()) if high == "\\" else high
        if high < low:
            raise self._wrong("a range that is upside down")
        return lambda sign: low <= sign <= high

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _pop(self) -> str:
        sign = self._next()
        if not sign:
            raise self._wrong("an end too early")
        self._at += 1
        return sign

    def _take(self, sign: str) -> bool:
        found = self._next() == sign
        self._at += found
        return found

    def _wrong(self, what: str) -> PatternError:
        return PatternError(f"{what}, at character {self._at}")
