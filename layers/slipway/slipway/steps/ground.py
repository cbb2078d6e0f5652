"""What a release finds at its endpoint: is it there, whose is it, how large is it?"""

from dataclasses import dataclass, replace
from typing import Any

from slipway.exchanges import Item
from slipway.release.release import Live
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding, Outcome
from slipway.rollout.carrying import carried_facts
from slipway.rollout.variants import Serving, variant_facts, variant_findings
from slipway.steps.busy import MOVING
from slipway.steps.missing import config_gone, is_stand_in, restoring, stand_in_for
from slipway.steps.past import has_been_live, maker_of
from slipway.steps.work import Work

MIXED = "UpdateRollbackFailed"
"""Status of an endpoint with old and new instances, which takes another update and nothing else (developer guide,
Rolling deployments)."""

FORWARD = "go forward with `slipway release … --force`"


@dataclass(frozen=True)
class Ground:
    """The endpoint as it is, its config, and what the ledger knows to be live on it."""

    described: Item | None
    serving: Item | None
    live: Live | None
    variants: tuple[Serving, ...] = ()
    """The variants that serve, where the release updates them."""
    maker: Item | None = None
    """Line of the history whose release made the config that serves, where that is not the live one."""

    @property
    def status(self) -> str:
        """Status of the endpoint, empty when there is none."""
        return self.described["EndpointStatus"] if self.described else ""

    @property
    def is_moving(self) -> bool:
        """Whether something changes it now, which ends by itself and which it has to be waited for."""
        return self.status in MOVING

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

    @property
    def made_by(self) -> str:
        """The release that made the config that serves; empty where none of Slipway's did."""
        return str(self.maker["release"]) if self.maker else self.live.release if self.live else ""

    @property
    def is_put_back(self) -> bool:
        """Whether somebody put an earlier live release back by hand: it is known to serve well."""
        return self.mode == "update" and self.maker is not None and has_been_live(self.maker)

    def facts(self, spec: ReleaseSpec) -> dict[str, Any]:
        """Give what later steps have to know.

        Args:
            spec: what is asked for.
        """
        modified = self.described["LastModifiedTime"].isoformat() if self.described else ""
        facts: dict[str, Any] = {"mode": self.mode, "before": "", "modified": modified, "carried": {}}
        if self.mode != "update":
            return {**facts, **instances_fact(spec)}
        return {
            **facts,
            "before": self.config,
            "live": self.live.release if self.live else "",
            **carried_facts(self.serving),
            "arn": self.described["EndpointArn"] if self.described else "",
            **variant_facts(self.variants, spec),
        }


def instances_fact(spec: ReleaseSpec) -> dict[str, Any]:
    """Give the instances that a spec asks for, by variant where there are several."""
    if not spec.variants:
        return {"instances": spec.serve.instances}
    return {"counts": {variant.name: variant.serve.instances for variant in spec.variants}}


def survey(work: Work) -> Ground:
    """Look at the release's endpoint."""
    endpoint, hosting = work.release.endpoint, work.tools.hosting
    seen = Ground(hosting.describe_endpoint(endpoint), None, work.tools.ledger.live(endpoint))
    if seen.live is None or seen.live.config != seen.config:
        seen = replace(seen, maker=maker_of(work.tools.ledger, endpoint, seen.config))
    if seen.mode != "update":
        return seen
    stand_in = stand_in_for(seen.described, work.release.wanted)
    seen = replace(seen, serving=hosting.describe_config(seen.config) or stand_in)
    return replace(seen, variants=_variants(work, seen))


def _variants(work: Work, seen: Ground) -> tuple[Serving, ...]:
    """Look at each variant that serves; that of an endpoint with one was asked for as its config says."""
    configured = (seen.serving or {}).get("ProductionVariants", [])
    described = {each["VariantName"]: each for each in (seen.described or {}).get("ProductionVariants") or []}
    asked = _asked(work, seen) if len(configured) > 1 else {}
    scaling, endpoint = work.tools.scaling, work.release.endpoint
    return tuple(
        Serving(each, described.get(name, {}), scaling.describe(endpoint, name), asked.get(name))
        for each in configured
        for name in [each["VariantName"]]
    )


def _asked(work: Work, seen: Ground) -> dict[str, int]:
    """Read how many instances of each variant the release asked for that made the config, if one of Slipway's did.

    The config itself holds what an update kept of several variants, of which one alone was resized.
    """
    spec = work.tools.ledger.release(seen.made_by).spec if seen.made_by else None
    return {each.name: each.serve.instances for each in spec.variants} if spec else {}


def is_ours(ground: Ground) -> bool:
    """Whether the config is that of the live release, or of one that may be removed or was put back by hand."""
    is_live = ground.live is not None and ground.config == ground.live.config
    return is_live or ground.is_put_back or (ground.mode == "replace" and ground.maker is not None)


def ground_findings(work: Work, ground: Ground) -> list[Finding]:
    """Tell why the endpoint, as it is, cannot be released to; what time may change is told when it stands still."""
    where = f"endpoint {work.release.endpoint}"
    if ground.mode == "create":
        return []
    force = work.release.wanted.force and ground.mode == "update"
    if ground.status == MIXED and not force:
        return [_frozen(work, where)]
    if ground.status not in ("InService", "Failed", MIXED, *MOVING):
        message = f"The endpoint is {ground.status}, so it cannot be updated now."
        return [Finding("ENDPOINT_BUSY", message, "Wait until it is InService, then drop again.", where)]
    if not (is_ours(ground) or may_adopt(work, ground) or ((force or ground.is_moving) and ground.maker is not None)):
        return [_not_ours(ground, where)]
    if ground.mode != "update" or ground.is_moving:
        return []
    if is_stand_in(ground.serving) and not (force and is_ours(ground) and restoring(work, ground.made_by)):
        return [config_gone(ground.config, where)]
    return list(variant_findings(ground.variants, work.release.wanted, where))


def _frozen(work: Work, where: str) -> Finding:
    live = work.tools.ledger.live(work.release.endpoint)
    back = f"Go back with `slipway rollback {live.endpoint} --to {live.release}`" if live else "Update it by hand"
    message = "An update failed and so did its rollback: old and new instances serve side by side."
    return Finding("ENDPOINT_FROZEN", message, f"{back}, or {FORWARD}.", where)


def _not_ours(ground: Ground, where: str) -> Finding:
    adopting = "set `adopt: true` in the spec to take it over with that config as its live release"
    if ground.maker is None:
        message = f"The endpoint has the config {ground.config!r}, which no release of Slipway put there."
        return Finding("ENDPOINT_FOREIGN", message, f"{adopting.capitalize()}, or use another name.", where)
    release, outcome = ground.maker["release"], ground.maker["outcome"]
    message = f"The endpoint has the config of release {release}, which ended {outcome} and is not known to serve well."
    step = f"Run `slipway recover {release}`" if outcome == Outcome.NEEDS_HUMAN else "Put back what is live"
    if ground.live is not None:
        step = f"{step} or `slipway rollback {ground.live.endpoint} --to {ground.live.release}`"
    return Finding("ENDPOINT_UNPROVEN", message, f"{step}, {FORWARD}, or {adopting}.", where)


def may_adopt(work: Work, ground: Ground) -> bool:
    """Whether the spec takes over an endpoint that serves."""
    return work.release.wanted.adopt and ground.mode == "update" and ground.status != MIXED
