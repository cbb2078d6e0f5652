"""`slipway logs` and `invoke` at a desk of fakes."""

import json
from pathlib import Path

import pytest

from slipway.exchanges import Invocation, Reply
from slipway.release.verdicts import Outcome
from tests.unit.cli_kit import ENDPOINT, FakeDesk, data, run


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_logs_tell_ledger_and_functions_in_the_order_of_time(desk: FakeDesk) -> None:
    begun = desk.begin("r1")
    at = desk.clock.now().timestamp()
    line = {"level": "ERROR", "message": "unforeseen", "release": begun.id, "exception": "Traceback", "try": 2}
    desk.logs.write("/aws/lambda/create-model", at + 30, json.dumps(line))
    desk.logs.write("/aws/lambda/create-model", at + 31, "START of another release")
    desk.logs.write("/aws/lambda/create-model", at + 31, "no JSON, but of r1")
    desk.clock.advance(60)
    desk.end("r1", Outcome.REJECTED)
    told = data(run(desk, "logs", "r1", "--json"))
    assert [line["source"] for line in told] == ["create-model", "create-model", "ledger", "ledger"]
    assert told[0]["text"] == "unforeseen try=2\nTraceback"
    assert told[1]["text"] == "no JSON, but of r1"
    assert told[3]["text"] == "REJECTED: for a reason"


def test_the_containers_words_are_those_of_the_release(desk: FakeDesk) -> None:
    begun = desk.begin("r1")
    desk.end("r1", Outcome.ROLLED_BACK)
    desk.logs.write("/aws/sagemaker/Endpoints/churn", desk.clock.now().timestamp(), "Traceback")
    assert "Traceback" in run(desk, "logs", begun.id, "--container").stdout
    (group, since, until) = desk.logs.asked[-1]
    assert group == "/aws/sagemaker/Endpoints/churn"
    assert until is not None
    assert since < desk.clock.now().timestamp() < until


def test_the_containers_words_of_the_live_release_go_on_until_now(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    run(desk, "logs", "r1", "--container")
    assert desk.logs.asked[-1][2] is None


def test_logs_of_an_unknown_release_exit_6(desk: FakeDesk) -> None:
    assert run(desk, "logs", "r9").exit_code == 6


def test_invoke_prints_the_answer_as_it_came(desk: FakeDesk, tmp_path: Path) -> None:
    desk.hosting.serve(ENDPOINT, "a-config")
    sent: list[Invocation] = []

    def answer(invocation: Invocation) -> Reply:
        sent.append(invocation)
        return Reply(200, b"yes", "text/csv", "main")

    desk.hosting.answer = answer
    body = tmp_path / "row.csv"
    body.write_text("1,2")
    options = ("--content-type", "text/csv", "--accept", "text/csv")
    assert run(desk, "invoke", ENDPOINT, "--data", f"@{body}", *options).stdout == "yes\n"
    assert run(desk, "invoke", ENDPOINT, "--data", "@-", *options, stdin="3,4").exit_code == 0
    assert run(desk, "invoke", ENDPOINT, "--data", "5,6", *options).exit_code == 0
    assert [invocation.body for invocation in sent] == [b"1,2", b"3,4", b"5,6"]
    assert {invocation.content_type for invocation in sent} == {"text/csv"}


def test_invoke_gives_programs_the_answer_with_its_circumstances(desk: FakeDesk) -> None:
    desk.hosting.serve(ENDPOINT, "a-config")
    told = data(run(desk, "invoke", ENDPOINT, "--data", "1", "--json"))
    assert told == {
        "status": 200,
        "body": {"ok": True},
        "content_type": "application/json",
        "variant": "main",
        "latency_ms": 5.0,
    }


def test_one_of_several_variants_containers_or_models_is_asked_by_name(desk: FakeDesk) -> None:
    desk.hosting.serve(ENDPOINT, "a-config")
    run(desk, "invoke", ENDPOINT, "-d", "{}", "--variant", "challenger")
    run(desk, "invoke", ENDPOINT, "-d", "{}", "--container", "scale")
    run(desk, "invoke", ENDPOINT, "-d", "{}", "--model", "north.tar.gz")
    asked: list[Invocation] = desk.hosting.requests("invoke")
    assert [(each.target_variant, each.target_container, each.target_model) for each in asked] == [
        ("challenger", "", ""),
        ("", "scale", ""),
        ("", "", "north.tar.gz"),
    ]


def test_a_request_from_a_file_that_is_not_there_is_refused(desk: FakeDesk, tmp_path: Path) -> None:
    assert run(desk, "invoke", ENDPOINT, "--data", f"@{tmp_path}/none").exit_code == 2


def test_invoking_an_endpoint_that_is_not_there_exits_6(desk: FakeDesk) -> None:
    assert run(desk, "invoke", ENDPOINT, "--data", "1").exit_code == 6


def test_a_model_that_fails_is_quoted_with_the_command_for_its_log(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    failed = Reply(500, b"no column age\nTraceback", error="ModelError", message="Received server error")
    desk.hosting.answer = lambda _: failed
    result = run(desk, "invoke", ENDPOINT, "--data", "1")
    assert result.exit_code == 1
    assert "Why: ModelError: no column age\n" in result.stderr
    assert "Next: slipway logs r1 --container" in result.stderr
