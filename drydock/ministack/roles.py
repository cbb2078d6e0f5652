"""What a role may do, asked of MiniStack's policy evaluation; with AUTH off every role may do everything."""
# ruff: noqa: SLF001 - MiniStack gathers a role's policies in a function of its own

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region


def may(role: str, action: str) -> bool:
    """Say whether a role's own policies allow an action on every resource.

    Args:
        role: the role's ARN; empty is allowed, there is nobody to ask for.
        action: such as cloudwatch:DescribeAlarms.
    """
    if not role or not app.AUTH:
        return True
    account = get_account_id()
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
    context = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn="*",
        region=get_region(),
    )
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
