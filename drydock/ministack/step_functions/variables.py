"""Assign and Output, where MiniStack 1.5.33 differs: assignments see each other, Succeed ignores its Output."""
# ruff: noqa: SLF001 - expressions are evaluated by MiniStack

from typing import Any

from ministack.services import stepfunctions as states

State = dict[str, Any]

_apply_output_path = states._apply_output_path


def mend() -> None:
    """Replace Assign and the output of the Succeed state."""
    states._apply_state_assign = assign
    states._apply_output_path = output


def assign(state: State, raw_input: Any, context: State | None, result: Any = None, error_output: Any = None) -> None:
    """Assign variables at once: every expression sees the values from before the state, as on AWS."""
    wanted = state.get("Assign")
    if context is None or not isinstance(wanted, dict) or states._state_query_language(state, context) != "JSONata":
        return
    values = states._apply_jsonata_template(wanted, raw_input, context, result=result, error_output=error_output)
    context.setdefault("variables", {}).update(values)


def output(state: State, data: Any, context: State | None = None) -> Any:
    """Apply OutputPath, or the Output of a Succeed state."""
    if state.get("Type") == "Succeed" and states._state_query_language(state, context) == "JSONata":
        return states._apply_jsonata_output(state, data, context, default=data)
    return _apply_output_path(state, data, context)
