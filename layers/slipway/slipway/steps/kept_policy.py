"""The policy that Read the Release wrote down, for the steps after it: one release is held to one version of it."""

from datetime import datetime
from typing import Any

from slipway.intake.freezes import Freeze, freeze_findings
from slipway.intake.policy_rules import Pickles, Policy, stricter
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Finding


def about_pickles(release: Release, stack: Policy) -> Policy:
    """Give the stricter of the stack's rule and the document's."""
    kept = _kept(release)
    if not kept:
        return stack
    return stricter(stack, Policy(pickles=Pickles(kept["pickles"]), document=kept["name"]))


def signature_required(release: Release) -> bool:
    """Whether the artifact must be signed."""
    return bool(_kept(release).get("signature_required"))


def still_frozen(release: Release, now: datetime) -> list[Finding]:
    """Refuse a release that came to its turn in a freeze that began while it waited."""
    kept = _kept(release)
    freezes = [Freeze(**{**freeze, "days": tuple(freeze["days"])}) for freeze in kept.get("freezes", [])]
    return freeze_findings(freezes, now, kept.get("name", ""))


def _kept(release: Release) -> dict[str, Any]:
    return dict(release.fact(Phase.READ_RELEASE, "policy", {}))
