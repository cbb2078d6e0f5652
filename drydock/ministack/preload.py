"""What MiniStack loads at the first request of each service, loaded beforehand: it would hold the event loop."""
# ruff: noqa: SLF001 - both are what MiniStack calls at a first request

import gc

from ministack import app
from ministack.core import responses

_SERVICES = (
    "s3", "iam", "sts", "lambda", "states", "events", "dynamodb", "monitoring", "sns", "sqs", "logs",
    "cloudformation", "ssm", "kms",
)  # fmt: skip


def preload() -> None:
    """Import the services a stack uses and read their models; blocks for about a second, so not on the event loop.

    What is loaded then is exempt from garbage collection: walking it would hold everything for a tenth of a second.
    """
    for service in _SERVICES:
        app._get_module(app.SERVICE_REGISTRY[service]["module"])
        responses._service_model(service)
    gc.collect()
    gc.freeze()
