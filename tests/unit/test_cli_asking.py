"""`slipway status`, `history` and `schema` at a desk of fakes."""

from functools import partial

import pytest

from slipway.release.phases import Phase
from slipway.release.release import Turn
from slipway.release.verdicts import Answer, Finding, Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_status_says_live(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    told = data(run(desk, "status", ENDPOINT, "--json"))
    assert (told["outcome"], told["endpoint_status"], told["waiting"]) == ("LIVE", "InService", [])
    assert (told["live"]["release"], told["live"]["version"], told["live"]["config"]) == ("r1", "7", "config-r1")
    assert told["release"]["release"] == "r1"


def test_status_tells_the_part_of_each_of_several_variants(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    assert "of the traffic" not in run(desk, "status", ENDPOINT).stdout
    (alone,) = desk.hosting.endpoints[ENDPOINT]["ProductionVariants"]
    both = [{**alone, "VariantName": name, "CurrentWeight": weight} for name, weight in (("champion", 9), ("rival", 1))]
    desk.hosting.endpoints[ENDPOINT]["ProductionVariants"] = both
    told = data(run(desk, "status", ENDPOINT, "--json"))["variants"]
    assert told == [
        {"name": "champion", "share": 0.9, "instances": 1},
        {"name": "rival", "share": 0.1, "instances": 1},
    ]
    assert "champion 90% of the traffic on 1, rival 10% of the traffic on 1" in run(desk, "status", ENDPOINT).stdout


def test_a_failed_release_does_not_hide_what_is_live(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.begin("r2")
    desk.end("r2", Outcome.ROLLED_BACK)
    told = data(run(desk, "status", ENDPOINT, "--json"))
    assert (told["outcome"], told["live"]["release"]) == ("ROLLED_BACK", "r1")


def test_while_a_release_is_under_way_there_is_no_outcome(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    coming = desk.begin("r2")
    desk.begin("r3")
    desk.ledger.change_turn(None, Turn(ENDPOINT, 1, coming.id, "execution-1"))
    told = data(run(desk, "status", ENDPOINT, "--json"))
    assert (told["outcome"], told["release"]["release"], told["waiting"]) == (None, "r2", ["r3"])


def test_status_shows_each_phase_with_its_findings(desk: FakeDesk) -> None:
    desk.begin("r1")
    finding = Finding("ZIP", "It is a zip archive.", "Pack it again.")
    another = Finding("EMPTY", "It is empty.", "Put a model in.")
    reason = f"{finding} (and 1 more)"
    desk.conclude("r1", Phase.VERIFY_ARTIFACT, Answer.REFUSED, reason, finding, another)
    desk.ledger.intend(desk.ledger.release("r1"), Phase.CLOSE_RELEASE)
    shown = run(desk, "status", ENDPOINT).stdout
    assert "✖ Verify the Artifact" in shown
    assert "◌ Close the Release" in shown
    assert shown.count("It is a zip archive.") == 1
    assert "It is empty." in shown


def test_watching_follows_to_the_outcome_and_exits_by_it(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.then(partial(desk.end, "r1", Outcome.ROLLED_BACK))
    result = run(desk, "status", ENDPOINT, "--watch", "--json")
    assert (result.exit_code, data(result)["outcome"]) == (3, "ROLLED_BACK")


def test_watching_what_is_over_exits_by_the_latest_outcome(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    assert run(desk, "status", ENDPOINT, "--watch").exit_code == 0


def test_status_alone_exits_0_whatever_the_outcome(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED)
    assert run(desk, "status", ENDPOINT).exit_code == 0


def test_an_unknown_endpoint_exits_6(desk: FakeDesk) -> None:
    result = run(desk, "status", ENDPOINT)
    assert result.exit_code == 6
    assert "There is no endpoint churn." in result.stderr


def test_only_one_endpoint_can_be_watched(desk: FakeDesk) -> None:
    assert run(desk, "status", "--watch").exit_code == 2


def test_the_overview_shows_what_slipway_knows_and_nothing_else(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.hosting.serve("of-somebody-else", "a-config")
    assert [status["endpoint"] for status in data(run(desk, "status", "--json"))] == [ENDPOINT]
    assert "of-somebody-else" not in run(desk, "status").stdout


def test_status_says_that_somebody_deleted_the_endpoint_and_what_comes_next(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.hosting.endpoints.clear()
    told = data(run(desk, "status", ENDPOINT, "--json"))
    assert (told["endpoint_status"], told["live"]["release"]) == (None, "r1")
    assert "somebody deleted it" in told["notice"]
    assert "first release" in " ".join(run(desk, "status", ENDPOINT).stdout.split())
    assert [status["endpoint"] for status in data(run(desk, "status", "--json"))] == [ENDPOINT]


def test_status_says_that_the_endpoint_serves_what_is_not_live(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    assert data(run(desk, "status", ENDPOINT, "--json"))["notice"] == ""
    desk.hosting.serve(ENDPOINT, "theirs")
    assert "no release of Slipway" in data(run(desk, "status", ENDPOINT, "--json"))["notice"]


def test_an_empty_overview_says_so(desk: FakeDesk) -> None:
    assert "No endpoint has been released to yet." in run(desk, "status").stdout


def test_history_begins_with_the_newest(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.begin("r2")
    desk.end("r2", Outcome.REJECTED)
    told = data(run(desk, "history", ENDPOINT, "--json"))
    assert [(item["release"], item["outcome"]) for item in told] == [("r2", "REJECTED"), ("r1", "LIVE")]
    assert not {"pk", "sk"} & told[0].keys()
    assert "REJECTED" in run(desk, "history", ENDPOINT, "--limit", "1").stdout


def test_an_endpoint_without_history_exits_6(desk: FakeDesk) -> None:
    assert run(desk, "history", ENDPOINT).exit_code == 6


def test_the_schema_is_one_for_editors(desk: FakeDesk) -> None:
    assert data(run(desk, "schema"))["title"] == "Release spec of Slipway"
