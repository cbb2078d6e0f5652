"""A smoke sends so many requests that it meets every instance of the fleet."""

import random

import pytest

from slipway.judging.smoke_requests import MISS_PROBABILITY, enough_to_meet, requests_of
from slipway.release.smoke_spec import SmokeCase


@pytest.mark.parametrize("instances", [1, 2, 5, 20])
def test_hardly_ever_is_an_instance_missed(instances: int) -> None:
    chance, smokes = random.Random(7), 2000  # noqa: S311 - it plays SageMaker's choice
    met = (len({chance.randrange(instances) for _ in range(enough_to_meet(instances))}) for _ in range(smokes))
    missed = sum(count < instances for count in met)
    assert missed / smokes <= 1.5 * MISS_PROBABILITY


def test_cases_share_the_requests_that_are_needed_and_none_sends_fewer_than_its_repeats() -> None:
    case = SmokeCase(name="a", json=1, repeats=2)
    assert requests_of(case, cases=1, instances=10) == enough_to_meet(10)
    assert requests_of(case, cases=3, instances=10) == -(-enough_to_meet(10) // 3)
    assert requests_of(case, cases=50, instances=10) == 2 * 10
