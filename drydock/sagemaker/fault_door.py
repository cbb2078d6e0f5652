"""The HTTP door to the plan of faults: GET lists, POST adds, DELETE clears all or one (`?id=`)."""

import json
from collections.abc import Mapping

from drydock.sagemaker.faults import FaultPlan, InvalidFaultError, read_fault

PATH = "/_drydock/faults"


def answer(plan: FaultPlan, method: str, body: bytes, query: Mapping[str, list[str]]) -> tuple[int, bytes]:
    """Answer a request to the door.

    Returns:
        HTTP status and a JSON body.
    """
    if method == "GET":
        return 200, json.dumps({"faults": plan.show()}).encode()
    if method == "DELETE":
        plan.clear(*query.get("id", [])[:1])
        return 200, b"{}"
    if method != "POST":
        return 405, json.dumps({"message": f"{method} is not supported"}).encode()
    try:
        return 201, json.dumps({"id": plan.add(read_fault(json.loads(body)))}).encode()
    except (ValueError, InvalidFaultError) as error:
        return 400, json.dumps({"message": str(error)}).encode()
