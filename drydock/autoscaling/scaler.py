"""The task that scales: looks at alarms and schedules, asks SageMaker for instances, and sees what became of it."""

import asyncio

from drydock.autoscaling import activities, schedules
from drydock.autoscaling.decisions import Proposal, View, propose
from drydock.autoscaling.desk import Desk
from drydock.autoscaling.model import CONCURRENCY, Move, Target
from drydock.autoscaling.surroundings import VariantSight
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.place import Tempo

MINUTE = 60.0
"""AWS's seconds between two calls of an alarm that goes on ringing for its action."""
_LOOKS_A_MINUTE = 6
_SHORTEST_PAUSE = 0.1
_IDLE = "InvocationsPerInstance"


class Scaler:
    """Scales the targets of a book.

    Args:
        desk: the book, the fleets, the alarms and the clock.
        tempo: how fast AWS's time passes.
    """

    def __init__(self, desk: Desk, tempo: Tempo) -> None:
        self._desk = desk
        self._tempo = tempo
        self._counted_at = 0.0

    async def run(self) -> None:
        """Scale until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(max(self._tempo.real(MINUTE / _LOOKS_A_MINUTE), _SHORTEST_PAUSE))

    async def look(self) -> None:
        """Look once at every target."""
        self._desk.forget_orphans()
        self._publish_zero()
        for target in list(self._desk.book.targets.values()):
            sight = self._desk.fleets.look(target.endpoint, target.variant)
            if sight:
                await self._scale(target, sight)

    async def _scale(self, target: Target, sight: VariantSight) -> None:
        if target.move:
            self._see_through(target, target.move, sight)
            return
        schedules.run_due(self._desk, target, self._tempo)
        if self._desk.now() < target.rests_until:
            return
        views = [
            View(policy, self._desk.cloud.alarms_calling(policy.arn))
            for policy in self._desk.book.policies_of(target.key)
        ]
        proposal = propose(target, views, sight.count, self._desk.now())
        if proposal:
            await self._begin(target, proposal, sight.count)

    async def _begin(self, target: Target, proposal: Proposal, count: int) -> None:
        target.rests_until = self._desk.now() + self._tempo.real(MINUTE)
        activity = activities.begin(self._desk, target, proposal.capacity, proposal.cause)
        try:
            await self._desk.fleets.rescale(target.endpoint, target.variant, proposal.capacity)
        except ServiceError as error:
            activities.fail(self._desk, target, activity, proposal.capacity, error.message)
            return
        target.move = Move(activity, count, proposal.capacity, proposal.cooldown_seconds, proposal.base)

    def _see_through(self, target: Target, move: Move, sight: VariantSight) -> None:
        """End a move when the endpoint is at rest again; the cool-down begins then."""
        if not sight.settled:
            return
        target.move = None
        if sight.count != move.wanted:
            reason = f"The endpoint went back to {sight.count}."
            activities.fail(self._desk, target, move.activity, move.wanted, reason)
            return
        end = self._desk.now() + self._tempo.real(move.cooldown_seconds)
        if move.wanted > move.before:
            target.out_until, target.out_base = end, move.base
        else:
            target.in_until = end
        activities.succeed(self._desk, target, move)

    def _publish_zero(self) -> None:
        """Publish zeros for what is scaled, so that no traffic is known for no traffic (developer guide, "Scale-in":
        SageMaker emits metrics with a value of zero for an endpoint that is scaled)."""
        now = self._desk.now()
        if now < self._counted_at + self._tempo.real(MINUTE / 2):
            return
        self._counted_at = now
        for target in self._desk.book.targets.values():
            if target.dimension == CONCURRENCY:
                continue
            dimensions = {"EndpointName": target.endpoint, "VariantName": target.variant}
            self._desk.cloud.put_metric("AWS/SageMaker", _IDLE, [dimensions], 0.0, "None")
