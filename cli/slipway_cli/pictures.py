"""What people see: trees of phases, tables of releases."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from slipway.record.durations import duration
from slipway.record.progress import Line, lines
from slipway.release.release import Release
from slipway_cli.times import clock_time, date_time

REASON_WIDTH = 200
"""Characters of a reason in a table; `slipway logs` and --json tell all of it."""

STYLES = {
    "LIVE": "bold green",
    "UNCHANGED": "green",
    "SUPERSEDED": "yellow",
    "REJECTED": "bold red",
    "ROLLED_BACK": "bold yellow",
    "NEEDS_HUMAN": "bold white on red",
}


MARKS = {"✔": "green", "✖": "red", "◌": "cyan", "–": "dim"}
"""Style of a phase by its mark."""


def outcome_text(outcome: str | None) -> Text:
    """Show an outcome, or that there is none yet."""
    return Text(outcome or "under way", style=STYLES.get(outcome or "", "cyan"))


def phase_tree(release: Release, now: datetime) -> Tree:
    """Draw a release: its name and outcome, beneath it each phase with its mark, duration and reason."""
    head = Text.assemble((release.endpoint, "bold"), "  ", (release.id, "dim"), "  ", outcome_text(release.outcome))
    tree = Tree(head, guide_style="dim")
    for line in lines(release, now):
        branch = tree.add(_phase_text(line))
        for finding in line.findings:
            branch.add(Text(str(finding), style="yellow"))
    return tree


def outcome_line(release: Release) -> Text:
    """Say in one line how a release ended."""
    parts = (outcome_text(release.outcome), "  ", (release.endpoint, "bold"), f"  {release.reason}")
    return Text.assemble(*parts)


def change_line(line: Line, endpoint: str, at: str) -> str:
    """Say in one line, for logs, what became of a phase."""
    took = f" {duration(line.seconds)}" if line.mark in "✔✖" else ""
    reason = f": {line.reason}" if line.reason else ""
    return f"{clock_time(at)} {endpoint} {line.mark} {line.phase.state}{took}{reason}"


def history_table(items: Iterable[dict[str, Any]]) -> Table:
    """Draw the ended releases of an endpoint."""
    table = _table("when", "version", "outcome", "reason", "release")
    for item in items:
        version = item.get("version") or item.get("kind", "")
        release = Text(item["release"], style="dim")
        table.add_row(date_time(item["at"]), version, outcome_text(item["outcome"]), _short(item["reason"]), release)
    return table


def status_picture(status: dict[str, Any], release: Release | None, now: datetime) -> RenderableType:
    """Draw what is known of one endpoint."""
    live, rows = status["live"], Table.grid(padding=(0, 2))
    rows.add_row(Text("endpoint", style="dim"), Text(status["endpoint"], style="bold"))
    rows.add_row(Text("SageMaker says", style="dim"), Text(_sagemaker(status)))
    rows.add_row(Text("live", style="dim"), Text(_live(live) if live else "nothing yet"))
    if len(status["variants"]) > 1:
        rows.add_row(Text("variants", style="dim"), Text(", ".join(map(_variant, status["variants"]))))
    if status["notice"]:
        rows.add_row(Text("notice", style="dim"), Text(status["notice"], style="yellow"))
    waiting: Sequence[str] = status["waiting"]
    if waiting:
        rows.add_row(Text("waiting", style="dim"), Text(", ".join(waiting)))
    latest = status["release"]
    if release is None or latest is None:
        return rows
    title = "under way" if latest["outcome"] is None else "latest"
    rows.add_row(Text(title, style="dim"), outcome_text(latest["outcome"]))
    return Group(rows, phase_tree(release, now))


def overview_table(statuses: Iterable[dict[str, Any]]) -> Table:
    """Draw one line for each endpoint."""
    table = _table("endpoint", "SageMaker says", "live", "since", "latest", "reason")
    for status in statuses:
        live, latest = status["live"] or {}, status["release"] or {}
        since = date_time(live["since"]) if live else ""
        outcome = outcome_text(status["outcome"]) if latest else ""
        reason = status["notice"] or latest.get("reason", "")
        version = live.get("version") or live.get("release", "")
        table.add_row(status["endpoint"], _sagemaker(status), version, since, outcome, _short(reason))
    return table


def _phase_text(line: Line) -> Text:
    text = Text.assemble((f"{line.mark} ", MARKS[line.mark]), f"{line.phase.state:<22}")
    took = "" if line.mark == "–" else duration(line.seconds)
    text.append(f"{took:>12}", style="dim")
    return text.append(f"  {line.reason}") if line.reason else text


def _short(reason: str) -> Text:
    return Text(reason if len(reason) <= REASON_WIDTH else f"{reason[: REASON_WIDTH - 1]}…")


def _sagemaker(status: dict[str, Any]) -> str:
    return status["endpoint_status"] or "no such endpoint"


def _variant(variant: dict[str, Any]) -> str:
    return f"{variant['name']} {variant['share']:.0%} of the traffic on {variant['instances']}"


def _live(live: dict[str, Any]) -> str:
    version = f"version {live['version']}, " if live["version"] else ""
    return f"{version}release {live['release']}, config {live['config']}, since {date_time(live['since'])}"


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("when", "since", "outcome"))
    return table
