"""What this installation allows, however well-formed a spec is. Each refusal names the rule."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from slipway.intake.environment_policy import environment_refusals, forbidden_places
from slipway.intake.names import readable
from slipway.intake.policy_rules import Pickles, Policy
from slipway.release.approval_spec import Approval
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding, placed
from slipway.release.vpc_spec import Vpc

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r":[^:/@]*\Z|@.*\Z")


def refusals(spec: ReleaseSpec, *policies: Policy) -> list[Finding]:
    """Tell everything in a spec that is not allowed; each of the policies has to allow it."""
    lifted = frozenset[str]().union(*(policy.allowed_environment for policy in policies))
    found = list[Finding]()
    for policy in policies:
        found += [*_endpoint(spec.endpoint, policy), *_approval(spec.approval, policy)]
        for where, serve in spec.served.items():
            own = (
                *_images(serve, policy),
                *_fleet(serve, policy),
                *_vpc(serve.vpc, policy),
                *_forbidden(serve, policy),
            )
            found += [placed(each, where) for each in own]
        found += [*_count(spec, policy), *_cost(spec, policy)]
    for where, serve in spec.served.items():
        found += [placed(each, where) for each in environment_refusals(serve, lifted)]
    return found


def pickle_findings(pickles: Sequence[str], policy: Policy) -> Iterator[Finding]:
    """Tell of the files of an archive that run code when they are loaded, unless the policy allows them."""
    if pickles and policy.pickles is not Pickles.ALLOW:
        what = f"Loading this file runs whatever code it holds, as {len(pickles)} of the archive do."
        step = "Save the model in a format without code, such as safetensors or ONNX."
        rule = f"The rule is {policy.rule('Pickles')}."
        yield Finding("POLICY_PICKLE", what, f"{step} {rule}", readable(pickles[0], 120))


def _endpoint(endpoint: str, policy: Policy) -> Iterator[Finding]:
    if not endpoint.startswith(policy.endpoint_prefix):
        what = f"Only endpoints that begin with {policy.endpoint_prefix} may be changed here."
        yield _refused(policy, "POLICY_ENDPOINT", what, "Use another name", "EndpointPrefix", "endpoint")


def _images(serve: Serve, policy: Policy) -> Iterator[Finding]:
    """Judge each image that something is served by, once; where all containers have their own, no other is."""
    places = {"serve.image": serve.image}
    if serve.containers:
        own = {f"serve.containers[{index}].image": each.image or "" for index, each in enumerate(serve.containers)}
        places = {where: image for where, image in own.items() if image != serve.image}
        places |= {"serve.image": serve.image} if len(places) < len(own) else {}
    for where, image in places.items():
        yield from _image(image, where, policy)


def _image(image: str, where: str, policy: Policy) -> Iterator[Finding]:
    digest = _DIGEST.search(image)
    repository = image[: digest.start()] if digest else _TAG.sub("", image)
    if policy.allowed_images and not is_among(repository, policy.allowed_images):
        what = f"Images from {readable(repository, 200)} are not allowed here, only {_listed(policy.allowed_images)}."
        yield _refused(policy, "POLICY_IMAGE", what, "Use one of these", "AllowedImages", where)
    if policy.image_digest_required and not digest:
        what, step = (
            "The image is named by a tag, behind which another image may stand tomorrow.",
            "Write <repository>@sha256:…",
        )
        yield _refused(policy, "POLICY_IMAGE_DIGEST", what, step, "ImageDigestRequired", where)


def _largest(spec: ReleaseSpec, serve: Serve) -> int:
    """Count the most instances that a spec can bring about of one variant."""
    return max(spec.autoscaling.max_capacity or 0, serve.instances)


def _key_of_count(spec: ReleaseSpec) -> str:
    """Name the key that says how many instances there may be."""
    scaled = (spec.autoscaling.max_capacity or 0) > max(serve.instances for serve in spec.served.values())
    where = "variants" if spec.variants else "serve.instance_count"
    return "autoscaling.max_capacity" if scaled else where


def _count(spec: ReleaseSpec, policy: Policy) -> Iterator[Finding]:
    most, cap = sum(_largest(spec, serve) for serve in spec.served.values()), policy.instance_count_cap
    if most > cap:
        what = f"{most} instances are more than the {cap} that are allowed here."
        yield _refused(policy, "POLICY_INSTANCE_COUNT", what, "Ask for fewer", "MaxInstances", _key_of_count(spec))


def _fleet(serve: Serve, policy: Policy) -> Iterator[Finding]:
    kinds = policy.allowed_instance_types
    if kinds and not is_among(serve.kind, kinds):
        what = f"{readable(serve.kind, 60)} is not allowed here, only {_listed(kinds)}."
        step = "Use one of these"
        yield _refused(policy, "POLICY_INSTANCE_TYPE", what, step, "AllowedInstanceTypes", _kind_key(serve))
    if policy.network_isolation_required and not serve.network_isolation:
        what, step = "Here every container must be cut off from the network.", "Leave network_isolation out"
        where = "serve.network_isolation"
        yield _refused(policy, "POLICY_NETWORK_ISOLATION", what, step, "NetworkIsolationRequired", where)


def _cost(spec: ReleaseSpec, policy: Policy) -> Iterator[Finding]:
    """Hold the fleet, all variants as large as they may become, to the ceiling; what nobody priced is not free.

    Without instances the price is that of a GB and hour, and all containers that there may be are taken to be busy.
    """
    if policy.cost_ceiling is None:
        return
    fleets = [_priced(where, serve, _largest(spec, serve), policy) for where, serve in spec.served.items()]
    for fleet in fleets:
        if fleet.price is None:
            what = f"There is a ceiling on what a fleet may cost, and no price is known for {fleet.kind}."
            step = "Use an instance type that has a price"
            yield _refused(policy, "POLICY_PRICE_UNKNOWN", what, step, "cost.per_instance_hour", fleet.where)
    total = sum((fleet.price or 0) * fleet.units for fleet in fleets)
    if all(fleet.price is not None for fleet in fleets) and round(total, 6) > policy.cost_ceiling:
        told = " and ".join(f"{fleet.units:g} x {fleet.kind}" for fleet in fleets)
        what = f"{told} cost {total:g} an hour, more than the {policy.cost_ceiling:g} that are allowed here."
        where = "serve.serverless.max_concurrency" if spec.serve.serverless else _key_of_count(spec)
        yield _refused(policy, "POLICY_COST", what, "Ask for fewer or cheaper ones", "cost.most_per_hour", where)


@dataclass(frozen=True)
class _Priced:
    """One variant's instances, or gigabytes, and what one of them costs in an hour; None where nobody knows."""

    where: str
    kind: str
    units: float
    price: float | None


