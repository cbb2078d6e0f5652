"""`slipway ui` starts the page, says where it is, and ends well."""

import socket
from collections.abc import Iterator

import pytest

from slipway_cli.commands import showing
from tests.unit.cli_kit import FakeDesk, data, run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Serve nothing, and keep where it would have been."""
    addresses: list[tuple[str, int]] = []
    monkeypatch.setattr(showing, "_serve", lambda _desk, listener: addresses.append(listener.getsockname()))
    return addresses


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    urls: list[str] = []
    monkeypatch.setattr(showing.webbrowser, "open", urls.append)
    monkeypatch.setenv("DISPLAY", ":0")
    return urls


def test_it_listens_on_the_loopback_address_before_it_says_where(served: list[tuple[str, int]]) -> None:
    result = run(FakeDesk(), "ui", "--port", "0", "--json")
    ((host, port),) = served
    assert (result.exit_code, host, data(result)) == (0, "127.0.0.1", {"url": f"http://127.0.0.1:{port}/"})


@pytest.mark.parametrize("words", [("--no-browser",), ("--json",), ()])
def test_no_browser_is_opened_where_nobody_sits(
    served: list[tuple[str, int]], opened: list[str], words: tuple[str, ...]
) -> None:
    assert run(FakeDesk(), "ui", "--port", "0", *words).exit_code == 0
    assert opened == []


def test_a_person_at_a_terminal_gets_a_browser(
    served: list[tuple[str, int]], opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(FakeDesk(), "ui", "--port", "0")
    assert opened == [f"http://127.0.0.1:{served[0][1]}/"]


def test_a_port_that_is_taken_is_told_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run(FakeDesk(), "ui", "--port", str(other.getsockname()[1]))
    assert result.exit_code == 2
    assert "Next: slipway ui --port 0" in result.stderr


def test_without_its_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "NEEDED", ("jinja2", "not_a_package"))
    result = run(FakeDesk(), "ui")
    assert result.exit_code == 2
    assert "not_a_package is not installed" in result.stderr
