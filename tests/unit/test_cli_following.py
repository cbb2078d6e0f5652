"""How a release is shown while it is made."""

import io
from datetime import timedelta

import pytest
from rich.console import Console
from rich.text import Text

from slipway.record.durations import duration, seconds_between
from slipway.record.progress import lines
from slipway.release.phases import Phase
from slipway.release.release import is_closed
from slipway.release.verdicts import Answer, Outcome
from slipway_cli.following import follow
from slipway_cli.screen import Screen
from slipway_cli.watchers import TreeWatcher, watcher
from tests.unit.cli_kit import FakeDesk


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def marks(desk: FakeDesk) -> str:
    return "".join(line.mark for line in lines(desk.ledger.release("r1"), desk.clock.now()))


def test_a_phase_that_runs_is_measured_against_now(desk: FakeDesk) -> None:
    desk.ledger.intend(desk.begin("r1"), Phase.WAIT_FOR_IN_SERVICE)
    desk.clock.advance(90)
    (line,) = lines(desk.ledger.release("r1"), desk.clock.now())
    assert (line.mark, duration(line.seconds)) == ("◌", "1 min 30 s")


def test_a_phase_that_died_is_neither_good_nor_bad(desk: FakeDesk) -> None:
    desk.ledger.intend(desk.begin("r1"), Phase.CREATE_MODEL)
    desk.end("r1", Outcome.REJECTED)
    assert marks(desk) == "–✔"


@pytest.mark.parametrize(
    ("phase", "answer", "mark"),
    [
        (Phase.WAIT_FOR_IN_SERVICE, Answer.ROLLED_BACK, "✖"),
        (Phase.WAIT_FOR_ROLLBACK, Answer.ROLLED_BACK, "✔"),
        (Phase.WAIT_FOR_ROLLBACK, Answer.GONE, "✔"),
        (Phase.WAIT_FOR_ROLLBACK, Answer.STUCK, "✖"),
        (Phase.WATCH_ALARMS, Answer.RINGING, "✖"),
        (Phase.WATCH_ALARMS, Answer.QUIET, "✔"),
    ],
)
def test_going_back_is_bad_on_the_way_forward_and_good_on_the_way_back(
    desk: FakeDesk, phase: Phase, answer: Answer, mark: str
) -> None:
    desk.begin("r1")
    desk.conclude("r1", phase, answer)
    assert marks(desk) == mark


def test_a_reason_is_told_once(desk: FakeDesk) -> None:
    desk.begin("r1")
    desk.conclude("r1", Phase.RUN_SMOKE_INVOCATIONS, Answer.FAILED, "wrong")
    desk.conclude("r1", Phase.VETO_DEPLOYMENT, Answer.VETOED, "Run Smoke Invocations: wrong")
    desk.conclude("r1", Phase.WAIT_FOR_ROLLBACK, Answer.ROLLED_BACK, "the veto alarm rang")
    told = [line.reason for line in lines(desk.ledger.release("r1"), desk.clock.now())]
    assert told == ["wrong", "", "the veto alarm rang"]


def test_a_release_is_over_when_it_is_closed_not_when_it_has_an_outcome(desk: FakeDesk) -> None:
    begun = desk.begin("r1")
    desk.ledger.settle(begun, Outcome.LIVE, "it serves")
    assert not is_closed(desk.ledger.release("r1"))
    desk.end("r1", Outcome.LIVE)
    assert is_closed(desk.ledger.release("r1"))


def test_a_terminal_shows_a_tree_that_changes(desk: FakeDesk) -> None:
    screen, terminal = Screen(), io.StringIO()
    screen.err = Console(file=terminal, force_terminal=True, width=100)
    desk.begin("r1")
    desk.conclude("r1", Phase.VERIFY_ARTIFACT, Answer.SOUND, "5 bytes")
    desk.end("r1", Outcome.LIVE)
    with watcher(screen) as shown:
        assert isinstance(shown, TreeWatcher)
    assert follow(desk, screen, "r1", 10).outcome is Outcome.LIVE
    assert "└── " in terminal.getvalue()


def test_an_interrupt_says_that_the_release_goes_on(desk: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    desk.begin("r1")
    desk.then(interrupt)
    with pytest.raises(KeyboardInterrupt):
        follow(desk, Screen(), "r1", 10)
    assert "Release r1 goes on" in capsys.readouterr().err


def test_what_is_piped_has_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.say("red", "bold red")
    screen.show({}, "[bold]a reason in brackets[/bold]")
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == ("red\n", "[bold]a reason in brackets[/bold]\n")


STEERING = "\x1b]0;a title\x07 \x1b[2J \x9b31m \u202e \ud800 groß\xa0🚢"


@pytest.mark.parametrize("picture", [STEERING, Text(STEERING)], ids=["text", "styled"])
def test_what_a_model_wrote_cannot_steer_the_terminal(picture: str | Text, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.say(str(picture))
    screen.show({}, picture)
    captured = capsys.readouterr()
    for shown in (captured.out, captured.err):
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\ud800"} & set(shown)
        assert "[2J" in shown
        assert "groß\xa0🚢" in shown


def test_a_terminal_keeps_its_own_colours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    Screen().say("red", "red")
    assert capsys.readouterr().err == "\x1b[31mred\x1b[0m\n"


def test_a_long_command_is_not_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show({}, "a " * 300)
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 ms"),
        (0.0384, "38 ms"),
        (0.9996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_durations_read_well(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_clock_that_goes_backwards_gives_no_negative_duration(desk: FakeDesk) -> None:
    now = desk.clock.now()
    assert seconds_between(now.isoformat(), (now - timedelta(seconds=1)).isoformat(), now) == 0
