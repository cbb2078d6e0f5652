"""Which private network a model is served in."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import MaxLen

from slipway.release.closed import Closed

Identifier = Annotated[str, MaxLen(32)]


@dataclass(frozen=True, kw_only=True)
class Vpc(Closed):
    """The VPC that the model's containers are in (CreateModel.VpcConfig); a spec that names none keeps the live one."""

    subnets: Annotated[tuple[Identifier, ...], MaxLen(16)] = ()
    """Subnets by id, of several Availability Zones, to survive the loss of one (VpcConfig.Subnets)."""
    security_groups: Annotated[tuple[Identifier, ...], MaxLen(5)] = ()
    """Security groups by id, of the VPC that the subnets are in (VpcConfig.SecurityGroupIds)."""
    keep: bool = True
    """Whether a spec without subnets keeps the VPC of the live model; false: it is in none."""

    def as_request(self) -> dict[str, Any]:
        """Give the VpcConfig that the spec names; empty where it names none."""
        if not self.subnets:
            return {}
        return {"SecurityGroupIds": list(self.security_groups), "Subnets": list(self.subnets)}


def vpc_from(item: dict[str, Any]) -> Vpc:
    """Read it back from its ledger form."""
    return Vpc(**{**item, "subnets": tuple(item["subnets"]), "security_groups": tuple(item["security_groups"])})
