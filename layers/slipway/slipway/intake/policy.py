"""What this installation allows, however well-formed a spec is. Each refusal names the rule."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from slipway.intake.names import readable
from slipway.release.spec import ReleaseSpec, Serve
from slipway.release.verdicts import Finding

_FORBIDDEN = {
    "LD_": "it makes every process of the container load other code than the image holds",
    "PYTHONPATH": "it makes Python import other modules than the checked ones",
    "PYTHONHOME": "it makes Python import other modules than the checked ones",
    "PYTHONSTARTUP": "it makes Python run code that nobody checked",
    "BASH_ENV": "it makes every shell of the container run a file first",
    "HTTP_PROXY": "it sends the container's traffic through somebody else",
    "HTTPS_PROXY": "it sends the container's traffic through somebody else",
    "ALL_PROXY": "it sends the container's traffic through somebody else",
    "REQUESTS_CA_BUNDLE": "it decides whom the container trusts",
    "CURL_CA_BUNDLE": "it decides whom the container trusts",
    "SSL_CERT_": "it decides whom the container trusts",
    "PIP_": "it lets the container install from a place that nobody checked",
    "AWS_ACCESS_KEY_ID": "credentials come from the model's execution role and never stand in a spec",
    "AWS_SECRET_ACCESS_KEY": "credentials come from the model's execution role and never stand in a spec",
    "AWS_SESSION_TOKEN": "credentials come from the model's execution role and never stand in a spec",
    "AWS_CONTAINER_": "credentials come from the model's execution role and never stand in a spec",
    "AWS_ENDPOINT_": "it sends calls to AWS somewhere else",
}
"""Names of variables that are refused, and why; a name that ends in _ stands for all that begin so."""

_MODEL_FOLDER = re.compile(r"/opt/ml/model(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*/?")
_PROGRAM = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./-]*\.py")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_TAG = re.compile(r":[^:/@]*\Z|@.*\Z")
_SECRET = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}")


class Pickles(StrEnum):
    """What is done about files that run code when they are loaded."""

    ALLOW = "allow"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Policy:
    """What is allowed here, from the stack's parameters; an empty rule allows everything."""

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
    pickles: Pickles = Pickles.ALLOW
    """What is done about files that run code when they are loaded (Pickles)."""
    allowed_environment: frozenset[str] = frozenset()
    """Names of variables allowed although Slipway would refuse them."""


def refusals(spec: ReleaseSpec, policy: Policy) -> list[Finding]:
    """Tell everything in a spec that the policy does not allow."""
    serve = spec.serve
    found = [*_endpoint(spec.endpoint, policy), *_image(serve.image, policy), *_fleet(serve, policy)]
    return [*found, *_environment(serve, policy)]


def pickle_findings(pickles: Sequence[str], policy: Policy) -> Iterator[Finding]:
    """Tell of the files of an archive that run code when they are loaded, unless the policy allows them."""
    if pickles and policy.pickles is not Pickles.ALLOW:
        what = f"Loading this file runs whatever code it holds, as {len(pickles)} of the archive do."
        step = (
            "Save the model in a format without code, such as safetensors or ONNX. The rule is the parameter Pickles."
        )
        yield Finding("POLICY_PICKLE", what, step, readable(pickles[0], 120))


def _endpoint(endpoint: str, policy: Policy) -> Iterator[Finding]:
    if not endpoint.startswith(policy.endpoint_prefix):
        what = f"Only endpoints that begin with {policy.endpoint_prefix} may be changed here."
        yield _refused("POLICY_ENDPOINT", what, "Use another name", "EndpointPrefix", "endpoint")


def _image(image: str, policy: Policy) -> Iterator[Finding]:
    digest = _DIGEST.search(image)
    repository = image[: digest.start()] if digest else _TAG.sub("", image)
    if policy.allowed_images and not _is_among(repository, policy.allowed_images):
        what = f"Images from {readable(repository, 200)} are not allowed here, only {_listed(policy.allowed_images)}."
        yield _refused("POLICY_IMAGE", what, "Use one of these", "AllowedImages", "serve.image")
    if policy.image_digest_required and not digest:
        what = "The image is named by a tag, behind which another image may stand tomorrow."
        yield _refused("POLICY_IMAGE_DIGEST", what, "Write <repository>@sha256:…", "ImageDigestRequired", "serve.image")


def _fleet(serve: Serve, policy: Policy) -> Iterator[Finding]:
    kinds, cap = policy.allowed_instance_types, policy.instance_count_cap
    if kinds and not _is_among(serve.instance_type, kinds):
        what = f"{readable(serve.instance_type, 60)} is not allowed here, only {_listed(kinds)}."
        step = "Use one of these"
        yield _refused("POLICY_INSTANCE_TYPE", what, step, "AllowedInstanceTypes", "serve.instance_type")
    if serve.instance_count > cap:
        what = f"{serve.instance_count} instances are more than the {cap} that are allowed here."
        yield _refused("POLICY_INSTANCE_COUNT", what, "Ask for fewer", "MaxInstances", "serve.instance_count")
    if policy.network_isolation_required and not serve.network_isolation:
        what = "Here every container must be cut off from the network."
        step = "Leave network_isolation out"
        yield _refused("POLICY_NETWORK_ISOLATION", what, step, "NetworkIsolationRequired", "serve.network_isolation")


def _is_among(value: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(patterns)[:300]


def _refused(code: str, what: str, step: str, rule: str, where: str) -> Finding:
    """Refuse by a rule, which is called like the stack's parameter that sets it."""
    return Finding(code, what, f"{step}, or have the rule changed: it is the stack's parameter {rule}.", where)


def _environment(serve: Serve, policy: Policy) -> Iterator[Finding]:
    for key, value in serve.environment.items():
        why = "" if key in policy.allowed_environment else _why_forbidden(key, value)
        where = f"serve.environment.{key[:80]}"
        if why:
            what = f"This variable is never allowed: {why}."
            yield Finding("POLICY_ENVIRONMENT", what, "Remove it; put what the model needs into the image.", where)
        if _SECRET.search(value):
            what = "The value looks like a secret, and everybody who may describe the model could read it."
            yield Finding("POLICY_SECRET", what, "Revoke it, and let the container fetch it from its role.", where)


def _why_forbidden(key: str, value: str) -> str:
    name = key.upper()
    for forbidden, why in _FORBIDDEN.items():
        if name == forbidden or (forbidden.endswith("_") and name.startswith(forbidden)):
            return why
    if name == "SAGEMAKER_SUBMIT_DIRECTORY" and (not _MODEL_FOLDER.fullmatch(value)):
        return "it makes the container run code from outside the verified archive (/opt/ml/model)"
    if name == "SAGEMAKER_PROGRAM" and (".." in value or not _PROGRAM.fullmatch(value)):
        return "it may only name a Python file within the archive"
    return ""
