"""Which VPCs specs may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from slipway.intake.names import readable
from slipway.release.vpc_spec import Vpc


@dataclass(frozen=True)
class Broken:
    """A rule that a spec breaks."""

    what: str
    step: str
    rule: str
    where: str


@dataclass(frozen=True)
class VpcRules:
    """Rules from one source; an empty one allows everything."""

    possible: bool = True
    """Whether SageMaker may put models into a VPC (ModelsInVpc)."""
    required: bool = False
    """Whether a spec must name a VPC."""
    subnets: tuple[str, ...] = ()
    """Subnets that may be named, `*` standing for anything."""
    security_groups: tuple[str, ...] = ()
    """Security groups that may be named, `*` standing for anything."""

    def broken_by(self, vpc: Vpc) -> Iterator[Broken]:
        """Tell the rules that a spec breaks."""
        where = "serve.vpc.subnets"
        if vpc.subnets and not self.possible:
            yield Broken("Models cannot be in a VPC here.", "Leave it out", "ModelsInVpc", where)
        if self.required and not vpc.subnets:
            what, step = "Here every model is in a VPC that its spec names.", "Name subnets and security groups"
            yield Broken(what, step, "vpc.required", where)
        yield from _others("subnets", vpc.subnets, self.subnets)
        yield from _others("security_groups", vpc.security_groups, self.security_groups)


def _others(key: str, named: tuple[str, ...], allowed: tuple[str, ...]) -> Iterator[Broken]:
    for name in named if allowed else ():
        if not any(fnmatchcase(name, pattern) for pattern in allowed):
            what = f"{readable(name, 40)} is not allowed here, only {', '.join(allowed)[:300]}."
            yield Broken(what, "Use one of these", f"vpc.{key}", f"serve.vpc.{key}")
