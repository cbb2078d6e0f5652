"""IAM mended, as AUTH=true evaluates it: MiniStack 1.5.33 tells policies less of a request than AWS does.

It takes the session's ARN for aws:PrincipalArn, so that no condition on a role ever holds; it knows neither the machine
behind a task token nor the alarms of DeleteAlarms; and no condition key of PutEvents and PutMetricData. Resources and
keys as the Service Authorization Reference lists them.
"""
# ruff: noqa: SLF001 - the evaluation and the roles are MiniStack's

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam, sts

from drydock.ministack.alarm_requests import nested
from drydock.ministack.step_functions.tokens import Tokens

_KEYS = {
    "PutEvents": (("events:source", "Source"), ("events:detail-type", "DetailType")),
    "PutMetricData": (("cloudwatch:namespace", "Namespace"),),
}
"""Operation → its condition keys, and the member of the request, or of each of its entries, that each one tells."""

_pin_request_origin = app.pin_request_origin
_pin_signed_request = app.pin_signed_request
_is_root_access_key = iam_evaluator.is_root_access_key
_resolve_condition_key = iam_evaluator._resolve_condition_key
_request_tag_context = iam_actions.request_tag_context
_extract_resource_arn = iam_actions.extract_resource_arn


def mend(tokens: Tokens) -> None:
    """Let policies see of a request what they would on AWS.

    Args:
        tokens: the task tokens, which say whose they are.
    """

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        *place: str,
    ) -> str:
        found = str(_extract_resource_arn(service, method, path, headers, body, query, *place))
        return resource_of(service, parameters(body, query), place, tokens) if found == "*" else found

    app.pin_request_origin = pin_request_origin
    app.pin_signed_request = pin_signed_request
    iam_evaluator.is_root_access_key = is_administrator
    iam_evaluator._resolve_condition_key = resolve_condition_key
    iam_actions.request_tag_context = request_context
    iam_actions.extract_resource_arn = extract_resource_arn


def pin_request_origin(source_ip: str, _secure_transport: bool) -> None:
    """Remember the address of the request under way, and that it came by TLS: the loopback is as private."""
    _pin_request_origin(source_ip, True)


def pin_signed_request(*request: Any) -> None:
    """Remember the signature of the request under way; one without is an administrator's."""
    _pin_signed_request(*request)
    iam_evaluator._anonymous.set(False)


def is_administrator(key: str) -> bool:
    """Whether whoever has this access key may do everything: all whose key was not made here, as any will do."""
    if _is_root_access_key(key):
        return True
    return key not in sts._sessions and all(key != made for _, made in iam._access_keys.to_dict())


def resolve_condition_key(key: str, context: iam_evaluator.EvalContext) -> Any:
    """Give the value of a condition key; aws:PrincipalArn of a session is its role's (IAM user guide, global keys)."""
    if key.lower() == "aws:principalarn" and ":assumed-role/" in context.principal_arn:
        name = iam_evaluator._role_name_from_assumed_arn(context.principal_arn)
        role = iam._roles.get_scoped(context.principal_account, None, name)
        return role["Arn"] if role else context.principal_arn
    return _resolve_condition_key(key, context)


def request_context(service: str, action: str, body: bytes, query: dict[str, Any]) -> dict[str, Any]:
    """Give the condition keys of a request: those of its tags, and of what it asks for."""
    request = parameters(body, query)
    entries = [request, *(request.get("Entries") or [])]
    known: dict[str, Any] = dict(_request_tag_context(service, action, body, query))
    for key, member in _KEYS.get(action.rpartition(":")[2], ()):
        said = sorted({str(entry[member]) for entry in entries if entry.get(member)})
        known |= {key: said if len(said) > 1 else said[0]} if said else {}
    return known


def resource_of(service: str, request: Mapping[str, Any], place: Iterable[str], tokens: Tokens) -> str:
    """Find what a request is about where MiniStack does not; of several alarms the first one stands for all.

    Args:
        service: as MiniStack calls it.
        request: its parameters.
        place: region and account.
        tokens: the task tokens.

    Returns:
        An ARN, or "*" where nothing is known.
    """
    if service == "states" and request.get("taskToken"):
        return machine_of(tokens.execution_of(str(request["taskToken"])))
    if service == "monitoring" and request.get("AlarmNames"):
        return ":".join(("arn:aws:cloudwatch", *place, "alarm", str(request["AlarmNames"][0])))
    return "*"


def machine_of(execution: str) -> str:
    """Give the ARN of the state machine of an execution; "*" for none."""
    return execution.rpartition(":")[0].replace(":execution:", ":stateMachine:") or "*"


def parameters(body: bytes, query: dict[str, Any]) -> dict[str, Any]:
    """Read the parameters of a request in JSON, or in the form of the Query protocol."""
    if body[:1] != b"{":
        return nested(query)
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
