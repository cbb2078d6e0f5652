"""Regular expressions in time proportional to the text, whatever the pattern: a spec's author may not stop a judge.

The common core of Python's syntax: literals, `.`, classes, `\\d \\w \\s` and their opposites, `* + ? {m,n}`, groups,
`|`, `^` and `$` (the text's first and last place). Matched by walking all alternatives at once (Thompson, 1968), so
nothing backtracks; what needs backtracking (references, lookarounds) is refused.
"""

from slipway.release.pattern_reader import PATTERN_LIMIT, PatternError, PatternReader

__all__ = ["PATTERN_LIMIT", "Pattern", "PatternError"]


class Pattern:
    """One compiled pattern.

    Raises:
        PatternError: it is no pattern of this syntax, or a too large one.
    """

    def __init__(self, text: str) -> None:
        self._ops = PatternReader(text).read()

    @property
    def size(self) -> int:
        """Places that a walk over a text looks at for each of its characters, at most."""
        return len(self._ops) + 1

    def is_in(self, text: str) -> bool:
        """Whether some part of a text matches."""
        states: set[int] = set()
        for at in range(len(text) + 1):
            states = self._closed(states | {0}, at == 0, at == len(text))
            if len(self._ops) in states:
                return True
            if at < len(text):
                states = {place + 1 for place in states if self._takes(place, text[at])}
        return False

    def _takes(self, place: int, sign: str) -> bool:
        test = self._ops[place].test
        return test is not None and test(sign)

    def _closed(self, states: set[int], is_first: bool, is_last: bool) -> set[int]:
        """Add every place that is reached without a character."""
        todo, seen = list(states), set(states)
        while todo:
            place = todo.pop()
            if place == len(self._ops):
                continue
            op = self._ops[place]
            passes = (op.border == "^" and is_first) or (op.border == "$" and is_last)
            for step in (1,) if passes else op.goes:
                if place + step not in seen:
                    seen.add(place + step)
                    todo.append(place + step)
        return seen
