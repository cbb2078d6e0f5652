"""Durations of a state machine, divided by the time scale."""

FLOOR_SECONDS = 1.0
"""No timeout is shorter than this after scaling: what it limits includes work that runs at real speed."""


def scaled_timeout(seconds: float, scale: float) -> float:
    """Divide a timeout by the scale, but not below the floor, nor above the timeout itself."""
    return max(seconds / scale, min(seconds, FLOOR_SECONDS))
