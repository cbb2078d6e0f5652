"""What helps where SageMaker refuses to make something: its code says whose matter it is."""

from slipway.release.verdicts import Finding

QUOTA = "ResourceLimitExceeded"
DENIED = "AccessDenied"
"""What the codes of a missing permission begin with; PassRole is one."""


def refusal(code: str, message: str, where: str) -> Finding:
    """Give the finding of a model or a config that SageMaker refused to make.

    Args:
        code: of the refusal.
        message: SageMaker's own words.
        where: what should have been made.
    """
    return Finding(code, message, _next_step(code), where)


def _next_step(code: str) -> str:
    if code.startswith(DENIED):
        return "Have what the message names allowed to the role that it names (docs/security.md), then drop again."
    if code == QUOTA:
        return "Have the quota raised in Service Quotas, or ask for less in the spec's `serve` part, then drop again."
    return "Correct the spec's `serve` part."
