"""Verify the Config: would SageMaker and the guards accept this? Every finding, before anything costs money."""

from dataclasses import dataclass
from typing import Any

from slipway.exchanges import Item
from slipway.judging.alarms import PERIOD_SECONDS, preflight_findings
from slipway.release.naming import VARIANT, config_name
from slipway.release.phases import Phase
from slipway.release.release import Live, Release
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import carried_over
from slipway.rollout.guardrails import rollout_findings
from slipway.steps.work import Work


@dataclass(frozen=True)
class Ground:
    """What the release finds at its endpoint."""

    described: Item | None
    live: Live | None

    @property
    def status(self) -> str:
        """Status of the endpoint, empty when there is none."""
        return self.described["EndpointStatus"] if self.described else ""

    @property
    def config(self) -> str:
        """The config that the endpoint has."""
        return str(self.described.get("EndpointConfigName", "")) if self.described else ""

    @property
    def mode(self) -> str:
        """How the release gets on: create the endpoint, update it, or remove a Failed one first."""
        if self.described is None:
            return "create"
        return "replace" if self.status == "Failed" else "update"


def verify_config(work: Work) -> Verdict:
    """Answer ACCEPTABLE with what was found at the endpoint, UNCHANGED, or REFUSED with every finding."""
    release, ledger = work.release, work.tools.ledger
    if release.answer(Phase.CREATE_MODEL) is Answer.REFUSED:
        return refused(*release.phases[Phase.CREATE_MODEL].findings)
    described = work.tools.hosting.describe_endpoint(release.endpoint)
    ground = Ground(described, ledger.live(release.endpoint))
    if _is_unchanged(release, ground):
        return Verdict(
            Answer.UNCHANGED, f"release {ground.live.release} serves exactly this already" if ground.live else ""
        )
    serving = work.tools.hosting.describe_config(ground.config) if ground.mode == "update" else None
    findings = [*_endpoint_findings(work, ground, serving), *_alarm_findings(work), *_rollout_findings(release, ground)]
    if findings:
        return refused(*findings)
    return Verdict(Answer.ACCEPTABLE, f"the endpoint will be {ground.mode}d", facts=_facts(ground, serving))


def _facts(ground: Ground, serving: Item | None) -> dict[str, Any]:
    modified = ground.described["LastModifiedTime"].isoformat() if ground.described else ""
    before = ground.config if ground.mode == "update" else ""
    return {"mode": ground.mode, "before": before, "modified": modified, "carried": carried_over(serving)}


def _is_unchanged(release: Release, ground: Ground) -> bool:
    live = ground.live
    return (
        live is not None
        and ground.status == "InService"
        and ground.config == live.config
        and live.digest == release.fact(Phase.VERIFY_ARTIFACT, "digest")
        and live.spec_hash == release.fact(Phase.READ_RELEASE, "spec_hash")
    )


def _endpoint_findings(work: Work, ground: Ground, serving: Item | None) -> list[Finding]:
    where = f"endpoint {work.release.endpoint}"
    if ground.mode == "create":
        return []
    if ground.status not in ("InService", "Failed"):
        message = f"The endpoint is {ground.status}, so it cannot be updated now."
        return [Finding("ENDPOINT_BUSY", message, "Wait until it is InService, then drop again.", where)]
    if not _is_ours(work, ground):
        message = f"The endpoint has the config {ground.config!r}, which no release of Slipway put there."
        return [Finding("ENDPOINT_FOREIGN", message, "Use another endpoint name, or delete the endpoint.", where)]
    names = [variant["VariantName"] for variant in (serving or {}).get("ProductionVariants", [])]
    if ground.mode == "update" and names != [VARIANT]:
        message = f"The endpoint's variants are {names}; another variant name silently switches SageMaker's guards off."
        return [Finding("VARIANT_CHANGED", message, "Use another endpoint name.", where)]
    return []


def _is_ours(work: Work, ground: Ground) -> bool:
    """Whether a release of Slipway put this config there: the live one, or one of the latest that failed."""
    if ground.live is not None and ground.config == ground.live.config:
        return True
    past = work.tools.ledger.history(work.release.endpoint)
    return ground.mode == "replace" and ground.config in {
        config_name(work.release.endpoint, line["release"]) for line in past
    }


def _alarm_findings(work: Work) -> list[Finding]:
    names = work.release.wanted.alarms
    states = {name: facts.state for name, facts in work.tools.alarms.describe(names).items()} if names else {}
    return preflight_findings(names, states)


def _rollout_findings(release: Release, ground: Ground) -> list[Finding]:
    """Only an update bakes; the first release of an endpoint has no guardrail in SageMaker."""
    return rollout_findings(release.wanted.rollout, PERIOD_SECONDS) if ground.mode == "update" else []
