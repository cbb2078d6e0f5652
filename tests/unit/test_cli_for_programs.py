"""What every command promises to programs: one JSON document on stdout, in failure too, and a telling exit code."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from typer.testing import CliRunner

from slipway.exchanges import Reply
from slipway.release.approval_spec import Approval
from slipway.release.phases import Phase
from slipway.release.release import Kind, ObjectRef, Turn
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import SmokeCase
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Outcome
from slipway.settings import Settings
from slipway_cli.app import COMMANDS, SMOKE_COMMANDS, app
from slipway_cli.screen import as_json
from tests.fakes.tools import ENVIRONMENT
from tests.unit.cli_kit import BUCKET, ENDPOINT, FakeDesk, data, run

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
RELEASE = ("release", "MODEL", "-e", ENDPOINT, "--version", "7")
ELSEWHERE = {"up", "down", "watch", "ui"}
"""Commands whose tests are in files of their own."""

Scene = Callable[[FakeDesk], object]


def nothing(_desk: FakeDesk) -> None: ...


def live(desk: FakeDesk) -> None:
    case = SmokeCase(name="one row", json=[1, 2])
    desk.begin("r1", spec=ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="i:1"), smoke=(case,)))
    desk.go_live("r1")


def under_way(desk: FakeDesk) -> None:
    begun = desk.begin("r1")
    desk.ledger.change_turn(None, Turn(ENDPOINT, 1, begun.id, "execution-1"))


def rolled_back(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.ROLLED_BACK)


def needs_human(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.NEEDS_HUMAN)


def waiting(desk: FakeDesk) -> None:
    spec = ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="x"), approval=Approval(before="update"))
    desk.ledger.intend(desk.begin("r1", spec=spec), Phase.WAIT_FOR_APPROVAL)


def uploaded(outcome: Outcome) -> Scene:
    def scene(desk: FakeDesk) -> None:
        desk.then(partial(desk.begin, "r2"), partial(desk.end, "r2", outcome))

    return scene


def going_back(outcome: Outcome) -> Scene:
    def scene(desk: FakeDesk) -> None:
        live(desk)
        event = ObjectRef("event", "event-1")
        desk.then(partial(desk.begin, "r2", event, Kind.ROLLBACK), partial(desk.end, "r2", outcome))

    return scene


def then_ends(before: Scene, outcome: Outcome) -> Scene:
    def scene(desk: FakeDesk) -> None:
        before(desk)
        desk.then(partial(desk.end, "r1", outcome))

    return scene


def frozen(desk: FakeDesk) -> None:
    desk.settings = Settings(ENVIRONMENT | {"SLIPWAY_POLICY_PARAMETER": "/p"})
    rules = "freezes: [{name: all year, start: 2026-01-01, end: 2027-01-01}]\ninstances: {most: 4}\n"
    desk.parameters.write("/p", f"schema: 1\n{rules}")


def answering_nan(desk: FakeDesk) -> None:
    live(desk)
    desk.hosting.answer = lambda _: Reply(200, b'{"score": NaN, "text": "\\ud800"}', "application/json", "main")


def broken(desk: FakeDesk) -> None:
    desk.plumbing.told = False


ROWS: list[tuple[int, Scene, tuple[str, ...]]] = [
    (0, nothing, ("plan", ENDPOINT)),
    (3, nothing, ("plan", ENDPOINT, "--spec", "BAD_SPEC")),
    (2, nothing, ("plan", ENDPOINT, "--spec", "nowhere.yaml")),
    (0, nothing, ("policy",)),
    (0, frozen, ("policy",)),
    (3, nothing, ("policy", "BAD_SPEC")),
    (2, nothing, ("policy", "nowhere.yaml")),
    (0, nothing, ("sign", "MODEL", "--key", KEY)),
    (2, nothing, ("sign", "nowhere", "--key", KEY)),
    (0, uploaded(Outcome.SUPERSEDED), RELEASE),
    (3, uploaded(Outcome.REJECTED), RELEASE),
    (5, nothing, RELEASE),
    (0, nothing, (*RELEASE, "--no-follow")),
    (2, nothing, ("release", "nowhere", "-e", ENDPOINT, "--version", "7")),
    (0, nothing, ("status",)),
    (0, rolled_back, ("status", ENDPOINT)),
    (3, rolled_back, ("status", ENDPOINT, "--watch")),
    (5, under_way, ("status", ENDPOINT, "--watch", "--timeout", "3")),
    (6, nothing, ("status", ENDPOINT)),
    (0, live, ("history", ENDPOINT)),
    (6, nothing, ("history", ENDPOINT)),
    (0, rolled_back, ("report", "r1")),
    (6, nothing, ("report", "r1")),
    (0, live, ("logs", "r1")),
    (6, nothing, ("logs", "r1")),
    (0, live, ("invoke", ENDPOINT, "-d", "{}")),
    (0, answering_nan, ("invoke", ENDPOINT, "-d", "{}")),
    (6, nothing, ("invoke", ENDPOINT, "-d", "{}")),
    (0, going_back(Outcome.ROLLED_BACK), ("rollback", ENDPOINT)),
    (3, going_back(Outcome.REJECTED), ("rollback", ENDPOINT)),
    (0, live, ("rollback", ENDPOINT, "--no-follow")),
    (6, nothing, ("rollback", ENDPOINT)),
    (0, then_ends(under_way, Outcome.REJECTED), ("abort", ENDPOINT)),
    (3, then_ends(under_way, Outcome.LIVE), ("abort", ENDPOINT)),
    (5, under_way, ("abort", ENDPOINT, "--timeout", "3")),
    (6, nothing, ("abort", ENDPOINT)),
    (0, then_ends(waiting, Outcome.LIVE), ("approve", "r1")),
    (3, then_ends(waiting, Outcome.ROLLED_BACK), ("approve", "r1")),
    (6, live, ("approve", "r1")),
    (0, live, ("recover", "r1")),
    (3, needs_human, ("recover", "r1", "--timeout", "3")),
    (5, under_way, ("recover", "r1", "--timeout", "3")),
    (6, nothing, ("recover", "r1")),
    (0, live, ("doctor",)),
    (1, broken, ("doctor",)),
    (0, nothing, ("schema",)),
    (0, live, ("smoke", "record", ENDPOINT)),
    (2, live, ("smoke", "record", ENDPOINT, "--out", "/nowhere/cases.json")),
    (6, nothing, ("smoke", "record", ENDPOINT)),
]


def named(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(getattr(value, "__name__", value))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "model.tar.gz").write_bytes(b"bytes")
    (tmp_path / "release.yaml").write_bytes(b"nonsense: \xff1\n")
    return {"MODEL": str(tmp_path / "model.tar.gz"), "BAD_SPEC": str(tmp_path / "release.yaml")}


def strictly(text: str) -> Any:
    """Read JSON as a reader does that knows no NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_table_holds_every_command() -> None:
    every = {each.__name__ for each in COMMANDS} | {f"smoke {each.__name__}" for each in SMOKE_COMMANDS}
    held = {" ".join(words[:2]) if words[0] == "smoke" else words[0] for _, _, words in ROWS}
    assert held == every - ELSEWHERE