def _priced(where: str, serve: Serve, most: int, policy: Policy) -> _Priced:
    price, place = policy.prices.get(serve.kind), where + _kind_key(serve).removeprefix("serve")
    if serve.serverless:
        return _Priced(place, "GB serverless", serve.serverless.most_gigabytes, price)
    return _Priced(place, readable(serve.kind, 60), float(most), price)


def _kind_key(serve: Serve) -> str:
    return "serve.serverless" if serve.serverless else "serve.instance_type"


def _forbidden(serve: Serve, policy: Policy) -> Iterator[Finding]:
    for where in forbidden_places(serve, policy.forbidden_environment):
        yield _refused(
            policy, "POLICY_ENVIRONMENT", "This variable is not allowed here.", "Remove it", "environment.never", where
        )


def _vpc(vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    for broken in policy.vpc.broken_by(vpc):
        yield _refused(policy, "POLICY_VPC", broken.what, broken.step, broken.rule, broken.where)


def _approval(asked: Approval, policy: Policy) -> Iterator[Finding]:
    wanted = policy.approval_required
    if wanted not in ("never", asked.before):
        what = f"Here every release waits for a human before its {wanted}, not {asked.before}."
        step = "Leave approval.before out"
        yield _refused(policy, "POLICY_APPROVAL", what, step, "ApprovalRequired", "approval.before")
    if policy.approval_by_another and not asked.by_another:
        what = "Here somebody else must approve a release than who asked for it."
        step = "Leave approval.by_another out"
        yield _refused(policy, "POLICY_APPROVAL_BY_ANOTHER", what, step, "ApprovalByAnother", "approval.by_another")


def is_among(value: str, patterns: Sequence[str]) -> bool:
    """Whether a value matches one of the patterns, in which `*` stands for anything."""
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(patterns)[:300]


def _refused(policy: Policy, code: str, what: str, step: str, rule: str, where: str) -> Finding:
    """Refuse by a rule, which is called like the stack's parameter or the document's key that sets it."""
    return Finding(code, what, f"{step}, or have the rule changed: it is {policy.rule(rule)}.", where)
