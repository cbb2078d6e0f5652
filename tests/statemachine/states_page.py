"""Writes the generated parts of docs/states.md from the machine: its table and its picture.

Run `.venv/bin/python -m tests.statemachine.states_page` after a change of the machine.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.statemachine.asl import State, Way, function_of, states, ways, words

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
SHAPES = {"Task": '["{}"]', "Choice": '{{"{}"}}', "Succeed": '(["{}"])', "Fail": '(["{}"])'}
STYLES = (
    "  classDef succeed fill:#d9f2e3,stroke:#1f7a4d,color:#123",
    "  classDef fail fill:#fbe0dd,stroke:#a8322a,color:#123",
    "  classDef choice fill:#fff5d6,stroke:#9a7b1d,color:#123",
)


def condition(text: str) -> str:
    """Tell a Choice rule's condition in a few words."""
    plain = re.sub(r"^\{%\s*|\s*%\}$", "", text)
    plain = re.sub(r"\$answer (?:= '\w+'|in \[[^\]]*\])", lambda found: " or ".join(words(found[0])), plain)
    plain = re.sub(r"\$(\w+) = true", r"\1", plain)
    return re.sub(r"\$(\w+)(?: = '(\w+)')?", lambda found: found[2] or found[1], plain).replace("_", " ")


def label(way: Way) -> str:
    """Tell when a way is taken."""
    if way.kind == "rule":
        return condition(way.part["Condition"])
    if way.kind == "catch":
        return "timeout" if way.part["ErrorEquals"] == ["States.Timeout"] else "error"
    return "otherwise" if way.kind == "default" else ""


def joined(found: Sequence[Way]) -> list[tuple[str, str]]:
    """Give label and end of ways, those that lead to one end said together."""
    ordered = sorted(found, key=lambda way: way.end)
    ends = [way.end for way in found]
    rows = [(", ".join(filter(None, map(label, group))), end) for end, group in groupby(ordered, lambda way: way.end)]
    return sorted(rows, key=lambda row: ends.index(row[1]))


def routes(name: str, state: State) -> str:
    """Tell where each answer of a Task leads: by the Choice behind it, by its Catch."""
    after = states()[state["Next"]]
    answered = list(ways(state["Next"], after)) if after["Type"] == "Choice" else [Way(name, state["Next"], "next", {})]
    caught = [way for way in ways(name, state) if way.kind == "catch"]
    told = [f"{text or 'always'} → {end}" for text, end in [*joined(answered), *joined(caught)]]
    return "<br>".join(told)


def table() -> str:
    """Give one row for each Task, in the order of the machine."""
    rows = [
        f"| {name} | `{function_of(state)}` | {state['Comment']} | {routes(name, state)} |"
        for name, state in states("Task").items()
    ]
    return "\n".join(["| state | function | what it decides | where each answer leads |", "|---|---|---|---|", *rows])


def identifier(name: str) -> str:
    """Give a state an identifier that Mermaid takes."""
    return re.sub(r"\W", "", name.title())


def picture() -> str:
    """Draw the machine as a Mermaid flowchart: answers in full lines, errors and timeouts in dotted ones."""
    lines = ["```mermaid", "flowchart TD"]
    for name, state in states().items():
        style = "" if state["Type"] == "Task" else f":::{state['Type'].lower()}"
        lines.append(f"  {identifier(name)}{SHAPES[state['Type']].format(name)}{style}")
    lines += [arrow for name, state in states().items() for arrow in arrows(name, state)]
    return "\n".join([*lines, *STYLES, "```"])


def arrows(name: str, state: State) -> Iterator[str]:
    """Draw the ways out of a state, those that lead to one end in one line."""
    for line, caught in (("-->", False), ("-.->", True)):
        for text, end in joined([way for way in ways(name, state) if (way.kind == "catch") is caught]):
            shown = text.replace("<", "&lt;").replace(">", "&gt;")
            told = f'|"{shown}"|' if shown else ""
            yield f"  {identifier(name)} {line}{told} {identifier(end)}"


def renewed(page: str) -> str:
    """Give the page with its generated parts written anew."""
    for part, text in (("table", table()), ("picture", picture())):
        begin, end = f"<!-- begin {part}, generated -->", f"<!-- end {part} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
