"""An endpoint that is created for longer than anybody waits: a named end, a free turn, and later it is taken back."""

from slipway.release.verdicts import Outcome
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.steps.voyage import Voyage, clear_up

RETIRE = {"task": "retire"}


class Stuck(Voyage):
    """In this world no creation ends."""

    def move(self) -> None:
        self.world.clock.advance(300)


def a_stuck_creation() -> FakeTools:
    """Let a first release give up on an endpoint that is being created."""
    tools = FakeTools()
    ref = tools.artifacts.drop(BUCKET, "models/churn/1/model.tar.gz", archive(model_joblib="v1"))
    assert Stuck(tools, drop_event(ref.key, ref.version), "execution-1").go().end == "Release Needs a Human"
    return tools


def outcome(tools: FakeTools) -> Outcome:
    (line,) = tools.ledger.history("churn")
    return Outcome(line["outcome"])


def test_a_first_release_that_times_out_needs_a_human_and_frees_its_turn() -> None:
    tools = a_stuck_creation()
    turn = tools.ledger.turn("churn")
    assert turn is not None
    assert (outcome(tools), turn.holder, tools.ledger.open_releases()) == (Outcome.NEEDS_HUMAN, "", [])
    (line,) = tools.ledger.history("churn")
    assert "Creating" in line["reason"]


def test_it_is_left_alone_while_it_is_created() -> None:
    assert keep_house(RETIRE, a_stuck_creation())["taken_back"] == []


def test_it_is_taken_back_once_it_can_be_deleted() -> None:
    tools = a_stuck_creation()
    tools.hosting.fail("churn")
    (taken,) = keep_house(RETIRE, tools)["taken_back"]
    clear_up(tools)
    assert (outcome(tools), tools.hosting.endpoints) == (Outcome.ROLLED_BACK, {})
    assert tools.ledger.release(taken).reason.startswith("it had needed a human: ")
    assert keep_house(RETIRE, tools)["taken_back"] == []


def test_what_somebody_changed_since_is_theirs() -> None:
    tools = a_stuck_creation()
    tools.hosting.serve("churn", "theirs")
    assert keep_house(RETIRE, tools)["taken_back"] == []
