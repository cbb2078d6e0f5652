"""The five acts of the demo: what is dropped, and how it must end."""

import json
from dataclasses import dataclass, field
from typing import Any

from examples.demo_cloud import Stage
from examples.demo_traffic import CLIENTS, Tally, Traffic, ask
from slipway.release.release import ObjectRef, Release
from slipway.release.verdicts import Outcome
from slipway_cli.errors import CommandError
from slipway_cli.following import START_SECONDS, follow, wait_for
from slipway_cli.looking import started_by
from slipway_cli.screen import Screen

ENDPOINT = "churn"
FOLLOW_SECONDS = 60


@dataclass(frozen=True)
class Act:
    """One model that is dropped."""

    version: str
    example: str
    title: str
    expected: Outcome
    may_fail: bool = False
    """Whether clients may see the new model's errors before it is taken back."""


@dataclass(frozen=True)
class Ending:
    """How an act went."""

    act: Act
    release: Release
    faults: list[str] = field(default_factory=list)
    """What was not as it must be; empty when all was."""


ACTS = (
    Act("v1", "good", "The first model is dropped in the bucket.", Outcome.LIVE),
    Act("v2", "better", "A better one replaces it while clients keep asking.", Outcome.LIVE),
    Act("v3", "wrong-answers", "This one gives wrong answers.", Outcome.ROLLED_BACK),
    Act(
        "v4",
        "failing-under-traffic",
        "This one passes its own checks, but fails on what real clients send.",
        Outcome.ROLLED_BACK,
        may_fail=True,
    ),
    Act("v5", "not-an-archive", "This one is no model archive at all.", Outcome.REJECTED),
)


def play(stage: Stage, screen: Screen) -> list[Ending]:
    """Play all acts, with clients on the endpoint from the second to the fourth."""
    first, *middle, last = ACTS
    endings = [judge(first, drop_and_follow(stage, screen, first))]
    client = stage.client("sagemaker-runtime")
    screen.say(f"A client asks for a prediction: {_prediction(stage, client)}", "bold")
    rows = stage.examples[first.example] / "traffic.json"
    with Traffic([stage.client("sagemaker-runtime") for _ in range(CLIENTS)], ENDPOINT, rows).flowing() as traffic:
        endings += [_with_clients(stage, screen, act, traffic) for act in middle]
    screen.say(f"The client still gets its prediction: {_prediction(stage, client)}", "bold")
    return [*endings, _untouched(stage, screen, last)]


def drop_and_follow(stage: Stage, screen: Screen, act: Act) -> Release:
    """Drop a model and what is expected of it with plain boto3, and follow the release."""
    screen.say("")
    screen.say(f"{act.version}  {act.title}", "bold cyan")
    s3, folder = stage.client("s3"), stage.examples[act.example]
    key = f"models/{ENDPOINT}/{act.version}"
    s3.put_object(Bucket=stage.bucket, Key=f"{key}/release.yaml", Body=(folder / "release.yaml").read_bytes())
    body = (folder / "model.tar.gz").read_bytes()
    put = s3.put_object(Bucket=stage.bucket, Key=f"{key}/model.tar.gz", Body=body)
    ref = ObjectRef(stage.bucket, f"{key}/model.tar.gz", put["VersionId"])
    ledger = stage.desk.ledger
    begun = wait_for(stage.desk, lambda: started_by(ledger, ledger.claims(ref)), START_SECONDS)
    if begun is None:
        raise CommandError(f"The drop of {act.version} became no release within {START_SECONDS} s.")
    ended = follow(stage.desk, screen, begun.id, FOLLOW_SECONDS)
    right = ended.outcome is act.expected
    screen.say(f"→ {ended.outcome}: {ended.reason}", "bold green" if right else "bold red")
    return ended


def _with_clients(stage: Stage, screen: Screen, act: Act, traffic: Traffic) -> Ending:
    before = traffic.tally()
    ended = drop_and_follow(stage, screen, act)
    seen = traffic.tally().since(before)
    screen.say(f"  clients meanwhile: {_tally_text(seen)}", "bold")
    return judge(act, ended, seen)


def _untouched(stage: Stage, screen: Screen, act: Act) -> Ending:
    """Play an act that must not reach SageMaker at all."""
    with stage.counting_calls() as calls:
        ended = drop_and_follow(stage, screen, act)
        made = calls()
    screen.say(f"  calls to SageMaker: {made}", "bold")
    ending = judge(act, ended)
    return Ending(act, ended, [*ending.faults, *([f"SageMaker was called {made} times"] if made else [])])


def judge(act: Act, ended: Release, seen: Tally | None = None) -> Ending:
    """Compare an act's end with what must come of it.

    Args:
        act: what was dropped.
        ended: how its release ended.
        seen: how clients fared meanwhile; None where there were none.
    """
    faults = []
    if ended.outcome is not act.expected:
        faults.append(f"expected {act.expected}, got {ended.outcome}")
    if seen and not seen.answered:
        faults.append("no client got an answer")
    if seen and seen.lost:
        faults.append(f"{seen.lost} requests were lost")
    if seen and seen.failed and not act.may_fail:
        faults.append(f"{seen.failed} requests failed")
    return Ending(act, ended, faults)


def _prediction(stage: Stage, client: Any) -> str:
    rows = json.loads((stage.examples["good"] / "traffic.json").read_text())
    said = ask(client, ENDPOINT, rows["requests"][0])
    return f"{said['label']}, probability {said['probability']:.3f}; the tumour was {rows['truth'][0]}"


def _tally_text(seen: Tally) -> str:
    share = f", {seen.right / seen.answered:.1%} of them right" if seen.answered else ""
    errors = f"; {seen.failed} got an error from the new model" if seen.failed else ""
    return f"{seen.sent} requests, {seen.answered} answered{share}{errors}; {seen.lost} lost"
