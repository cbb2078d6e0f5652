"""Application Auto Scaling in memory: what is registered, and what it was asked."""

from copy import deepcopy
from typing import Any

from slipway.exchanges import Creation, Item, Made
from slipway.release.scaled import Scaled
from tests.fakes.hosting import FakeHosting

DONE = Creation(Made.CREATED)


class FakeScaling:
    """Registers variants of endpoints that `hosting` has; `refuse` lets an operation fail once."""

    def __init__(self, hosting: FakeHosting) -> None:
        self._hosting = hosting
        self._refusals: dict[str, Creation] = {}
        self.calls: list[str] = []
        self.scaled: dict[tuple[str, str], Scaled] = {}

    def refuse(self, operation: str, code: str, message: str) -> None:
        """Let the next call of an operation be refused."""
        self._refusals[operation] = Creation(Made.REFUSED, code, message)

    def describe(self, endpoint: str, variant: str) -> Scaled | None:
        self.calls.append("describe")
        return deepcopy(self.scaled.get((endpoint, variant))) if endpoint in self._hosting.endpoints else None

    def register(self, endpoint: str, variant: str, minimum: int, maximum: int) -> Creation:
        refused = self._call("register")
        if refused is None and endpoint not in self._hosting.endpoints:
            refused = Creation(Made.REFUSED, "ValidationException", "SageMaker endpoint variant doesn't exist")
        if refused is None and maximum < minimum:
            text = "Maximum capacity cannot be less than minimum capacity"
            refused = Creation(Made.REFUSED, "ValidationException", text)
        if refused is None:
            known = self.scaled.get((endpoint, variant), Scaled(minimum, maximum))
            self.scaled[endpoint, variant] = Scaled(minimum, maximum, known.policies)
        return refused or DONE

    def track(self, endpoint: str, variant: str, policy: str, configuration: Item) -> Creation:
        refused = self._call("track")
        known = self.scaled.get((endpoint, variant))
        if known is None:
            return refused or Creation(Made.REFUSED, "ObjectNotFoundException", "No scalable target registered")
        if refused is None:
            known.policies[policy] = dict(configuration)
        return refused or DONE

    def untrack(self, endpoint: str, variant: str, policy: str) -> Creation:
        refused = self._call("untrack")
        known = self.scaled.get((endpoint, variant))
        if refused is None and known is not None:
            known.policies.pop(policy, None)
        return refused or DONE

    def deregister(self, endpoint: str, variant: str) -> Creation:
        refused = self._call("deregister")
        if refused is None:
            self.scaled.pop((endpoint, variant), None)
        return refused or DONE

    def _call(self, operation: str) -> Any:
        self.calls.append(operation)
        return self._refusals.pop(operation, None)
