"""An upgrade of the stack under a running release: new functions read what the version before them wrote.

`previous_version.json` is the ledger and the endpoint as an earlier version left them, while its release baked. When
what is written changes, it is to stay as it is: that is what running stacks hold.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from slipway.steps.janitor import keep_house
from slipway.steps.work import Request
from tests.fakes.clock import FakeClock
from tests.fakes.tools import FakeTools, archive
from tests.steps.stories import SMOKE, Story
from tests.steps.test_operators_rollback import end, rollback, serving
from tests.steps.test_recoveries import heir_of

WRITTEN: dict[str, Any] = json.loads((Path(__file__).parent / "previous_version.json").read_text("utf-8"))
FIRST, SECOND = "20260105t120000-churn-63093c", WRITTEN["release"]
PAYLOAD = {
    "schema": 1,
    "state": "Watch the Alarms",
    "release": SECOND,
    "execution": "execution-2",
    "round": 3,
    "trouble": "",
    "token": "t",
    "looks": 0,
}
"""What the machine of that version gave a waiting function."""


def _timed(value: Any, name: str = "") -> Any:
    """Read times back, which JSON has as texts."""
    if isinstance(value, dict):
        return {key: _timed(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_timed(inner) for inner in value]
    return datetime.fromisoformat(value) if name.endswith("Time") else value


@pytest.fixture
def baking() -> Story:
    """The release that bakes, with its alarms watched by new functions from now on."""
    story = Story()
    tools = story.tools = FakeTools()
    tools.clock.advance((datetime.fromisoformat(WRITTEN["now"]) - FakeClock().now()).total_seconds())
    for item in WRITTEN["ledger"]:
        tools.store.put(item)
    for thing in ("models", "configs", "endpoints"):
        setattr(tools.hosting, thing, _timed(WRITTEN[thing]))
    for request in WRITTEN["alarms"].values():
        tools.alarms.put(request)
    story.execution, story.release_id = "execution-2", SECOND
    tools.executions.run(story.execution)
    return story


def test_a_payload_of_it_is_read() -> None:
    assert Request.read(PAYLOAD).round == 3


def test_its_release_goes_live(baking: Story) -> None:
    baking.tools.hosting.settle("churn")
    baking.step(Phase.WATCH_ALARMS)
    baking.step(Phase.PROMOTE_RELEASE)
    baking.step(Phase.CLOSE_RELEASE)
    assert (baking.release.outcome, serving(baking)) == (Outcome.LIVE, SECOND)


def test_its_release_is_vetoed(baking: Story) -> None:
    baking.tools.alarms.ring(next(name for name in WRITTEN["alarms"] if name.endswith("5xx")))
    assert baking.step(Phase.WATCH_ALARMS).answer is Answer.RINGING  # type: ignore[union-attr]
    baking.step(Phase.VETO_DEPLOYMENT)
    baking.tools.hosting.roll_back("churn")
    baking.step(Phase.WAIT_FOR_ROLLBACK)
    baking.step(Phase.CLOSE_RELEASE)
    assert (baking.release.outcome, serving(baking)) == (Outcome.ROLLED_BACK, FIRST)
    assert len(baking.tools.hosting.models) == 1


def test_its_release_is_recovered_after_a_death(baking: Story) -> None:
    heir = heir_of(baking)
    heir.step(Phase.WAIT_FOR_TURN)
    heir.step(Phase.ROLL_BACK_RELEASE)
    heir.step(Phase.VETO_DEPLOYMENT)
    heir.tools.hosting.roll_back("churn")
    heir.step(Phase.WAIT_FOR_ROLLBACK)
    heir.step(Phase.CLOSE_RELEASE)
    assert (heir.release.outcome, serving(heir)) == (Outcome.ROLLED_BACK, FIRST)


def live(story: Story) -> Story:
    story.tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    story.tools.executions.end(story.execution)
    story.tools.clock.advance(60)
    return story


def test_what_it_made_live_is_updated_gone_back_to_and_retired(baking: Story) -> None:
    third = Story(live(baking).tools, "execution-3")
    third.start(version="3", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v3"))
    live(third)
    assert end(rollback(third))[0] is Outcome.ROLLED_BACK
    assert serving(third) == SECOND
    fourth = Story(third.tools, "execution-4")
    fourth.start(version="4", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v4"))
    live(fourth)
    assert FIRST in keep_house({"task": "retire"}, fourth.tools)["retired"]


def test_the_same_bytes_and_spec_are_unchanged_by_the_upgrade(baking: Story) -> None:
    again = Story(live(baking).tools, "execution-3")
    again.drop(version="3", spec={"smoke": [SMOKE], "tags": {"team": "a"}}, body=archive(model_joblib="v2"))
    again.through(Phase.VERIFY_CONFIG)
    assert again.answer(Phase.VERIFY_CONFIG) is Answer.UNCHANGED
