"""Put the mends of Step Functions in place."""

from drydock.ministack.step_functions import executions, tasks, variables
from drydock.ministack.step_functions.executions import Executions
from drydock.ministack.step_functions.tokens import Tokens


def mend(tokens: Tokens, scale: float) -> Executions:
    """Replace MiniStack's task state, task tokens and execution limits.

    Args:
        tokens: hands out the task tokens.
        scale: how much faster than AWS time runs here.

    Returns:
        The executions, to be stopped at the end.
    """
    variables.mend()
    tasks.mend(tokens, scale)
    return executions.mend(tokens, scale)
