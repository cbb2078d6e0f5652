"""What people and programs are shown of a release on the whole local cloud."""

import json

import boto3
import pytest
from typer.testing import CliRunner

from slipway_cli.app import app
from slipway_cli.aws_desk import AwsDesk
from slipway_cli.ui.board import Lookout
from slipway_cli.ui.server import application
from tests.scenarios.person import Person, until
from tests.unit.asgi_kit import ask

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


def test_a_release_is_watched_line_by_line_and_then_stands_on_the_page(person: Person) -> None:
    desk = AwsDesk(boto3.Session(region_name="us-east-1"), person.url, "slipway", "the cloud of the test", 0.2)
    page = application(Lookout(desk))
    assert "shown" not in ask(page, "/").text
    model = str(person.examples["good"] / "model.tar.gz")
    spec = str(person.examples["good"] / "release.yaml")
    run = CliRunner()
    words = ["release", model, "--endpoint", "shown", "--version", "1", "--spec", spec, "--no-follow"]
    assert run.invoke(app, words, obj=lambda _place, _stack: desk).exit_code == 0
    until(lambda: "shown" in [release.endpoint for release in desk.ledger.open_releases()], "the release to begin")
    watched = run.invoke(app, ["watch", "shown", "--json"], obj=lambda _place, _stack: desk)
    *changes, last = [json.loads(line) for line in watched.stdout.splitlines()]
    assert (watched.exit_code, last["outcome"]) == (0, "LIVE")
    assert {change["state"] for change in changes} >= {"Wait for InService", "Run Smoke Invocations"}
    assert last["phases"][-1]["state"] == "Close the Release"
    board = ask(page, "/board?endpoint=shown").text
    assert f'<a href="/releases/{last["release"]}">version 1</a>' in board
    assert last["reason"] in ask(page, f"/releases/{last['release']}").text
