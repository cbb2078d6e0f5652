"""Every path through the machine, one entry a path: what the functions answer, which are called, where it ends."""

from dataclasses import dataclass, field

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Outcome
from tests.statemachine.failures import TIMEOUT
from tests.statemachine.scripts import (
    APPROVAL,
    ASKED,
    BACK,
    BAKING,
    CHECK,
    CLOSE,
    CONFIG,
    ENDPOINT,
    FINAL,
    HELD,
    IN_SERVICE,
    LOOK,
    MODEL,
    PROMOTE,
    READ,
    SERVE,
    SMOKE,
    TURN,
    UNDO,
    VERIFY,
    VETO,
    WATCH,
    Changes,
    reads,
    says,
    through,
)

LIVE = "Release Is Live"
REJECTED = "Release Was Rejected"
ROLLED_BACK = "Release Was Rolled Back"
NEEDS_HUMAN = "Release Needs a Human"
ENDS = {
    LIVE: Outcome.LIVE,
    REJECTED: Outcome.REJECTED,
    ROLLED_BACK: Outcome.ROLLED_BACK,
    NEEDS_HUMAN: Outcome.NEEDS_HUMAN,
    "Release Is Unchanged": Outcome.UNCHANGED,
    "Release Was Superseded": Outcome.SUPERSEDED,
}
COLD = [UNDO, BACK, CLOSE]
HOT = [VETO, BACK, CLOSE]


@dataclass(frozen=True)
class Path:
    """What functions answer, which phases then run, and where the execution ends."""

    name: str
    end: str
    called: list[Phase]
    answers: Changes = field(default_factory=dict)


def a(answer: Answer) -> dict[str, object]:
    return says(answer)


FORWARD_PATHS = [
    Path("a first release goes well", LIVE, [*through(PROMOTE), CLOSE]),
    Path("an update goes well", LIVE, [*through(PROMOTE), CLOSE], {SERVE: [BAKING]}),
    Path(
        "events signal a waiting release to look again",
        LIVE,
        [*through(TURN), TURN, MODEL, CHECK, CONFIG, ENDPOINT, SERVE, SERVE, SMOKE, WATCH, WATCH, PROMOTE, CLOSE],
        {TURN: [LOOK, a(Answer.OURS)], SERVE: [LOOK, BAKING], WATCH: [LOOK, a(Answer.QUIET)]},
    ),
    Path(
        "nothing signals, and every wait re-checks on its own",
        LIVE,
        [
            *through(TURN),
            TURN,
            MODEL,
            CHECK,
            CONFIG,
            ENDPOINT,
            SERVE,
            SERVE,
            SMOKE,
            WATCH,
            WATCH,
            WATCH,
            PROMOTE,
            CLOSE,
        ],
        {TURN: [TIMEOUT, a(Answer.OURS)], SERVE: [TIMEOUT, BAKING], WATCH: [TIMEOUT, TIMEOUT, a(Answer.QUIET)]},
    ),
    Path(
        "a failed endpoint of ours is removed first",
        LIVE,
        [*through(SERVE), ENDPOINT, SERVE, SMOKE, WATCH, PROMOTE, CLOSE],
        {ENDPOINT: [a(Answer.REMOVING), a(Answer.STARTED)], SERVE: [a(Answer.GONE), IN_SERVICE]},
    ),
    Path(
        "an endpoint that moves is waited for with the turn in hand",
        LIVE,
        [*through(CHECK), TURN, TURN, MODEL, CHECK, CONFIG, ENDPOINT, SERVE, SMOKE, WATCH, PROMOTE, CLOSE],
        {CHECK: [a(Answer.BUSY), a(Answer.ACCEPTABLE)], TURN: [a(Answer.OURS), TIMEOUT, a(Answer.OURS)]},
    ),
    Path("the same is live already", "Release Is Unchanged", [*through(TURN), CLOSE], {TURN: [a(Answer.UNCHANGED)]}),
    Path("a newer one came", "Release Was Superseded", [*through(TURN), CLOSE], {TURN: [a(Answer.SUPERSEDED)]}),
]