@pytest.mark.parametrize(("code", "scene", "words"), ROWS, ids=named)
def test_a_program_gets_one_document_and_an_exit_code(
    code: int, scene: Scene, words: tuple[str, ...], files: dict[str, str]
) -> None:
    desk = FakeDesk()
    scene(desk)
    result = run(desk, *(files.get(word, word) for word in words), "--json")
    assert result.exit_code == code, result.output
    told = strictly(result.stdout)
    if "error" in told:
        assert told["error"].keys() == {"what", "why", "next", "exit_code"}
        assert (told["error"]["exit_code"], told["error"]["what"] in result.stderr) == (code, True)


def test_a_program_reads_why_a_command_failed() -> None:
    result = run(FakeDesk(), "history", ENDPOINT, "--json")
    error = {"what": f"{ENDPOINT} has no history.", "why": "no release of it has ended", "next": "slipway status"}
    assert data(result) == {"error": {**error, "exit_code": 6}}


def test_without_json_a_failed_command_leaves_stdout_empty() -> None:
    assert run(FakeDesk(), "history", ENDPOINT).stdout == ""


def test_missing_credentials_are_a_document_too() -> None:
    def no_desk(_place: object, _stack: str) -> FakeDesk:
        raise NoCredentialsError

    result = CliRunner().invoke(app, ["status", "--json"], obj=no_desk)
    assert (result.exit_code, data(result)["error"]["exit_code"]) == (4, 4)


def test_numbers_that_json_does_not_know_become_strings() -> None:
    assert as_json([float("nan"), {"a": float("inf")}, 1.5]) == '["nan", {"a": "inf"}, 1.5]'


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk()
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED, "zu groß: \ud800 🚢")
    result = CliRunner(charset="ascii").invoke(app, ["report", "r1", "--json"], obj=lambda _place, _stack: desk)
    assert result.stdout.isascii()
    assert data(result)["reason"] == "zu groß: \ud800 🚢"


def test_a_drop_is_what_was_uploaded(files: dict[str, str]) -> None:
    desk = FakeDesk()
    told = data(run(desk, *(files.get(word, word) for word in RELEASE), "--no-follow", "--json"))
    assert told["artifact"] == f"s3://{BUCKET}/models/{ENDPOINT}/7/model.tar.gz"
