"""Names that SageMaker and Step Functions take, whatever the endpoint is called."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from slipway.release import naming

AT = datetime(2026, 1, 5, 12, 0, 1, tzinfo=UTC)
endpoints = st.from_regex(naming.NAME, fullmatch=True).filter(lambda name: len(name) <= naming.NAME_LIMIT)


@given(endpoint=endpoints, seed=st.text())
def test_every_derived_name_is_one_that_sagemaker_takes(endpoint: str, seed: str) -> None:
    release = naming.release_id(endpoint, AT, seed)
    assert naming.is_valid_name(naming.model_name(endpoint, seed))
    assert naming.is_valid_name(naming.config_name(endpoint, release))


@given(endpoint=st.text(min_size=1), seed=st.text())
def test_even_a_hostile_endpoint_name_gives_a_harmless_release_id(endpoint: str, seed: str) -> None:
    release = naming.release_id(endpoint, AT, seed)
    assert set(release) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(release) <= 40
    assert len(naming.recover_execution_name(release, seed)) <= 80


def test_release_ids_sort_by_time() -> None:
    later = naming.release_id("aaa", datetime(2026, 1, 5, 12, 0, 2, tzinfo=UTC), "x")
    assert naming.release_id("zzz", AT, "x") < later


def test_long_names_that_begin_alike_stay_apart() -> None:
    one, other = "a" * 62 + "b", "a" * 62 + "c"
    assert naming.model_name(one, "x") != naming.model_name(other, "x")


def test_two_attempts_at_the_same_endpoint_have_configs_of_their_own() -> None:
    one, other = naming.release_id("churn", AT, "one"), naming.release_id("churn", AT, "other")
    assert naming.config_name("churn", one) != naming.config_name("churn", other)


def test_times_of_every_source_are_compared_in_one_form() -> None:
    times = ("2026-01-05T12:00:00Z", "2026-01-05T13:00:00.5+01:00", "2026-01-05T12:00:00+00:00", "")
    assert naming.newest(*times) == "2026-01-05T12:00:00.500000+00:00"
    assert naming.newest(times[0]) == naming.newest(times[2])
