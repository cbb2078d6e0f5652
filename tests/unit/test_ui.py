"""The local page: what it shows, that it keeps up, and that nothing which was dropped can act in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from botocore.exceptions import ClientError
from starlette.applications import Starlette

from slipway.release.approval_spec import Approval
from slipway.release.phases import Phase
from slipway.release.release import ObjectRef, Turn
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Answer, Outcome
from slipway_cli.ui.board import Lookout
from slipway_cli.ui.server import application
from tests.unit.asgi_kit import ask
from tests.unit.cli_kit import BUCKET, ENDPOINT, FakeDesk

HOSTILE = "</code></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk) -> Starlette:
    return application(Lookout(desk))


class Elements(HTMLParser):
    """Keeps every element with its attributes, and the text without them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(app: Starlette, address: str = "/") -> str:
    """Give what a person reads, in one line."""
    answer = ask(app, address)
    assert answer.status == 200, answer.text
    return " ".join(Elements(answer.text).text.split())


def under_way(desk: FakeDesk) -> None:
    begun = desk.begin("r2", ObjectRef(BUCKET, f"models/{ENDPOINT}/8/model.tar.gz", "v2"))
    desk.ledger.change_turn(None, Turn(ENDPOINT, 1, begun.id, "execution-1"))
    desk.conclude("r2", Phase.VERIFY_ARTIFACT, Answer.SOUND, "5 bytes")
    desk.ledger.intend(desk.ledger.release("r2"), Phase.WAIT_FOR_IN_SERVICE)


def test_it_tells_what_is_live_and_how_the_last_releases_ended(desk: FakeDesk, app: Starlette) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.begin("r2")
    desk.end("r2", Outcome.REJECTED, "It is a zip archive.")
    text = seen(app)
    assert "version 7 is live since" in text
    assert re.search("REJECTED version 7 .* It is a zip archive. Next: slipway logs r2 LIVE version 7", text)


def test_it_tells_the_phases_of_what_is_under_way_and_who_waits(desk: FakeDesk, app: Starlette) -> None:
    under_way(desk)
    desk.begin("r3")
    desk.clock.advance(90)
    text = seen(app)
    assert "under way version 8" in text
    assert "✔ Verify the Artifact 0 ms 5 bytes" in text
    assert "◌ Wait for InService 1 min 30 s" in text
    assert "Next: slipway watch churn" in text
    assert "Waits behind it: r3" in text


def test_a_release_that_waits_for_a_human_names_the_command(desk: FakeDesk, app: Starlette) -> None:
    spec = ReleaseSpec(endpoint=ENDPOINT, serve=Serve(image="x"), approval=Approval(before="update"))
    desk.ledger.intend(desk.begin("r1", spec=spec), Phase.WAIT_FOR_APPROVAL)
    text = seen(app)
    assert "waits for you" in text
    assert "Next: slipway approve r1" in text


def test_the_parts_of_the_traffic_are_told_while_a_new_fleet_comes_up(desk: FakeDesk, app: Starlette) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    assert "of its traffic" not in seen(app)
    there = desk.hosting.endpoints[ENDPOINT]
    (alone,) = there["ProductionVariants"]
    there["ProductionVariants"] = [
        {**alone, "VariantName": name, "CurrentWeight": weight} for name, weight in (("champion", 9), ("rival", 1))
    ]
    status = [{"Status": "Baking", "StatusMessage": "Baking for 300 seconds."}]
    coming = {**alone, "CurrentInstanceCount": 1, "DesiredInstanceCount": 4, "VariantStatus": status}
    there["PendingDeploymentSummary"] = {"EndpointConfigName": "c2", "ProductionVariants": [coming]}
    desk.clock.advance(60)
    text = seen(app)
    assert "champion 90% of the traffic on 1 instance rival 10% of the traffic on 1 instance new fleet Baking" in text
    bars = [each["width"] for tag, each in Elements(ask(app, "/").text).found if tag == "rect"]
    assert bars == ["90.0", "10.0", "25.0"]
    there["ProductionVariants"] = [alone]
    desk.clock.advance(60)
    assert "old fleet still runs on 1 instance" in seen(app), (
        "which part of the traffic it has left, SageMaker does not say"
    )


def test_somebody_elses_change_is_told_as_a_notice(desk: FakeDesk, app: Starlette) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    desk.hosting.endpoints.clear()
    assert "somebody deleted it" in seen(app)


def test_an_endpoint_of_its_own_shows_more_of_its_past(desk: FakeDesk, app: Starlette) -> None:
    for number in range(5):
        desk.begin(f"r{number}")
        desk.clock.advance(60)
        desk.end(f"r{number}", Outcome.SUPERSEDED)
    assert seen(app).count("SUPERSEDED") == 3
    assert seen(app, f"/?endpoint={ENDPOINT}").count("SUPERSEDED") == 5
    assert f"/board?endpoint={ENDPOINT}" in ask(app, f"/?endpoint={ENDPOINT}").text


def test_without_any_endpoint_it_says_how_to_begin(app: Starlette) -> None:
    assert "slipway release model.tar.gz" in seen(app)


