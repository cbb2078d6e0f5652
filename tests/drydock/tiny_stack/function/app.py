"""Says which process it runs in."""

import os
from typing import Any


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Answer with the number of the worker's process."""
    return {"pid": os.getpid()}
