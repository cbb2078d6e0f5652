"""Time zones by their names, on any machine."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from slipway.intake.time_zones import zone_of
from slipway.intake.zone_table import SOURCE
from tools import zone_table

AT_HOME = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo", "Asia/Tokyo"]


@pytest.mark.parametrize("name", AT_HOME)
def test_a_zone_goes_as_the_database_of_this_machine_says(name: str) -> None:
    if name not in available_timezones():
        pytest.skip("this machine has no time zone database")
    zone, known = zone_of(name), ZoneInfo(name)
    hours = (datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(0, 366 * 24, 5))
    assert all(
        each.astimezone(zone).replace(tzinfo=None) == each.astimezone(known).replace(tzinfo=None) for each in hours
    )


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "europe/berlin", "/etc/localtime", "../UTC"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert zone_of(name) is None


def test_utc_is_a_zone_and_says_its_name() -> None:
    assert zone_of("UTC") is UTC
    assert str(zone_of("Europe/Berlin")) == "Europe/Berlin"


def test_the_table_is_from_the_release_that_is_pinned() -> None:
    assert SOURCE == zone_table.SOURCE
    text = zone_table.module({"CET-1CEST,M3.5.0,M10.5.0/3": ["Europe/Berlin"] * 20})
    assert "CET-1CEST,M3.5.0,M10.5.0/3 Europe/Berlin" in text
    assert all(len(line) < 120 for line in text.splitlines())