def test_changes_show_up_once_a_look_is_old(desk: FakeDesk, app: Starlette) -> None:
    under_way(desk)
    assert "REJECTED" not in seen(app, "/board")
    desk.end("r2", Outcome.REJECTED)
    assert "REJECTED" not in seen(app, "/board"), "one look serves every browser for a second"
    desk.clock.advance(1)
    assert "REJECTED" in seen(app, "/board")


def test_it_looks_less_often_while_nothing_is_under_way(desk: FakeDesk, app: Starlette) -> None:
    desk.begin("r1")
    desk.go_live("r1")
    seen(app)
    before = len(desk.hosting.calls)
    desk.clock.advance(2)
    seen(app)
    assert len(desk.hosting.calls) == before
    desk.clock.advance(1)
    seen(app)
    assert len(desk.hosting.calls) > before


def test_a_look_that_fails_is_told_with_what_to_do_and_the_page_goes_on(desk: FakeDesk, app: Starlette) -> None:
    def refused() -> list[str]:
        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "ListEndpoints")

    desk.endpoints = refused  # type: ignore[method-assign]
    answer = ask(app, "/board")
    assert (answer.status, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert "Next: set AWS_PROFILE" in answer.text
    whole = ask(app, "/")
    assert (whole.status, "Next: set AWS_PROFILE" in whole.text, 'src="/static/page.js"' in whole.text) == (
        503,
        True,
        True,
    )


def test_what_nobody_knows_is_not_found(app: Starlette) -> None:
    assert ask(app, "/?endpoint=nobody").status == 404
    assert ask(app, "/releases/nobody").status == 404
    assert ask(app, "/nowhere").status == 404


def test_a_story_is_the_page_of_the_report_and_leads_back(desk: FakeDesk, app: Starlette) -> None:
    under_way(desk)
    story = ask(app, "/releases/r2")
    assert "Wait for InService" in story.text
    assert '<a href="/">' in story.text
    assert story.headers["refresh"] == "2"
    desk.end("r2", Outcome.REJECTED)
    assert "refresh" not in ask(app, "/releases/r2").headers


@pytest.mark.parametrize("address", ["/", "/board", f"/?endpoint={ENDPOINT}", "/releases/r1", "/releases/r2"])
def test_nothing_that_was_dropped_becomes_part_of_the_page(desk: FakeDesk, app: Starlette, address: str) -> None:
    desk.begin("r1", ObjectRef(BUCKET, f"models/{ENDPOINT}/{HOSTILE}/model.tar.gz", HOSTILE))
    desk.end("r1", Outcome.REJECTED, HOSTILE)
    begun = desk.begin("r2", ObjectRef(BUCKET, f"models/{ENDPOINT}/{HOSTILE}/model.tar.gz", "v2"))
    desk.ledger.finish(replace(begun, requested_by=HOSTILE))
    desk.ledger.open(begun)
    desk.conclude("r2", Phase.VERIFY_ARTIFACT, Answer.REFUSED, HOSTILE)
    text = ask(app, address).text
    elements = Elements(text)
    assert HOSTILE in elements.text
    assert "alert(1)" not in "".join(str(value) for _, found in elements.found for value in found.values())
    assert not {"img", "iframe", "form", "button", "input"} & {tag for tag, _ in elements.found}
    assert [found.get("src") for tag, found in elements.found if tag == "script"] in ([], ["/static/page.js"])
    assert not [name for _, found in elements.found for name in found if name.startswith("on")]


@pytest.mark.parametrize("address", ["/", "/board", "/releases/r1", "/static/page.js", "/static/page.css", "/nowhere"])
def test_every_answer_forbids_what_is_not_of_this_page(desk: FakeDesk, app: Starlette, address: str) -> None:
    desk.begin("r1")
    desk.end("r1", Outcome.REJECTED)
    headers = ask(app, address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy or "script-src" not in policy
    assert ("unsafe-inline" in policy) == address.startswith("/releases/"), "the report brings its own style, no script"
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4577", "127.0.0.1.evil.example", "169.254.1.1", ""])
@pytest.mark.parametrize("address", ["/", "/board", "/releases/r1", "/static/page.js"])
def test_a_name_that_only_points_here_learns_nothing(app: Starlette, host: str, address: str) -> None:
    answer = ask(app, address, host=host)
    assert (answer.status, answer.text) == (400, "Invalid host header")


@pytest.mark.parametrize("host", ["localhost", "localhost:4577", "127.0.0.1", "[::1]:4577"])
def test_the_names_of_this_machine_are_answered(app: Starlette, host: str) -> None:
    assert ask(app, "/", host=host).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/board", "/releases/r1", "/static/page.js"])
def test_it_only_reads(app: Starlette, method: str, address: str) -> None:
    assert ask(app, address, method=method).status == 405


def test_everything_that_the_page_names_is_there(app: Starlette) -> None:
    named = [each.get("src") or each.get("href") or "" for _, each in Elements(ask(app, "/").text).found]
    files = [name for name in named if name.startswith("/static/")]
    assert len(files) == 3
    assert [ask(app, name).status for name in files] == [200] * 3
    assert not [name for name in named if "//" in name], "nothing comes from elsewhere"
