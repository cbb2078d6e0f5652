"""Probes: how many meet the new fleet, and what counts as a failure of transport."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.rollout.probes import AT_MOST, enough, failed


@given(st.floats(0.01, 0.999), st.integers(1, 4))
def test_a_burst_meets_the_new_fleet_with_more_than_ninety_nine_percent(share: float, min_requests: int) -> None:
    count = enough(share, min_requests)
    assert count <= AT_MOST
    assert (1 - share) ** count <= 0.01 + 1e-9 or count == AT_MOST


@pytest.mark.parametrize(
    ("share", "min_requests", "count"), [(1.0, 5, 5), (0.5, 1, 7), (0.1, 1, 44), (0.1, 20, 200), (0.001, 1, AT_MOST)]
)
def test_a_burst_is_large_enough_for_the_alarms_and_bounded(share: float, min_requests: int, count: int) -> None:
    assert enough(share, min_requests) == count


@pytest.mark.parametrize(
    ("status", "error", "is_failure"),
    [
        (200, "", False),
        (500, "ModelError", True),
        (0, "ModelError", True),
        (415, "ModelError", False),
        (0, "ServiceUnavailable", True),
        (0, "ReadTimeoutError", True),
        (0, "503", True),
        (0, "ThrottlingException", False),
        (0, "ModelNotReadyException", False),
        (0, "ValidationError", False),
    ],
)
def test_only_a_5xx_or_no_answer_in_time_is_a_failure(status: int, error: str, is_failure: bool) -> None:
    assert failed(status, error, 200) is is_failure


def test_a_case_that_expects_a_5xx_is_answered_well_by_it() -> None:
    assert not failed(503, "ModelError", 503)
