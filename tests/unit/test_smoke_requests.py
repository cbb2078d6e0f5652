"""A smoke sends so many requests that it meets every instance of the fleet."""

import math

import pytest

from slipway.judging.smoke_requests import MISS_PROBABILITY, enough_to_meet, requests_of
from slipway.release.smoke_spec import SmokeCase


@pytest.mark.parametrize("instances", [1, 2, 5, 20, 200])
def test_hardly_ever_is_an_instance_missed(instances: int) -> None:
    requests = enough_to_meet(instances)
    spared = (math.comb(instances, some) * (1 - some / instances) ** requests for some in range(1, instances + 1))
    missed = sum(chance if some % 2 else -chance for some, chance in enumerate(spared, 1))  # at least one of them
    assert missed <= MISS_PROBABILITY


def test_cases_share_the_requests_that_are_needed_and_none_sends_fewer_than_its_repeats() -> None:
    case = SmokeCase(name="a", json=1, repeats=2)
    assert requests_of(case, cases=1, instances=10) == enough_to_meet(10)
    assert requests_of(case, cases=3, instances=10) == -(-enough_to_meet(10) // 3)
    assert requests_of(case, cases=50, instances=10) == 2 * 10