REFUSED_PATHS = [
    Path("read_release refuses", REJECTED, [READ, CLOSE], {READ: [reads(Answer.REFUSED)]}),
    *(
        Path(f"{phase} refuses", REJECTED, [*called, CLOSE], {phase: [a(Answer.REFUSED)]})
        for phase, called in [
            (VERIFY, through(VERIFY)),
            (TURN, through(TURN)),
            (CHECK, through(CHECK)),
            (ENDPOINT, through(ENDPOINT)),
        ]
    ),
    Path(
        "the model's refusal rides in the config's verdict",
        REJECTED,
        [*through(CHECK), CLOSE],
        {MODEL: [a(Answer.REFUSED)], CHECK: [a(Answer.REFUSED)]},
    ),
    Path(
        "the config's refusal rides in the endpoint's verdict",
        REJECTED,
        [*through(ENDPOINT), CLOSE],
        {CONFIG: [a(Answer.REFUSED)], ENDPOINT: [a(Answer.REFUSED)]},
    ),
]

HOT_PATHS = [
    Path("smoke fails in the bake", ROLLED_BACK, [*through(SMOKE), *HOT], {SERVE: [BAKING], SMOKE: [a(Answer.FAILED)]}),
    Path(
        "smoke is inconclusive in the bake",
        ROLLED_BACK,
        [*through(SMOKE), *HOT],
        {SERVE: [BAKING], SMOKE: [a(Answer.INCONCLUSIVE)]},
    ),
    Path(
        "an alarm rings in the bake",
        ROLLED_BACK,
        [*through(WATCH), *HOT],
        {SERVE: [BAKING], WATCH: [a(Answer.RINGING)]},
    ),
    Path("no data in the bake", ROLLED_BACK, [*through(WATCH), *HOT], {SERVE: [BAKING], WATCH: [a(Answer.NO_DATA)]}),
    Path(
        "SageMaker rolled back during the wait",
        ROLLED_BACK,
        [*through(SERVE), CLOSE],
        {SERVE: [a(Answer.ROLLED_BACK)]},
    ),
    Path(
        "SageMaker rolled back during the watch",
        ROLLED_BACK,
        [*through(WATCH), CLOSE],
        {SERVE: [BAKING], WATCH: [a(Answer.ROLLED_BACK)]},
    ),
    Path(
        "the veto came too late",
        ROLLED_BACK,
        [*through(SMOKE), VETO, BACK, UNDO, BACK, CLOSE],
        {SERVE: [BAKING], SMOKE: [a(Answer.FAILED)], BACK: [a(Answer.IN_SERVICE), a(Answer.ROLLED_BACK)]},
    ),
    Path(
        "the bake ended during the watch, so a ringing alarm is undone cold",
        ROLLED_BACK,
        [*through(WATCH), WATCH, *COLD],
        {SERVE: [BAKING], WATCH: [says(Answer.LOOK, baking=False), a(Answer.RINGING)]},
    ),
]

COLD_PATHS = [
    Path("the endpoint fails", ROLLED_BACK, [*through(SERVE), *COLD], {SERVE: [a(Answer.FAILED)]}),
    Path("smoke fails after the bake", ROLLED_BACK, [*through(SMOKE), *COLD], {SMOKE: [a(Answer.FAILED)]}),
    Path("an alarm rings after the bake", ROLLED_BACK, [*through(WATCH), *COLD], {WATCH: [a(Answer.RINGING)]}),
    Path("the last check says no", ROLLED_BACK, [*through(PROMOTE), *COLD], {PROMOTE: [a(Answer.NOT_LIVE)]}),
    Path(
        "a first-ever endpoint is removed",
        ROLLED_BACK,
        [*through(SMOKE), UNDO, BACK, BACK, CLOSE],
        {SMOKE: [a(Answer.FAILED)], UNDO: [a(Answer.REMOVING)], BACK: [LOOK, a(Answer.GONE)]},
    ),
    Path(
        "a deployment under way is vetoed, as it refuses an update",
        ROLLED_BACK,
        [*through(PROMOTE), UNDO, *HOT],
        {PROMOTE: [a(Answer.NOT_LIVE)], UNDO: [a(Answer.IN_DEPLOYMENT)]},
    ),
    Path(
        "the rollback takes a few re-checks",
        ROLLED_BACK,
        [*through(SMOKE), UNDO, BACK, BACK, BACK, CLOSE],
        {SMOKE: [a(Answer.FAILED)], BACK: [TIMEOUT, LOOK, a(Answer.ROLLED_BACK)]},
    ),
]

AGREED = [*through(CHECK), APPROVAL, CONFIG, ENDPOINT, SERVE, SMOKE, WATCH]

