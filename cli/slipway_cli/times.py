"""Times of the ledger, shown where this command runs."""

from slipway.record.durations import read


def clock_time(stamp: str) -> str:
    """Show the time of day, where this command runs, to the second."""
    return read(stamp).astimezone().strftime("%H:%M:%S")


def date_time(stamp: str) -> str:
    """Show date and time of day, where this command runs, to the second."""
    return read(stamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")
