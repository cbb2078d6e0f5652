"""IAM: whether the caller of a request may do something, by MiniStack's own evaluation of policies."""

from collections.abc import Mapping

from ministack import app
from ministack.core import iam_evaluator, router

from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.operations.permissions import Denial, Permission


def judge(headers: Mapping[str, str], permission: Permission) -> Denial | None:
    """Look whether the caller of the request under way has a permission; everybody has with AUTH off.

    Args:
        headers: of the request, names in lower case.
        permission: what is wanted.

    Raises:
        ServiceError: the caller's credentials are not valid.
    """
    if not app.AUTH:
        return None
    key = router.extract_access_key_id(dict(headers))
    region = router.extract_region(dict(headers))
    found = iam_evaluator.enforce(
        key, permission.action, "sagemaker", region, permission.resource, dict(permission.context)
    )
    if found is None:
        return None
    if isinstance(found, iam_evaluator.AuthError):
        raise ServiceError(found.code, found.message, 403)
    return Denial(found.principal_arn, found.decision == "Deny")
