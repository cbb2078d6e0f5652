"""How many requests a smoke sends: each instance of a fleet shall be met, whichever SageMaker chooses for a request."""

import math

from slipway.release.smoke_spec import SmokeCase

MISS_PROBABILITY = 0.01
"""In one smoke of a hundred an instance may be missed."""


def enough_to_meet(instances: int) -> int:
    """Count the requests after which every instance was met, if each request goes to any of them alike."""
    if instances < 2:
        return 1
    return math.ceil(math.log(MISS_PROBABILITY / instances) / math.log(1 - 1 / instances))


def requests_of(case: SmokeCase, cases: int, instances: int) -> int:
    """Count the requests of one case, warm-up left out.

    Args:
        case: its `repeats` are the least for each instance.
        cases: cases of the release, which meet the instances together.
        instances: of the new fleet.
    """
    return max(case.repeats * instances, math.ceil(enough_to_meet(instances) / cases))
