"""The page as HTML: whatever was dropped, named or answered is text in it, never a part of it."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from slipway.record.durations import duration
from slipway.record.report_page import TONES
from slipway.release.verdicts import Outcome
from slipway_cli.times import clock_time, date_time
from slipway_cli.ui.board import Board

HERE = Path(__file__).parent

STATUS_TONES = {None: "calm", "InService": "good", "Failed": "bad", "UpdateRollbackFailed": "bad"}
"""Of SageMaker's words for an endpoint; whatever is not here is on its way."""

PHASE_TONES = {"✔": "good", "✖": "bad", "◌": "busy", "–": "calm"}


def whole(place: str, seconds: float, board: Board | None, endpoint: str, trouble: str) -> str:
    """Write the page.

    Args:
        place: where the endpoints are, for people.
        seconds: after how long the browser looks again.
        board: what is shown; None where it could not be looked at.
        endpoint: the one that is shown, empty for all.
        trouble: why it could not be looked at.
    """
    page = _templates().get_template("page.html")
    return page.render(place=place, seconds=seconds, board=board, endpoint=endpoint, trouble=trouble)


def part(board: Board, endpoint: str) -> str:
    """Write the part of the page that changes."""
    return _templates().get_template("board.html").render(board=board, endpoint=endpoint)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"duration": duration, "date_time": date_time, "clock_time": clock_time}
    made.filters["tone"] = lambda outcome: TONES[Outcome(outcome) if outcome else None]
    made.filters["status_tone"] = lambda status: STATUS_TONES.get(status, "busy")
    made.filters["phase_tone"] = PHASE_TONES.__getitem__
    made.filters["words"] = lambda name: name.replace("_", " ")
    return made
