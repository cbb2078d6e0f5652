"""What SageMaker answers when it refuses; texts as AWS words them where they are known (ARNs in double quotes)."""

from collections.abc import Iterable, Mapping
from typing import Any


class ServiceError(Exception):
    """A refusal that goes back to the caller.

    Args:
        code: the error's name on the wire, such as ValidationException.
        message: the text.
        status: HTTP status.
        members: further members of the error's body.
    """

    def __init__(self, code: str, message: str, status: int = 400, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members or {})


def refusal(message: str) -> ServiceError:
    """Make the error that answers almost everything the control plane dislikes."""
    return ServiceError("ValidationException", message)


def not_found(kind: str, arn: str) -> ServiceError:
    """Make the error for a model, endpoint configuration or endpoint that is not there."""
    return refusal(f'Could not find {kind} "{arn}".')


def duplicate(kind: str, arn: str) -> ServiceError:
    """Make the error for a second create; SageMaker has no idempotency tokens."""
    return refusal(f'Cannot create already existing {kind} "{arn}".')


def in_progress(arn: str) -> ServiceError:
    """Make the error for an update, rescale or delete during Creating, Updating and their kin."""
    return refusal(f'Cannot update in-progress endpoint "{arn}".')


def unsupported(feature: str) -> ServiceError:
    """Make the error for what AWS can do and Drydock cannot: refused, never silently ignored."""
    return refusal(f"Drydock does not support {feature}.")


def no_model_data(url: str) -> ServiceError:
    """Make CreateModel's error for an artifact that is not there."""
    return refusal(f"Could not find model data at {url}.")


def no_role(arn: str) -> ServiceError:
    """Make CreateModel's error for an execution role that is not there."""
    return refusal(
        f"Could not assume role {arn}. Please ensure that the role exists and "
        "allows principal 'sagemaker.amazonaws.com' to assume the role."
    )


def no_alarms(names: Iterable[str]) -> ServiceError:
    """Make the error for alarms that do not exist; its text is Drydock's own."""
    listed = ", ".join(f'"{name}"' for name in names)
    return refusal(f"Could not find CloudWatch alarm(s) {listed}.")


def no_variants(names: Iterable[str], config: str) -> ServiceError:
    """Make the error for weights of variants that the endpoint does not have."""
    listed = ", ".join(f'"{name}"' for name in names)
    return refusal(f'The variant name(s) {listed} is/are not present within endpoint configuration "{config}".')


def repeated_variant(name: str) -> ServiceError:
    """Make the error for a variant named twice in one request for weights."""
    return refusal(f'The variant name "{name}" was non-unique within the request.')


def unknown_operation(name: str) -> ServiceError:
    """Make the error for an operation that is not there."""
    return ServiceError("UnknownOperationException", f"The requested operation is not recognized: {name}")
