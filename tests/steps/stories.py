"""A release on the bench, step by step, as the machine takes it when all goes well."""

import json
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

from slipway.release.approval import GATES
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.steps.close_release import close_release
from slipway.steps.create_config import create_config
from slipway.steps.create_endpoint import create_endpoint
from slipway.steps.create_model import create_model
from slipway.steps.promote_release import promote_release
from slipway.steps.roll_back_release import roll_back_release
from slipway.steps.run_smoke_invocations import run_smoke_invocations
from slipway.steps.verify_artifact import verify_artifact
from slipway.steps.verify_config import verify_config
from slipway.steps.veto_deployment import veto_deployment
from slipway.steps.wait_for_approval import wait_for_approval
from slipway.steps.wait_for_endpoint import wait_for_endpoint
from slipway.steps.wait_for_turn import wait_for_turn
from slipway.steps.watch_alarms import watch_alarms
from tests.fakes.tools import BUCKET, Bench, FakeTools, archive, drop_event

STEPS: dict[Phase, Callable[..., Verdict | None]] = {
    Phase.VERIFY_ARTIFACT: verify_artifact,
    Phase.WAIT_FOR_TURN: wait_for_turn,
    Phase.CREATE_MODEL: create_model,
    Phase.VERIFY_CONFIG: verify_config,
    Phase.WAIT_FOR_APPROVAL: wait_for_approval,
    Phase.CREATE_CONFIG: create_config,
    Phase.CREATE_ENDPOINT: create_endpoint,
    Phase.WAIT_FOR_IN_SERVICE: wait_for_endpoint,
    Phase.RUN_SMOKE_INVOCATIONS: run_smoke_invocations,
    Phase.WATCH_ALARMS: watch_alarms,
    Phase.WAIT_FOR_FINAL_APPROVAL: wait_for_approval,
    Phase.VETO_DEPLOYMENT: veto_deployment,
    Phase.PROMOTE_RELEASE: promote_release,
    Phase.ROLL_BACK_RELEASE: roll_back_release,
    Phase.WAIT_FOR_ROLLBACK: wait_for_endpoint,
    Phase.CLOSE_RELEASE: close_release,
}

SMOKE = {"name": "one row", "json": [[1, 2]], "expect": {"json": {"ok": True}}}
MODEL = archive(model_joblib="v1", code__inference_py="def model_fn(path): return 1\n")


class Story(Bench):
    """One release of endpoint `churn`, told phase by phase."""

    def drop(
        self, version: str = "1", spec: dict[str, Any] | None = None, body: bytes = MODEL, asked_by: str = ""
    ) -> Verdict:
        """Drop a spec (if any) and an artifact, and read the event of the artifact."""
        folder = f"models/churn/{version}"
        if spec is not None:
            self.tools.artifacts.drop(BUCKET, f"{folder}/release.json", json.dumps(spec).encode())
        ref = self.tools.artifacts.drop(BUCKET, f"{folder}/model.tar.gz", body, asked_by)
        return self.read(drop_event(ref.key, ref.version))

    def step(self, phase: Phase, **asked: Any) -> Verdict | None:
        """Run one step."""
        return self.run(STEPS[phase], phase, **asked)

    def through(self, last: Phase) -> Verdict | None:
        """Run the straight way up to and including a phase; the endpoint stands still."""
        verdict = None
        for phase in list(STEPS)[: list(STEPS).index(last) + 1]:
            if phase not in (*GATES, Phase.VETO_DEPLOYMENT, Phase.ROLL_BACK_RELEASE, Phase.WAIT_FOR_ROLLBACK):
                verdict = self.step(phase)
        return verdict

    def start(self, **dropped: Any) -> None:
        """Drop, and go on until the endpoint is asked to change."""
        self.drop(**dropped)
        self.through(Phase.CREATE_ENDPOINT)

    def finish(self) -> Verdict | None:
        """From an endpoint in service on, go the straight way to the end."""
        for phase in (Phase.WAIT_FOR_IN_SERVICE, Phase.RUN_SMOKE_INVOCATIONS, Phase.WATCH_ALARMS):
            self.step(phase)
        self.step(Phase.PROMOTE_RELEASE)
        return self.step(Phase.CLOSE_RELEASE)

    def answer(self, phase: Phase) -> Answer | None:
        """What a phase answered, as the ledger tells it."""
        return self.release.answer(phase)


def a_live_endpoint(tools: FakeTools | None = None, spec: dict[str, Any] | None = None) -> Story:
    """Release version 1 of `churn` to the end; in a world of its own it is told once, and copied."""
    if tools is None:
        told: Story = pickle.loads(_a_live_endpoint(json.dumps(spec)))  # noqa: S301 — what this process has packed
        return told
    return _to_the_end(Story(tools), spec)


@cache
def _a_live_endpoint(spec: str) -> bytes:
    return pickle.dumps(_to_the_end(Story(), json.loads(spec)))


def _to_the_end(story: Story, spec: dict[str, Any] | None) -> Story:
    story.start(spec=spec)
    story.tools.hosting.settle("churn")
    story.finish()
    return story


def an_update_that_bakes(spec: dict[str, Any] | None = None) -> Story:
    """Release version 2 over a live version 1, up to the moment when the new fleet has all traffic; told once too."""
    told: Story = pickle.loads(_an_update_that_bakes(json.dumps(spec)))  # noqa: S301 — what this process has packed
    return told


@cache
def _an_update_that_bakes(spec: str) -> bytes:
    story = Story(a_live_endpoint(spec={"smoke": [SMOKE]}).tools, "execution-2")
    story.tools.clock.advance(60)
    story.start(version="2", spec={"smoke": [SMOKE], **(json.loads(spec) or {})}, body=archive(model_joblib="v2"))
    story.tools.hosting.bake("churn")
    return pickle.dumps(story)
