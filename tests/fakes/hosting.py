"""SageMaker hosting in memory: endpoints stand still until a test moves them, and look as the API shows them."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from slipway.errors import UnavailableError
from slipway.exchanges import Creation, Invocation, Item, Made, Reply
from slipway.ports import Clock
from tests.fakes import hosting_shapes as shapes
from tests.fakes.clock import FakeClock

IN_PROGRESS = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
SERVING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")
DONE = Creation(Made.CREATED)
GOOD = Reply(200, b'{"ok": true}', "application/json", "main", latency_ms=5.0, request_id="request-1")
CONFIG = "endpoint configuration"


def reply_well(invocation: Invocation) -> Reply:
    """Answer every invocation well."""
    return GOOD


class FakeHosting:
    """Scripted by its helpers: `serve` sets a scene; `settle`, `bake`, `roll_back`, `fail` and `remain` move it.

    Every call is kept in `calls` as (operation, request or name); `answer` decides what an invocation gives.
    """

    def __init__(self, clock: Clock | None = None, answer: Callable[[Invocation], Reply] = reply_well) -> None:
        self._clock = clock or FakeClock()
        self._stamped = self._clock.now()
        self._hidden = 0
        self._refusals: dict[str, list[Creation]] = {}
        self.answer = answer
        self.calls: list[tuple[str, Any]] = []
        self.models: dict[str, Item] = {}
        self.configs: dict[str, Item] = {}
        self.endpoints: dict[str, Item] = {}
        self.packages: dict[str, Item] = {}
        self.tags: dict[str, dict[str, str]] = {}
        """What was tagged later than it was made: ARN → tags."""

    # What tests do

    def serve(self, endpoint: str, config: str, instances: int = 1, model: str = "a-model") -> None:
        """Let an endpoint be in service on a config; model and config are made where they are missing."""
        variant = {"VariantName": "main", "ModelName": model, "InstanceType": "ml.m5.large"}
        counted = {**variant, "InitialInstanceCount": instances}
        self.models.setdefault(model, {"ModelName": model})
        self.configs.setdefault(config, shapes.config(config, [counted], self._stamp()))
        self.endpoints[endpoint] = shapes.endpoint(endpoint, self.configs[config], self._stamp())
        self.settle(endpoint)

    def settle(self, endpoint: str) -> None:
        """Let what is under way end well: in service on the requested config, or gone."""
        there = self.endpoints[endpoint]
        if there["EndpointStatus"] == "Deleting":
            del self.endpoints[endpoint]
            return
        pending = there.pop("PendingDeploymentSummary", there)
        there["EndpointConfigName"] = pending["EndpointConfigName"]
        there["ProductionVariants"] = shapes.variants(self.configs[there["EndpointConfigName"]])
        there.pop("FailureReason", None)
        self.remain(endpoint, "InService")

    def bake(self, endpoint: str, capacity: str = "full", seconds: int = 300) -> None:
        """Let the new fleet bake; `capacity` is 'full' when it has all traffic, 'canary' when it has some."""
        for variant in self.endpoints[endpoint]["PendingDeploymentSummary"]["ProductionVariants"]:
            count = variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
            variant["VariantStatus"] = [shapes.baking(count, capacity, seconds, self._stamp())]

    def roll_back(self, endpoint: str, reason: str = "") -> None:
        """Let SageMaker put the old config back; AWS may leave the reason out."""
        self.endpoints[endpoint].pop("PendingDeploymentSummary", None)
        self.remain(endpoint, "InService", reason)

    def fail(self, endpoint: str, reason: str = "The primary container did not pass the ping health check.") -> None:
        """Let the endpoint end Failed."""
        self.endpoints[endpoint].pop("PendingDeploymentSummary", None)
        self.remain(endpoint, "Failed", reason)

    def remain(self, endpoint: str, status: str, reason: str = "") -> None:
        """Let the endpoint stand in a status (`UpdateRollbackFailed`, `SystemUpdating`…), all else as it is."""
        there = self.endpoints[endpoint]
        there |= {"EndpointStatus": status, "LastModifiedTime": self._stamp()}
        if reason:
            there["FailureReason"] = reason

    def refuse(self, operation: str, code: str, message: str) -> None:
        """Let the next call of an operation ('create_model'…) be refused; several refusals queue up."""
        self._refusals.setdefault(operation, []).append(Creation(Made.REFUSED, code, message))

    def hide(self, looks: int = 1) -> None:
        """Let so many looks at an endpoint get no answer from the service."""
        self._hidden += looks

    def requests(self, operation: str) -> list[Any]:
        """Give what an operation was called with, in order."""
        return [request for name, request in self.calls if name == operation]

    # What SageMaker does

    def describe_model(self, name: str) -> Item | None:
        return self._describe("describe_model", self.models, name)

    def describe_config(self, name: str) -> Item | None:
        return self._describe("describe_config", self.configs, name)

    def describe_endpoint(self, name: str) -> Item | None:
        if self._hidden:
            self._hidden -= 1
            raise UnavailableError("DescribeEndpoint: ThrottlingException: Rate exceeded")
        return self._describe("describe_endpoint", self.endpoints, name)

    def describe_package(self, arn: str) -> Item | None:
        return self._describe("describe_package", self.packages, arn)

    def endpoint_names(self) -> list[str]:
        self._call("endpoint_names", None)
        return sorted(self.endpoints)

    def create_model(self, request: Item) -> Creation:
        name = request["ModelName"]
        refused = self._call("create_model", request) or (shapes.exists("model", name) if name in self.models else None)
        if refused is None:
            self.models[name] = {**_without_tags(request), "ModelArn": f"{shapes.ARN}model/{name.lower()}"}
            self.models[name]["CreationTime"] = self._stamp()
        return refused or DONE

    def create_config(self, request: Item) -> Creation:
        name, variants = request["EndpointConfigName"], request["ProductionVariants"]
        lacking = [variant["ModelName"] for variant in variants if variant["ModelName"] not in self.models]
        refused = self._call("create_config", request) or (
            shapes.exists(CONFIG, name) if name in self.configs else None
        )
        refused = refused or (shapes.lacks("model", lacking[0]) if lacking else None)
        if refused is None:
            self.configs[name] = {**_without_tags(request), **shapes.config(name, variants, self._stamp())}
        return refused or DONE

    def create_endpoint(self, request: Item) -> Creation:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        refused = self._call("create_endpoint", request)
        if name.lower() in map(str.lower, self.endpoints):
            refused = refused or shapes.exists("endpoint", name)
        refused = refused or self._lacks_config(config)
        if refused is None:
            self.endpoints[name] = shapes.endpoint(name, self.configs[config], self._stamp())
        return refused or DONE

    def update_endpoint(self, request: Item) -> Creation:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        refused = self._call("update_endpoint", request)
        refused = refused or (None if name in self.endpoints else shapes.lacks("endpoint", name))
        refused = refused or self._is_busy(name) or self._lacks_config(config)
        if "DeploymentConfig" in request and shapes.is_serverless(self.configs.get(config, {"ProductionVariants": []})):
            refused = refused or shapes.unguarded()
        if refused is None:
            self.endpoints[name]["PendingDeploymentSummary"] = shapes.pending(self.configs[config], self._stamp())
            self.remain(name, "Updating")
        return refused or DONE

    def tag(self, arn: str, tags: dict[str, str]) -> Creation:
        refused = self._call("tag", {"arn": arn, "tags": tags})
        if refused is None:
            self.tags.setdefault(arn, {}).update(tags)
        return refused or DONE

    def delete_model(self, name: str) -> Creation:
        return self._delete("delete_model", self.models, name)

    def delete_config(self, name: str) -> Creation:
        return self._delete("delete_config", self.configs, name)

    def delete_endpoint(self, name: str) -> Creation:
        refused = self._call("delete_endpoint", name) or self._is_busy(name)
        if refused is None and name in self.endpoints:
            self.remain(name, "Deleting")
        return refused or DONE

    def invoke(self, invocation: Invocation) -> Reply:
        self.calls.append(("invoke", invocation))
        if self.endpoints.get(invocation.endpoint, {}).get("EndpointStatus") in SERVING:
            return self.answer(invocation)
        message = f"Endpoint {invocation.endpoint} of account {shapes.ACCOUNT} not found."
        return Reply(0, error="ValidationError", message=message)

    def _call(self, operation: str, request: Any) -> Creation | None:
        self.calls.append((operation, deepcopy(request)))
        queue = self._refusals.get(operation)
        return queue.pop(0) if queue else None

    def _describe(self, operation: str, things: dict[str, Item], name: str) -> Item | None:
        self.calls.append((operation, name))
        return deepcopy(things.get(name))

    def _delete(self, operation: str, things: dict[str, Item], name: str) -> Creation:
        refused = self._call(operation, name)
        if refused is None:
            things.pop(name, None)
        return refused or DONE

    def _lacks_config(self, name: str) -> Creation | None:
        return None if name in self.configs else shapes.lacks(CONFIG, name)

    def _is_busy(self, name: str) -> Creation | None:
        status = self.endpoints.get(name, {}).get("EndpointStatus")
        return shapes.busy(name) if status in IN_PROGRESS else None

    def _stamp(self) -> datetime:
        """Tell the time, later at every call, since AWS's clock runs on while a test's may stand."""
        self._stamped = max(self._clock.now(), self._stamped + timedelta(milliseconds=1))
        return self._stamped


def _without_tags(request: Item) -> Item:
    return {name: deepcopy(value) for name, value in request.items() if name != "Tags"}
