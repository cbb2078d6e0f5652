"""The rules of an installation, as the stack's parameters or a document give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from slipway.intake.vpc_policy import VpcRules

_KEYS = {
    "AllowedImages": "images.allowed",
    "ImageDigestRequired": "images.digest_required",
    "AllowedInstanceTypes": "instances.allowed",
    "MaxInstances": "instances.most",
    "NetworkIsolationRequired": "network_isolation_required",
    "Pickles": "pickles",
}
"""What a rule is called in a document, by the stack's parameter that sets the same one."""


class Pickles(StrEnum):
    """What is done about files that run code when they are loaded, the most lenient first."""

    ALLOW = "allow"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Policy:
    """Rules from one source: the stack's parameters, or a document. An empty rule allows everything."""

    allowed_images: tuple[str, ...] = ()
    """Repositories that images may come from, `*` standing for anything (AllowedImages)."""
    image_digest_required: bool = False
    """Whether an image must be named by its digest (ImageDigestRequired)."""
    allowed_instance_types: tuple[str, ...] = ()
    """Instance types, `*` standing for anything (AllowedInstanceTypes)."""
    instance_count_cap: int = 10
    """Instances that one release may ask for (MaxInstances)."""
    endpoint_prefix: str = ""
    """How the names of endpoints begin (EndpointPrefix)."""
    network_isolation_required: bool = False
    """Whether every container must be cut off from the network (NetworkIsolationRequired)."""
    approval_required: str = "never"
    """Before what every release must wait for a human: never, update or promotion (ApprovalRequired)."""
    approval_by_another: bool = False
    """Whether that human must be another than who asked for the release (ApprovalByAnother)."""
    vpc: VpcRules = field(default_factory=VpcRules)
    """Which VPCs specs may name (ModelsInVpc)."""
    pickles: Pickles = Pickles.ALLOW
    """What is done about files that run code when they are loaded (Pickles)."""
    allowed_environment: frozenset[str] = frozenset()
    """Names of variables allowed although Slipway would refuse them."""
    forbidden_environment: tuple[str, ...] = ()
    """Names of variables refused although Slipway would allow them, `*` standing for anything."""
    cost_ceiling: float | None = None
    """What the instances of one fleet may cost in an hour."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """Price of an instance and hour, by instance type."""
    document: str = ""
    """The document that these rules stand in; empty for the stack's parameters."""

    def rule(self, parameter: str) -> str:
        """Say what a rule is called, for those who would have it changed."""
        if self.document:
            return f"`{_KEYS.get(parameter, parameter)}` of {self.document}"
        return f"the stack's parameter {parameter}"


def stricter(one: Policy, other: Policy) -> Policy:
    """Give the one that is stricter about pickles, the first if they agree."""
    ranks = list(Pickles)
    return other if ranks.index(other.pickles) > ranks.index(one.pickles) else one
