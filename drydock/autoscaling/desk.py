"""What every operation works on: the book, the fleets, the alarms and the clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from drydock.autoscaling.errors import bad_token
from drydock.autoscaling.model import NAMESPACE, Activity, Book, Key, Policy, Schedule, Target
from drydock.autoscaling.surroundings import Fleets, Surroundings
from drydock.sagemaker.errors import ServiceError, refusal
from drydock.sagemaker.operations.listing import cut
from drydock.sagemaker.surroundings import Now

T = TypeVar("T", Target, Policy, Schedule, Activity)

PAGE = 50
"""Items on a page, and the most that can be asked for."""


@dataclass(frozen=True)
class Desk:
    """The book, and those that it is about."""

    book: Book
    fleets: Fleets
    cloud: Surroundings
    now: Now

    def forget(self, key: Key) -> None:
        """Remove a target with all that hangs on it."""
        for policy in self.book.policies_of(key):
            self.drop_policy(key, policy.name)
        for schedule in [name for name in self.book.schedules if name[0] == key]:
            del self.book.schedules[schedule]
        del self.book.targets[key]
        self.mark()

    def drop_policy(self, key: Key, name: str) -> None:
        """Remove a policy and the alarms that were made for it."""
        policy = self.book.policies.pop((key, name))
        self.cloud.delete_alarms(policy.alarms)

    def mark(self) -> None:
        """Let the hosting service know what is scaled."""
        self.fleets.mark(
            {(target.endpoint.lower(), target.variant): target.arn for target in self.book.targets.values()}
        )

    def forget_orphans(self) -> None:
        """Remove the targets whose variant is gone, or going, with its endpoint (developer guide, deleting endpoints
        that use auto scaling)."""
        for key, target in list(self.book.targets.items()):
            if self.fleets.look(target.endpoint, target.variant) is None:
                self.forget(key)

    def wanted(self, request: Mapping[str, Any], items: Iterable[T], names: str = "") -> list[T]:
        """Choose what a request describes.

        Args:
            request: members of a Describe operation.
            items: all that there are.
            names: the member that lists the names wanted; empty where the operation has none.

        Raises:
            ServiceError: a dimension without a resource.
        """
        dimension, listed = request.get("ScalableDimension"), request.get(names, [])
        ids = request.get("ResourceIds") or [each for each in [request.get("ResourceId")] if each]
        if dimension and not ids:
            raise refusal("A resource ID must be given with a scalable dimension.")
        return [
            item
            for item in items
            if request["ServiceNamespace"] == NAMESPACE
            and (not ids or item.key[0] in ids)
            and dimension in (None, item.key[1])
            and (not listed or getattr(item, "name", "") in listed)
        ]

    def page(self, request: Mapping[str, Any], name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        """Cut the page that a request asks for.

        Raises:
            ServiceError: MaxResults is out of range, or no answer gave the token.
        """
        if not 1 <= request.get("MaxResults", PAGE) <= PAGE:
            raise refusal(f"MaxResults must be between 1 and {PAGE}.")
        try:
            found, token = cut(request, items, PAGE)
        except ServiceError:
            raise bad_token() from None
        return {name: found, "NextToken": token}
