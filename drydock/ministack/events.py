"""EventBridge: what AWS services put on the default bus themselves."""
# ruff: noqa: SLF001 - MiniStack has no public way to publish as an AWS service

import json
from typing import Any

from ministack.services import eventbridge


def publish(source: str, detail_type: str, resources: list[str], detail: dict[str, Any]) -> None:
    """Put an event of an AWS service on the default bus of the current account and region.

    Args:
        source: `aws.` and the service.
        detail_type: the name of the kind of event.
        resources: ARNs.
        detail: the body, JSON.
    """
    entry = {"Source": source, "DetailType": detail_type, "Resources": resources, "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
