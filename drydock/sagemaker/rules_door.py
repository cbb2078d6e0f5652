"""The HTTP door to the rules: GET shows them, POST changes those that are named, DELETE brings the defaults back."""

import json

from drydock.sagemaker.memory.state import State
from drydock.sagemaker.rules import InvalidRulesError, Rules, read_rules

PATH = "/_drydock/rules"


def answer(state: State, method: str, body: bytes) -> tuple[int, bytes]:
    """Answer a request to the door.

    Returns:
        HTTP status and a JSON body: the rules as they are now.
    """
    if method == "DELETE":
        state.rules = Rules()
    elif method == "POST":
        try:
            state.rules = read_rules(json.loads(body), state.rules)
        except (ValueError, InvalidRulesError) as error:
            return 400, json.dumps({"message": str(error)}).encode()
    elif method != "GET":
        return 405, json.dumps({"message": f"{method} is not supported"}).encode()
    return 200, json.dumps(state.rules.document()).encode()
