"""`slipway smoke record` at a desk of fakes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.intake.spec_reading import read_spec
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import SmokeCase
from slipway.release.spec import ReleaseSpec
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    """A desk whose endpoint serves a release with one smoke case; it answers with the sum of the row."""
    desk = FakeDesk()
    case = SmokeCase(name="one row", json=[1, 2], accept="text/json")
    desk.begin("r1", spec=ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="i:1"), smoke=(case,)))
    desk.go_live("r1")
    desk.hosting.answer = summed()
    return desk


def summed(drift: float = 0.0) -> Callable[[Invocation], Reply]:
    """Answer with the sum, a little more each time."""
    asked: list[Invocation] = []

    def answer(invocation: Invocation) -> Reply:
        asked.append(invocation)
        total = sum(json.loads(invocation.body)) + drift * len(asked)
        return Reply(200, json.dumps({"sum": total}).encode(), "application/json", "main")

    return answer


def test_the_live_releases_own_cases_are_recorded_with_what_it_answers(desk: FakeDesk) -> None:
    (case,) = data(run(desk, "smoke", "record", ENDPOINT, "--json"))
    assert (case["name"], case["json"], case["accept"]) == ("one row", [1, 2], "text/json")
    assert case["expect"]["json"] == {"sum": 3}
    assert case["expect"]["tolerance"] == 1e-6
    assert len([asked for operation, asked in desk.hosting.calls if operation == "invoke"]) == 3


def test_files_are_requests_and_yaml_is_ready_for_a_spec(desk: FakeDesk, tmp_path: Path) -> None:
    row, out = tmp_path / "big row.json", tmp_path / "golden.yaml"
    row.write_text("[10, 20]")
    done = run(desk, "smoke", "record", ENDPOINT, "--input", str(row), "--out", str(out))
    assert done.exit_code == 0, done.output
    spec = read_spec(out.read_bytes() + b"serve: {image: i}\n", "release.yaml", [], "e")
    assert isinstance(spec, ReleaseSpec), spec
    assert [(case.name, case.json, case.expect.json) for case in spec.smoke] == [("big row", [10, 20], {"sum": 30})]


def test_files_may_be_for_one_of_several_containers_or_models(desk: FakeDesk, tmp_path: Path) -> None:
    row = tmp_path / "row.json"
    row.write_text("[1, 2]")
    told = [
        data(run(desk, "smoke", "record", ENDPOINT, "--input", str(row), option, name, "--json"))
        for option, name in (("--container", "scale"), ("--model", "north.tar.gz"))
    ]
    assert [(case.get("target_container"), case.get("target_model")) for (case,) in told] == [
        ("scale", None),
        (None, "north.tar.gz"),
    ]


def test_a_text_is_sent_as_its_suffix_says_and_json_is_ready_for_an_archive(desk: FakeDesk, tmp_path: Path) -> None:
    row, out = tmp_path / "row.csv", tmp_path / "golden.json"
    row.write_text("1,2")
    desk.hosting.answer = lambda _: Reply(200, b"3\n", "text/csv", "main")
    assert run(desk, "smoke", "record", ENDPOINT, "-i", str(row), "-o", str(out)).exit_code == 0
    (case,) = json.loads(out.read_text())
    assert (case["body"], case["content_type"]) == ("1,2", "text/csv")
    assert case["expect"]["json"] == 3


def test_answers_that_change_are_refused_and_nothing_is_written(desk: FakeDesk, tmp_path: Path) -> None:
    desk.hosting.answer, out = summed(drift=0.25), tmp_path / "golden.json"
    refused = run(desk, "smoke", "record", ENDPOINT, "--out", str(out))
    assert refused.exit_code == 1
    assert "one row: the live model answers this differently each time: $.sum is 3.5 instead of 3.25" in refused.stderr
    assert not out.exists()
    assert run(desk, "smoke", "record", ENDPOINT, "--tolerance", "1", "--out", str(out)).exit_code == 0


def test_an_endpoint_that_moves_or_serves_something_else_is_not_recorded(desk: FakeDesk) -> None:
    desk.hosting.endpoints[ENDPOINT]["EndpointConfigName"] = "somebody-elses"
    assert "does not serve its live release" in run(desk, "smoke", "record", ENDPOINT).stderr
    desk.hosting.endpoints[ENDPOINT]["EndpointStatus"] = "Updating"
    assert "nobody can tell which fleet answers" in run(desk, "smoke", "record", ENDPOINT).stderr


def test_without_a_live_release_or_without_cases_it_says_what_to_name(desk: FakeDesk, tmp_path: Path) -> None:
    assert run(desk, "smoke", "record", "none").exit_code == 6
    assert run(desk, "smoke", "record", ENDPOINT, "--input", str(tmp_path / "none")).exit_code == 2
    bare = FakeDesk()
    bare.begin("r1")
    bare.go_live("r1")
    refused = run(bare, "smoke", "record", ENDPOINT)
    assert (refused.exit_code, "--input" in refused.stderr) == (2, True)
