"""Which variables a container is never given: those by which somebody else's code or credentials would come in."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from slipway.release.serve_spec import Serve
from slipway.release.verdicts import Finding

_CREDENTIALS = "credentials come from the model's execution role and never stand in a spec"
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
    "AWS_ACCESS_KEY_ID": _CREDENTIALS,
    "AWS_SECRET_ACCESS_KEY": _CREDENTIALS,
    "AWS_SESSION_TOKEN": _CREDENTIALS,
    "AWS_CONTAINER_": _CREDENTIALS,
    "AWS_PROFILE": _CREDENTIALS,
    "AWS_ROLE_ARN": _CREDENTIALS,
    "AWS_SHARED_CREDENTIALS_FILE": _CREDENTIALS,
    "AWS_CONFIG_FILE": _CREDENTIALS,
    "AWS_WEB_IDENTITY_TOKEN_FILE": _CREDENTIALS,
    "AWS_ENDPOINT_": "it sends calls to AWS somewhere else",
}
"""Names of variables that are refused, and why; a name that ends in _ stands for all that begin so."""

_MODEL_FOLDER = re.compile(r"/opt/ml/model(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*/?")
_PROGRAM = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./-]*\.py")
_SECRET = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}")


def environment_refusals(serve: Serve, allowed: frozenset[str]) -> Iterator[Finding]:
    """Refuse what Slipway itself refuses.

    Args:
        serve: with the variables.
        allowed: names that the policy allows all the same.
    """
    for where, key, value in _variables(serve):
        why = "" if key in allowed else _why_forbidden(key, value)
        if why:
            what = f"This variable is never allowed: {why}."
            yield Finding("POLICY_ENVIRONMENT", what, "Remove it; put what the model needs into the image.", where)
        if _SECRET.search(value):
            what = "The value looks like a secret, and everybody who may describe the model could read it."
            yield Finding("POLICY_SECRET", what, "Revoke it, and let the container fetch it from its role.", where)


def forbidden_places(serve: Serve, patterns: Sequence[str]) -> Iterator[str]:
    """Give the places of the variables that a policy never allows, whatever their case."""
    for where, key, _ in _variables(serve):
        if any(fnmatchcase(key.upper(), pattern.upper()) for pattern in patterns):
            yield where


def _variables(serve: Serve) -> Iterator[tuple[str, str, str]]:
    """Give every variable of every container: its place, its name and its value."""
    sections = {"serve": serve.environment}
    sections |= {f"serve.containers[{index}]": each.environment for index, each in enumerate(serve.containers)}
    for section, environment in sections.items():
        for key, value in environment.items():
            yield f"{section}.environment.{key[:80]}", key, value


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