APPROVAL_PATHS = [
    Path("a human agrees before the endpoint is touched", LIVE, [*AGREED, PROMOTE, CLOSE], {CHECK: [ASKED]}),
    Path("a human agrees before it is called live", LIVE, [*through(WATCH), FINAL, PROMOTE, CLOSE], {WATCH: [HELD]}),
    Path(
        "a human is waited for twice: the watch saw no request",
        LIVE,
        [*AGREED, FINAL, PROMOTE, CLOSE],
        {CHECK: [ASKED], WATCH: [HELD]},
    ),
    Path(
        "a human takes a while",
        LIVE,
        [*through(CHECK), APPROVAL, APPROVAL, APPROVAL, *AGREED[-5:], FINAL, FINAL, FINAL, PROMOTE, CLOSE],
        {
            CHECK: [ASKED],
            APPROVAL: [TIMEOUT, LOOK, a(Answer.APPROVED)],
            WATCH: [HELD],
            FINAL: [LOOK, TIMEOUT, a(Answer.APPROVED)],
        },
    ),
    *(
        Path(f"before anything is touched {answer} ends the wait", end, [*through(CHECK), APPROVAL, CLOSE],
             {CHECK: [ASKED], APPROVAL: [a(answer)]})
        for answer, end in [
            (Answer.REFUSED, REJECTED),
            (Answer.SUPERSEDED, "Release Was Superseded"),
            (Answer.UNCHANGED, "Release Is Unchanged"),
        ]
    ),
    *(
        Path(f"{answer} while the new fleet waits for its approval is undone", ROLLED_BACK,
             [*through(WATCH), FINAL, *COLD], {WATCH: [HELD], FINAL: [a(answer)]})
        for answer in (Answer.REFUSED, Answer.RINGING, Answer.FAILED, Answer.STUCK)
    ),
    *(
        Path(f"{answer} while the new fleet waits for its approval is closed", end,
             [*through(WATCH), FINAL, CLOSE], {WATCH: [HELD], FINAL: [a(answer)]})
        for answer, end in [(Answer.ROLLED_BACK, ROLLED_BACK), (Answer.FOREIGN, NEEDS_HUMAN)]
    ),
]  # fmt: skip

HUMAN_PATHS = [
    Path("somebody else changed the endpoint", NEEDS_HUMAN, [*through(SERVE), CLOSE], {SERVE: [a(Answer.FOREIGN)]}),
    Path("somebody else removed the endpoint", NEEDS_HUMAN, [*through(SERVE), CLOSE], {SERVE: [a(Answer.GONE)]}),
    Path("the endpoint is stuck", NEEDS_HUMAN, [*through(SERVE), CLOSE], {SERVE: [a(Answer.STUCK)]}),
    Path(
        "somebody else changed the endpoint during the watch",
        NEEDS_HUMAN,
        [*through(WATCH), CLOSE],
        {SERVE: [BAKING], WATCH: [a(Answer.FOREIGN)]},
    ),
    Path(
        "nothing can be undone", NEEDS_HUMAN, [*through(SERVE), UNDO, CLOSE],
        {SERVE: [a(Answer.FAILED)], UNDO: [a(Answer.IMPOSSIBLE)]},
    ),
    Path(
        "the rollback itself is stuck",
        NEEDS_HUMAN,
        [*through(SERVE), *COLD],
        {SERVE: [a(Answer.FAILED)], BACK: [a(Answer.STUCK)]},
    ),
]  # fmt: skip

REQUESTED_PATHS = [
    Path(
        f"a {answer} goes back",
        ROLLED_BACK,
        [READ, TURN, *COLD],
        {READ: [reads(answer)]},
    )
    for answer in (Answer.ROLLBACK, Answer.RECOVER)
] + [
    Path(
        f"a recovery finds {answer}",
        end,
        [READ, TURN, UNDO, CLOSE],
        {READ: [reads(Answer.RECOVER)], UNDO: [a(answer)]},
    )
    for answer, end in [
        (Answer.NOTHING_TO_UNDO, REJECTED),
        (Answer.FORWARD_ONLY, LIVE),
        (Answer.IMPOSSIBLE, NEEDS_HUMAN),
    ]
]

PATHS = FORWARD_PATHS + REFUSED_PATHS + HOT_PATHS + COLD_PATHS + APPROVAL_PATHS + HUMAN_PATHS + REQUESTED_PATHS
