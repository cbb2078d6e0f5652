"""In a freeze nothing is released, and the refusal says when it ends."""

from datetime import UTC, datetime

import pytest

from slipway.intake.freezes import Freeze, freeze_findings, frozen_now

WEEKEND = Freeze(name="weekend", days=("fri",), start="16:00", end="24:00", time_zone="Europe/Berlin")
SATURDAY = Freeze(name="saturday", days=("sat", "sun"), time_zone="Europe/Berlin")
NIGHT = Freeze(name="night", days=("mon", "tue"), start="22:00", end="06:00")
SALE = Freeze(name="sale", start="2026-11-27", end="2026-12-01T09:00", time_zone="America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def until(moment: str, *freezes: Freeze) -> str:
    frozen = frozen_now(freezes, at(moment))
    if frozen is None:
        return ""
    return f"{frozen.until.astimezone(UTC):%Y-%m-%dT%H:%M}" if frozen.until else "never"


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-01-09T14:59", ""),  # a Friday, Berlin is an hour ahead of UTC in winter
        ("2026-01-09T15:00", "2026-01-09T23:00"),
        ("2026-01-09T22:59", "2026-01-09T23:00"),
        ("2026-01-09T23:00", ""),
        ("2026-07-10T13:59", ""),  # and two in summer
        ("2026-07-10T14:00", "2026-07-10T22:00"),
    ],
)
def test_a_window_of_the_week_holds_by_the_clock_of_its_zone(moment: str, ends: str) -> None:
    assert until(moment, WEEKEND) == ends


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        ("2026-01-05T21:59", ""),
        ("2026-01-05T22:00", "2026-01-06T06:00"),
        ("2026-01-06T05:59", "2026-01-06T06:00"),
        ("2026-01-07T05:00", "2026-01-07T06:00"),
        ("2026-01-08T05:00", ""),
    ],
)
def test_a_window_that_ends_before_it_begins_ends_on_the_next_day(moment: str, ends: str) -> None:
    assert until(moment, NIGHT) == ends


def test_a_range_holds_from_its_start_up_to_its_end() -> None:
    assert until("2026-11-27T04:59", SALE) == ""
    assert until("2026-11-27T05:00", SALE) == until("2026-12-01T13:59", SALE) == "2026-12-01T14:00"
    assert until("2026-12-01T14:00", SALE) == ""


def test_windows_that_follow_each_other_end_with_the_last() -> None:
    assert until("2026-01-09T15:30", WEEKEND, SATURDAY) == "2026-01-11T23:00"


def test_a_window_over_the_change_of_the_clocks_is_as_long_as_the_clocks_say() -> None:
    """On 29 March 2026 Berlin's clocks go from 2:00 to 3:00: the day has 23 hours."""
    sunday = Freeze(name="sunday", days=("sun",), time_zone="Europe/Berlin")
    assert until("2026-03-28T23:00", sunday) == "2026-03-29T22:00"
    assert until("2026-03-29T22:00", sunday) == ""


def test_a_freeze_of_every_day_never_ends_and_says_so() -> None:
    always = Freeze(name="always", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    assert until("2026-01-05T12:00", always) == "never"
    (finding,) = freeze_findings([always], at("2026-01-05T12:00"), "the policy")
    assert "does not end" in finding.message


def test_the_refusal_names_the_window_its_end_and_the_ways_that_stay_open() -> None:
    (finding,) = freeze_findings([SALE], at("2026-11-28T00:00"), "the policy /p")
    assert finding.code == "POLICY_FROZEN"
    assert "'sale', which ends 2026-12-01 09:00 America/New_York (2026-12-01T14:00Z)" in finding.message
    assert "rollback, abort and recover still work" in finding.message
    assert "`freezes` of the policy /p" in finding.next_step
    assert not freeze_findings([SALE], at("2026-12-05T00:00"), "the policy /p")
