"""How many examples a property is held to: a few in each run and others each time, many by `make test-thorough`."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = {"house": 20, "thorough": 1000}
"""By the name of the profile (`--hypothesis-profile`)."""


def register() -> None:
    """Tell hypothesis the profiles. A busy machine is no failure, and a counterexample says how to see it again."""
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            deadline=None,
            derandomize=False,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile("house")


def part(divisor: int) -> settings:
    """Hold a property to a part of the examples of others, because each of them takes long."""
    return settings(max_examples=settings().max_examples // divisor)


def times(factor: int) -> settings:
    """Hold a property to this many times as many examples as others, because few of them come to what matters."""
    return settings(max_examples=factor * settings().max_examples)


def plain_values() -> st.SearchStrategy[Any]:
    """Give what JSON can say and DynamoDB can keep."""
    numbers = st.integers(-(10**30), 10**30) | st.floats(-1e6, 1e6, width=32)
    return st.recursive(
        st.none() | st.booleans() | st.text() | numbers,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
