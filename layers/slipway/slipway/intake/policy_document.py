"""The policy document: what an installation allows beyond the stack's parameters. Plain records, as those of a spec."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len, MaxLen

from slipway.intake.freezes import Freeze
from slipway.intake.policy_rules import Pickles, Policy
from slipway.intake.vpc_policy import VpcRules
from slipway.release.closed import Closed

Pattern = Annotated[str, Len(1, 300)]


@dataclass(frozen=True, kw_only=True)
class Images(Closed):
    """Which container images may serve."""

    allowed: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Repositories that images may come from, `*` standing for anything; none listed: any."""
    digest_required: bool = False
    """Whether an image must be named by its digest."""


@dataclass(frozen=True, kw_only=True)
class Instances(Closed):
    """Which fleets may be asked for."""

    allowed: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Instance types, `*` standing for anything, `serverless` for none of them; none listed: any."""
    most: Annotated[int, Ge(1), Le(100)] = 100
    """Instances that one release may ask for."""


@dataclass(frozen=True, kw_only=True)
class Cost(Closed):
    """What a fleet may cost. Slipway knows no prices: they stand here, in whatever currency you count."""

    most_per_hour: Annotated[float, Gt(0)] | None = None
    """What all instances of all variants may cost in an hour; during an update the old fleet runs besides."""
    per_instance_hour: Annotated[dict[str, Annotated[float, Ge(0)]], MaxLen(300)] = field(default_factory=dict)
    """Price of an instance and hour by instance type, of a GB and hour as `serverless`; under a ceiling, a type without
    a price is refused."""


@dataclass(frozen=True, kw_only=True)
class Environment(Closed):
    """Which variables a container may be given."""

    never: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Names of variables that are refused, `*` standing for anything, besides those that Slipway refuses itself."""
    allowed: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Exact names of variables that are allowed although Slipway would refuse them, such as `HTTPS_PROXY`."""


@dataclass(frozen=True, kw_only=True)
class Vpc(Closed):
    """Which private networks models are served in. It judges what specs name; a VPC that is kept was allowed before."""

    required: bool = False
    """Whether a spec, or a layer beneath it, must name a VPC."""
    subnets: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Subnets that may be named, `*` standing for anything; none listed: any."""
    security_groups: Annotated[tuple[Pattern, ...], MaxLen(50)] = ()
    """Security groups that may be named, `*` standing for anything; none listed: any."""


@dataclass(frozen=True, kw_only=True)
class Writer(Closed):
    """Who may release to which endpoints. Of several that match, any may allow it."""

    account: Pattern = "*"
    """The account (or AWS service) that S3 names as requester of an upload, or EventBridge as sender of a request."""
    by: Pattern = "*"
    """Who a request says it is from (`requested_by`): its own word, which nothing proves. Uploads say nothing here."""
    endpoints: Annotated[tuple[Pattern, ...], Len(1, 50)]
    """Names of the endpoints, `*` standing for anything."""


@dataclass(frozen=True, kw_only=True)
class PolicyDocument(Closed):
    """The whole document."""

    schema: Literal[1]
    """Version of this format; a document without it is not taken for a policy."""
    images: Images = field(default_factory=Images)
    instances: Instances = field(default_factory=Instances)
    cost: Cost = field(default_factory=Cost)
    network_isolation_required: bool = False
    """Whether every container must be cut off from the network; it is unless a spec asks for the network."""
    vpc: Vpc = field(default_factory=Vpc)
    environment: Environment = field(default_factory=Environment)
    pickles: Literal["allow", "warn", "refuse"] = "allow"
    """What is done about files that run code when they are loaded."""
    signature_required: bool = False
    """Whether an artifact must be signed by a key of the stack (parameter SigningKeys)."""
    writers: Annotated[tuple[Writer, ...], MaxLen(50)] = ()
    """Who may release to which endpoints; none listed: whoever may write there."""
    freezes: Annotated[tuple[Freeze, ...], MaxLen(50)] = ()
    """When nothing is released."""

    def rules(self, name: str) -> Policy:
        """Give the rules about a spec, as those of the stack's parameters are given.

        Args:
            name: what the document is called, for the refusals.
        """
        return Policy(
            allowed_images=self.images.allowed,
            image_digest_required=self.images.digest_required,
            allowed_instance_types=self.instances.allowed,
            instance_count_cap=self.instances.most,
            network_isolation_required=self.network_isolation_required,
            vpc=VpcRules(
                required=self.vpc.required, subnets=self.vpc.subnets, security_groups=self.vpc.security_groups
            ),
            pickles=Pickles(self.pickles),
            allowed_environment=frozenset(self.environment.allowed),
            forbidden_environment=self.environment.never,
            cost_ceiling=self.cost.most_per_hour,
            prices=self.cost.per_instance_hour,
            document=name,
        )
