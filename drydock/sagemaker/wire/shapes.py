"""The service models that botocore carries: what an operation takes and gives, as AWS published it."""

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from drydock.sagemaker.wire import java_patterns

CONTROL = "sagemaker"
RUNTIME = "sagemaker-runtime"
SCALING = "application-autoscaling"


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


def load() -> None:
    """Load the service models and what their patterns need."""
    for name in (CONTROL, RUNTIME, SCALING):
        service(name)
    java_patterns.categories()
