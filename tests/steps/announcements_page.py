"""Writes the samples of docs/announcements.md: releases are run on fakes, and what they announced is put on the page.

Run `.venv/bin/python -m tests.steps.announcements_page` after a change of what is announced.
"""

import json
from pathlib import Path

from slipway.exchanges import Announcement
from slipway.record.news import News
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer
from tests.fakes.tools import Bench, FakeTools, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

PAGE = Path(__file__).parents[2] / "docs" / "announcements.md"
ALICE, BOB = (f"arn:aws:sts::111122223333:assumed-role/Release/{name}" for name in ("alice", "bob"))
SPEC = {
    "smoke": [SMOKE],
    "serve": {"instance_count": 2},
    "approval": {"before": "update", "by_another": True},
}


RANG = (
    "Threshold Crossed: 1 out of the last 1 datapoints [0.31 (05/01/26 12:01:00)] was greater than the threshold "
    "(0.05) (minimum 1 datapoint for OK -> ALARM transition)."
)


def approve(tools: FakeTools, release: str) -> None:
    """Let Bob approve a release."""
    detail = {"release": release, "approve": True, "reason": "better offline", "requested_by": BOB}
    event = {"id": "e1", "source": "slipway.releases", "detail-type": "Release Approval", "account": "111122223333"}
    Bench(tools, "execution-approval").read({**event, "detail": detail})


def told() -> list[Announcement]:
    """Give what an update announces that is approved, bakes, and goes back since an alarm rings."""
    story = Story(a_live_endpoint(spec={"smoke": [SMOKE], "serve": {"instance_count": 2}}).tools, "execution-2")
    before = len(story.tools.announcer.announced)
    story.tools.clock.advance(60)
    story.drop(version="2", spec=SPEC, body=archive(model_joblib="v2"), asked_by=ALICE)
    for phase in (Phase.VERIFY_ARTIFACT, Phase.WAIT_FOR_TURN, Phase.CREATE_MODEL, Phase.VERIFY_CONFIG):
        story.step(phase)
    story.step(Phase.WAIT_FOR_APPROVAL)
    approve(story.tools, story.release_id)
    for phase in (Phase.WAIT_FOR_APPROVAL, Phase.CREATE_CONFIG, Phase.CREATE_ENDPOINT):
        story.step(phase)
    story.tools.hosting.bake("churn")
    story.step(Phase.WAIT_FOR_IN_SERVICE)
    story.step(Phase.RUN_SMOKE_INVOCATIONS)
    (alarm, *_) = story.release.fact(Phase.CREATE_CONFIG, "alarms")
    story.tools.alarms.set_state(alarm, "ALARM", RANG)
    assert story.step(Phase.WATCH_ALARMS) is not None
    assert story.answer(Phase.WATCH_ALARMS) is Answer.RINGING
    story.step(Phase.VETO_DEPLOYMENT)
    story.tools.hosting.roll_back("churn")
    story.step(Phase.WAIT_FOR_ROLLBACK)
    story.step(Phase.CLOSE_RELEASE)
    return story.tools.announcer.announced[before:]


def sample(announcement: Announcement) -> str:
    """Show one announcement: the event, and where the text says more than a program needs, the mail."""
    shown = dict(announcement.detail)
    if "phases" in shown:
        shown["phases"] = [*shown["phases"][:1], "…"]
    event = {"source": "slipway", "detail-type": announcement.detail_type, "detail": shown}
    parts = [f"### {announcement.detail_type}", "", "```json", json.dumps(event, indent=2, ensure_ascii=False), "```"]
    if announcement.detail_type == News.AWAITS_APPROVAL:
        parts += ["", "The message of the same:", "", "```text", f"Subject: {announcement.subject}", ""]
        parts += [announcement.text, "```"]
    return "\n".join(parts)


def renewed(page: str) -> str:
    """Give the page with its samples written anew."""
    begin, end = "<!-- begin samples, generated -->", "<!-- end samples -->"
    before, _, rest = page.partition(begin)
    samples = "\n\n".join(map(sample, told()))
    return f"{before}{begin}\n\n{samples}\n\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
