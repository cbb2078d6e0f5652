"""The one function behind every state of the machine on MiniStack: it answers from a script in a file, call by call.

Deployed by the tests as it stands. A script is {state: [reply, …]}, named after the execution; the last reply stands
for all further calls. A reply is an answer, {"raise": message}, or {"silent": true} for a token nobody answers.
"""

import json
import os
from pathlib import Path
from typing import Any

import boto3


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer as the script says; note the payload."""
    folder = Path(os.environ["SCRIPTS"]) / event["execution"].rsplit(":", 1)[-1]
    calls = sorted(folder.glob("call-*.json"))
    before = sum(json.loads(call.read_text())["state"] == event["state"] for call in calls)
    (folder / f"call-{len(calls):04d}.json").write_text(json.dumps(event))
    replies = json.loads((folder / "script.json").read_text())[event["state"]]
    reply: dict[str, Any] = replies[min(before, len(replies) - 1)]
    if "raise" in reply:
        raise KeyError(reply["raise"])
    if "token" in event and "silent" not in reply:
        boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output=json.dumps(reply))
    return reply
