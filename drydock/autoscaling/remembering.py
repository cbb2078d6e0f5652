"""What Application Auto Scaling keeps over a restart, as JSON and back."""

from dataclasses import asdict
from typing import Any

from drydock.autoscaling.desk import Desk
from drydock.autoscaling.model import Activity, Policy, Schedule, Target
from drydock.sagemaker.memory.remembering import read


class KeptBook:
    """Implements `drydock.sagemaker.memory.file.Kept` for the book on a desk.

    Args:
        desk: whose book it is.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def document(self) -> dict[str, Any]:
        """Write targets, policies, scheduled actions and activities."""
        book = self._desk.book
        return {
            "targets": [asdict(target) for target in book.targets.values()],
            "policies": [asdict(policy) for policy in book.policies.values()],
            "schedules": [asdict(schedule) for schedule in book.schedules.values()],
            "activities": [asdict(activity) for activity in book.activities],
            "has_role": book.has_role,
        }

    def restore(self, document: dict[str, Any]) -> None:
        """Fill the book, which is empty; a change of capacity under way is seen through."""
        book = self._desk.book
        targets = read(list[Target], document["targets"])
        policies = read(list[Policy], document["policies"])
        schedules = read(list[Schedule], document["schedules"])
        activities = read(list[Activity], document["activities"])
        book.targets.update({target.key: target for target in targets})
        book.policies.update({(policy.key, policy.name): policy for policy in policies})
        book.schedules.update({(schedule.key, schedule.name): schedule for schedule in schedules})
        book.activities.extend(activities)
        book.has_role = document["has_role"]
        known = {activity.id: activity for activity in activities}
        for target in targets:
            if target.move:
                target.move.activity = known.get(target.move.activity.id, target.move.activity)
        self._desk.mark()
