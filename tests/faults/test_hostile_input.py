"""Events that come twice, at once or never, names that are none, and requests that lead nowhere."""

from threading import Thread

import pytest

from slipway.release.verdicts import Outcome
from tests.faults.attacker import Attacker

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(120, func_only=True)]

NO_NAMES = ["..", "%2e%2e", "ümläut", "-x", "A_B", "x" * 64, "$(id)", "{{7*7}}", "\u202eabc", "Upper"]


def test_an_event_that_comes_five_times_is_one_release(attacker: Attacker, endpoint: str) -> None:
    drop = attacker.drop("good", endpoint, "1")
    for version in ("", drop.version, "", drop.version):
        attacker.announce(drop.key, version)
    assert attacker.release_of(drop).outcome is Outcome.LIVE
    assert len(attacker.ended(endpoint)) == 1
    attacker.assert_all_is_well(endpoint)


def test_five_drops_at_once_end_each_and_the_newest_serves(attacker: Attacker, endpoint: str) -> None:
    attacker.release_1(endpoint)
    examples = ["better", "good", "better", "good", "better"]
    drops = [Thread(target=attacker.drop, args=(name, endpoint, str(at))) for at, name in enumerate(examples, 2)]
    for drop in drops:
        drop.start()
    for drop in drops:
        drop.join()
    releases = attacker.ended(endpoint, 6)
    good = (Outcome.LIVE, Outcome.UNCHANGED, Outcome.SUPERSEDED)
    assert [(each.id, each.outcome, each.reason) for each in releases if each.outcome not in good] == []
    newest = max(releases, key=lambda release: release.order)
    assert newest.outcome in (Outcome.LIVE, Outcome.UNCHANGED)
    attacker.assert_all_is_well(endpoint)


def test_an_artifact_that_vanished_before_it_was_read_is_rejected(attacker: Attacker, endpoint: str) -> None:
    attacker.announce(f"models/{endpoint}/1/model.tar.gz")
    release = attacker.ended(endpoint)[0]
    assert release.outcome is Outcome.REJECTED
    assert "not there" in release.reason


def test_a_rollback_that_races_a_bad_drop_wins(attacker: Attacker, endpoint: str) -> None:
    first = attacker.release_1(endpoint)
    attacker.release_of(attacker.drop("better", endpoint, "2"))
    attacker.drop("wrong-answers", endpoint, "3")
    attacker.request(kind="rollback", endpoint=endpoint, to=first.release)
    attacker.ended(endpoint, 4)
    assert attacker.live(endpoint).release == first.release
    attacker.assert_all_is_well(endpoint)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"to": "no release id"}, "detail.to"),
        ({"to": "20260101t000000-nobody-abcdef"}, "was ever live"),
        ({}, "no earlier release"),
    ],
    ids=["no id", "an unknown release", "nothing before it"],
)
def test_a_rollback_to_nowhere_is_rejected_and_says_why(
    attacker: Attacker, endpoint: str, detail: dict[str, str], words: str
) -> None:
    attacker.release_1(endpoint)
    attacker.request(kind="rollback", endpoint=endpoint, **detail)
    release = attacker.ended(endpoint, 2)[0]
    assert release.outcome is Outcome.REJECTED
    assert words in release.reason
    attacker.assert_all_is_well(endpoint)


def test_names_that_sagemaker_would_not_take_are_rejected_and_nothing_is_made(attacker: Attacker) -> None:
    body = (attacker.examples["good"] / "model.tar.gz").read_bytes()
    drops = [attacker.upload(f"models/{name}/1/model.tar.gz", body) for name in NO_NAMES]
    releases = [attacker.release_of(drop) for drop in drops]
    assert {release.outcome for release in releases} == {Outcome.REJECTED}
    made = {found["EndpointName"] for found in attacker.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]}
    assert made.isdisjoint(NO_NAMES)
    kept = attacker.client("s3").list_objects_v2(Bucket=attacker.bucket)["Contents"]
    assert {one["Key"].split("/")[0] for one in kept} <= {"models", "frozen", "reports"}
