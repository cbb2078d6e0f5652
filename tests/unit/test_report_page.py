"""The page that tells a release: complete, and harmless whatever was dropped."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from slipway.record.report_page import page
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Answer, Finding, Outcome
from tests.unit.cli_kit import FakeDesk

HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Elements(HTMLParser):
    """Keeps the names of all elements and the addresses that they point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def told(desk: FakeDesk, release: Release) -> str:
    return page(release, release.outcome, release.reason, desk.clock.now())


def test_it_tells_outcome_reason_next_step_and_every_phase(desk: FakeDesk) -> None:
    desk.begin("r1")
    finding = Finding("ZIP", "It is a zip archive.", "Pack it again.")
    desk.conclude("r1", Phase.VERIFY_ARTIFACT, Answer.REFUSED, "no archive", finding)
    desk.end("r1", Outcome.REJECTED, "It is a zip archive.")
    text = told(desk, desk.ledger.release("r1"))
    for part in (
        "churn, version 7",
        "REJECTED",
        "slipway logs r1",
        "Verify the Artifact",
        "Pack it again.",
        "no archive",
    ):
        assert part in text


def test_a_release_under_way_is_told_so(desk: FakeDesk) -> None:
    release = desk.begin("r1")
    desk.clock.advance(90)
    text = told(desk, release)
    assert "under way" in text
    assert "slipway watch churn" in text


def test_bars_stand_where_their_phases_were(desk: FakeDesk) -> None:
    desk.begin("r1")
    began = desk.clock.now()
    for phase, seconds in ((Phase.VERIFY_ARTIFACT, 10), (Phase.CREATE_MODEL, 30)):
        desk.ledger.intend(desk.ledger.release("r1"), phase)
        desk.clock.advance(seconds)
        desk.conclude("r1", phase, Answer.CREATED)
    text = told(desk, desk.ledger.release("r1"))
    assert desk.clock.now() - began == timedelta(seconds=40)
    bars = re.findall(r"margin-left:([\d.]+)%;width:([\d.]+)%", text)
    assert ("25.00", "75.00") in bars


@pytest.mark.parametrize("outcome", list(Outcome))
def test_nothing_that_was_dropped_becomes_part_of_the_page(desk: FakeDesk, outcome: Outcome) -> None:
    links = {HOSTILE: "javascript:alert(1)", "board": f"https://b.example/{HOSTILE}"}
    spec = ReleaseSpec(endpoint="churn", serve=Serve(image="x"), owner=HOSTILE, links=links)
    desk.begin("r1", spec=spec)
    desk.conclude("r1", Phase.VERIFY_ARTIFACT, Answer.REFUSED, HOSTILE, Finding(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
    desk.end("r1", outcome, HOSTILE)
    text = told(desk, desk.ledger.release("r1"))
    elements = Elements(text)
    assert not {"script", "img", "iframe", "link"} & set(elements.names)
    assert elements.addresses == [f"https://b.example/{HOSTILE}"]
    assert "default-src 'none'" in text


def test_nothing_is_told_twice(desk: FakeDesk) -> None:
    desk.begin("r1")
    finding = Finding("ZIP", "It is a zip archive.", "Pack it again.")
    desk.conclude("r1", Phase.VERIFY_ARTIFACT, Answer.REFUSED, f"{finding}", finding)
    desk.conclude("r1", Phase.CLOSE_RELEASE, Answer.CLOSED, f"{finding}")
    text = told(desk, desk.ledger.release("r1"))
    assert text.count("Pack it again.") == 1
