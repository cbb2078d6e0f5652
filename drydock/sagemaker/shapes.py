"""The service models that botocore carries: what an operation takes and gives, as AWS published it."""

import re
from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

CONTROL = "sagemaker"
RUNTIME = "sagemaker-runtime"

# The patterns are Java's; those of the hosting operations compile in Python but for these three.
_SPACES = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TRANSLATED = {
    r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)": rf"[\w{_SPACES}.:/=+\-@]*",
    r"\p{ASCII}*": r"[\x00-\x7f]*",
    r"\A\S[\p{Print}]*\z": r"\S[\x20-\x7e]*",
}


@cache
def service(name: str) -> ServiceModel:
    """Load a service model; the first call reads megabytes of JSON, so make it off the event loop."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@cache
def operation(service_name: str, name: str) -> OperationModel:
    """Give the model of one operation.

    Raises:
        OperationNotFoundError: AWS has none of this name (botocore.model).
    """
    return service(service_name).operation_model(name)


@cache
def pattern(java: str) -> re.Pattern[str]:
    """Compile a pattern of a service model; use its fullmatch, as AWS does."""
    return re.compile(_TRANSLATED.get(java, java))


def load() -> None:
    """Load both service models."""
    service(CONTROL)
    service(RUNTIME)
