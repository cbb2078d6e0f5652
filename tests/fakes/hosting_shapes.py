"""The shapes and texts of SageMaker's answers, as the fake hosting gives them."""

from copy import deepcopy
from datetime import datetime

from slipway.exchanges import Creation, Item, Made

ACCOUNT = "123456789012"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
VALIDATION = "ValidationException"
ARN_PARTS = {"model": "model", "endpoint configuration": "endpoint-config", "endpoint": "endpoint"}


def config(name: str, variants: list[Item], at: datetime) -> Item:
    """Shape DescribeEndpointConfig."""
    arn = f"{ARN}endpoint-config/{name.lower()}"
    named = {"EndpointConfigName": name, "EndpointConfigArn": arn, "CreationTime": at}
    return {**named, "ProductionVariants": deepcopy(variants)}


def endpoint(name: str, of: Item, at: datetime) -> Item:
    """Shape DescribeEndpoint of an endpoint that is being created on a config."""
    return {
        "EndpointName": name,
        "EndpointArn": f"{ARN}endpoint/{name.lower()}",
        "EndpointConfigName": of["EndpointConfigName"],
        "EndpointStatus": "Creating",
        "ProductionVariants": [{**variant, "CurrentInstanceCount": 0} for variant in variants(of)],
        "CreationTime": at,
        "LastModifiedTime": at,
    }


def pending(of: Item, at: datetime) -> Item:
    """Shape a PendingDeploymentSummary whose fleet is being launched."""
    coming = [
        {**variant, "CurrentInstanceCount": 0, "VariantStatus": [{"Status": "Creating", "StartTime": at}]}
        for variant in variants(of)
    ]
    return {"EndpointConfigName": of["EndpointConfigName"], "StartTime": at, "ProductionVariants": coming}


def variants(of: Item) -> list[Item]:
    """Shape the ProductionVariants of an endpoint at full strength on a config."""
    return [
        {
            "VariantName": variant["VariantName"],
            "CurrentWeight": variant.get("InitialVariantWeight", 1.0),
            "DesiredWeight": variant.get("InitialVariantWeight", 1.0),
            **_capacity(variant),
        }
        for variant in of["ProductionVariants"]
    ]


def is_serverless(of: Item) -> bool:
    """Whether a config has a variant without instances."""
    return any("ServerlessConfig" in variant for variant in of["ProductionVariants"])


def _capacity(variant: Item) -> Item:
    if "ServerlessConfig" in variant:
        return {"CurrentInstanceCount": 0, "CurrentServerlessConfig": variant["ServerlessConfig"]}
    count = variant["InitialInstanceCount"]
    return {"CurrentInstanceCount": count, "DesiredInstanceCount": count}


def baking(instances: int, capacity: str, seconds: int, at: datetime) -> Item:
    """Shape the VariantStatus of a fleet that bakes."""
    message = (
        f"Baking for {seconds} seconds (TerminationWaitInSeconds) with traffic enabled"
        f" on {capacity} capacity of {instances} instance(s)."
    )
    return {"Status": "Baking", "StatusMessage": message, "StartTime": at}


def exists(thing: str, name: str) -> Creation:
    """Answer a create whose name is taken."""
    return Creation(Made.EXISTS, VALIDATION, f"Cannot create already existing {_quoted(thing, name)}.")


def lacks(thing: str, name: str) -> Creation:
    """Refuse a call that names something which is not there."""
    return Creation(Made.REFUSED, VALIDATION, f"Could not find {_quoted(thing, name)}.")


def busy(name: str) -> Creation:
    """Refuse a call on an endpoint that another call is still changing."""
    return Creation(Made.REFUSED, VALIDATION, f"Cannot update in-progress {_quoted('endpoint', name)}.")


def unguarded() -> Creation:
    """Refuse a guarded update of a serverless endpoint."""
    return Creation(Made.REFUSED, VALIDATION, "DeploymentConfig is not supported for serverless endpoints.")


def _quoted(thing: str, name: str) -> str:
    return f'{thing} "{ARN}{ARN_PARTS[thing]}/{name.lower()}"'
