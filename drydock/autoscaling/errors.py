"""What Application Auto Scaling answers when it refuses; texts as AWS words them where they are known."""

from drydock.autoscaling.model import NAMESPACE, Key
from drydock.sagemaker.errors import ServiceError

_NOT_FOUND = "ObjectNotFoundException"


def no_target(key: Key) -> ServiceError:
    """Make the error for a variant that is not registered (text: ansible/ansible pull request 35632)."""
    return ServiceError(_NOT_FOUND, f"No scalable target registered for {_where(key)}")


def no_policy(key: Key, name: str) -> ServiceError:
    """Make the error for a policy that is not there."""
    return ServiceError(_NOT_FOUND, f"No scaling policy found for {_where(key)}, policy name: {name}")


def no_schedule(key: Key, name: str) -> ServiceError:
    """Make the error for a scheduled action that is not there."""
    return ServiceError(_NOT_FOUND, f"No scheduled action found for {_where(key)}, scheduled action name: {name}")


def no_resource(arn: str) -> ServiceError:
    """Make the error for tags of what is not registered."""
    text = f"The specified resource doesn't exist: {arn}"
    return ServiceError("ResourceNotFoundException", text, members={"ResourceName": arn})


def bad_token() -> ServiceError:
    """Make the error for a token that no answer gave."""
    return ServiceError("InvalidNextTokenException", "The next token is not valid.")


def _where(key: Key) -> str:
    return f"service namespace: {NAMESPACE}, resource ID: {key[0]}, scalable dimension: {key[1]}"
