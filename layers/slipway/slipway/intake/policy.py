"""What this installation allows, however well-formed a spec is. Each refusal names the rule."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from slipway.intake.environment_policy import environment_refusals, forbidden_places
from slipway.intake.names import readable
from slipway.intake.policy_rules import Pickles, Policy
from slipway.release.approval_spec import Approval
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Finding
from slipway.release.vpc_spec import Vpc

_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r":[^:/@]*\Z|@.*\Z")


def refusals(spec: ReleaseSpec, *policies: Policy) -> list[Finding]:
    """Tell everything in a spec that is not allowed; each of the policies has to allow it."""
    serve, most, found = spec.serve, _largest(spec), list[Finding]()
    for policy in policies:
        found += [*_endpoint(spec.endpoint, policy), *_images(serve, policy), *_fleet(serve, most, policy)]
        found += [*_cost(serve, most, policy), *_forbidden(serve, policy), *_approval(spec.approval, policy)]
        found += _vpc(serve.vpc, policy)
    lifted = frozenset[str]().union(*(policy.allowed_environment for policy in policies))
    return [*found, *environment_refusals(serve, lifted)]


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


def _largest(spec: ReleaseSpec) -> tuple[int, str]:
    """Give the most instances that a spec can bring about, and the key that says so."""
    begins, scaled = spec.serve.instances, spec.autoscaling.max_capacity or 0
    return (scaled, "autoscaling.max_capacity") if scaled > begins else (begins, "serve.instance_count")


def _fleet(serve: Serve, most: tuple[int, str], policy: Policy) -> Iterator[Finding]:
    kinds, cap = policy.allowed_instance_types, policy.instance_count_cap
    if kinds and not is_among(serve.kind, kinds):
        what = f"{readable(serve.kind, 60)} is not allowed here, only {_listed(kinds)}."
        step = "Use one of these"
        yield _refused(policy, "POLICY_INSTANCE_TYPE", what, step, "AllowedInstanceTypes", _kind_key(serve))
    if most[0] > cap:
        what = f"{most[0]} instances are more than the {cap} that are allowed here."
        yield _refused(policy, "POLICY_INSTANCE_COUNT", what, "Ask for fewer", "MaxInstances", most[1])
    if policy.network_isolation_required and not serve.network_isolation:
        what, step = "Here every container must be cut off from the network.", "Leave network_isolation out"
        where = "serve.network_isolation"
        yield _refused(policy, "POLICY_NETWORK_ISOLATION", what, step, "NetworkIsolationRequired", where)


def _cost(serve: Serve, most: tuple[int, str], policy: Policy) -> Iterator[Finding]:
    """Hold the fleet, as large as it may become, to the ceiling; what nobody priced is not free.

    Without instances the price is that of a GB and hour, and all containers that there may be are taken to be busy.
    """
    if policy.cost_ceiling is None:
        return
    price, kind, units = policy.prices.get(serve.kind), readable(serve.kind, 60), float(most[0])
    if serve.serverless:
        units, kind = serve.serverless.most_gigabytes, "GB serverless"
    if price is None:
        what = f"There is a ceiling on what a fleet may cost, and no price is known for {kind}."
        step = "Use an instance type that has a price"
        yield _refused(policy, "POLICY_PRICE_UNKNOWN", what, step, "cost.per_instance_hour", _kind_key(serve))
    elif round(price * units, 6) > policy.cost_ceiling:
        cost = f"{units:g} x {kind} cost {price * units:g} an hour"
        what = f"{cost}, more than the {policy.cost_ceiling:g} that are allowed here."
        step = "Ask for fewer or cheaper ones"
        where = "serve.serverless.max_concurrency" if serve.serverless else most[1]
        yield _refused(policy, "POLICY_COST", what, step, "cost.most_per_hour", where)


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
