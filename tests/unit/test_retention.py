"""What is kept to go back to."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slipway.record.retention import window
from slipway.release.release import Live
from slipway.release.verdicts import Outcome


def line(release: str, outcome: Outcome = Outcome.LIVE, **more: Any) -> dict[str, Any]:
    return {"release": release, "outcome": outcome.value, **more}


def live(release: str, previous: str = "") -> Live:
    return Live("churn", release, "c", "m", "d", "s", {"release": previous} if previous else None)


def expired(lines: list[dict[str, Any]], serving: Live | None, keep: int) -> list[str]:
    return [each["release"] for each in window(lines, serving, keep).expired]


def test_the_latest_live_releases_are_kept() -> None:
    assert expired([line("4"), line("3"), line("2"), line("1")], live("4", "3"), 3) == ["1"]


def test_what_failed_goes_however_new_it_is() -> None:
    lines = [line("3", Outcome.ROLLED_BACK), line("2"), line("1", Outcome.REJECTED)]
    assert expired(lines, live("2"), 5) == ["3", "1"]


def test_what_serves_stays_however_old_it_is() -> None:
    lines = [line("5"), line("4"), line("3"), line("2"), line("1")]
    assert expired(lines, live("2", "1"), 1) == ["4", "3"]


def test_what_a_human_has_to_look_at_stays() -> None:
    assert expired([line("2", Outcome.NEEDS_HUMAN), line("1")], live("1"), 2) == []


def test_what_was_retired_is_not_retired_again() -> None:
    assert expired([line("2"), line("1", retired="yesterday")], live("2"), 1) == []


@given(st.lists(st.sampled_from(Outcome), max_size=30), st.integers(1, 5), st.data())
def test_nothing_that_serves_or_served_last_ever_expires(
    outcomes: list[Outcome], keep: int, data: st.DataObject
) -> None:
    lines = [line(str(number), outcome) for number, outcome in enumerate(outcomes)]
    names = [str(number) for number in range(len(outcomes))] or ["none"]
    serving = live(data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names)))
    gone = set(expired(lines, serving, keep))
    assert not gone & {serving.release, (serving.previous or {})["release"]}
    kept_live = [each for each in lines if each["outcome"] == "LIVE" and each["release"] not in gone]
    assert len(kept_live) >= min(keep, sum(each["outcome"] == "LIVE" for each in lines))
