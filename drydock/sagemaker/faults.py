"""A plan of what shall go wrong: in which call, deployment or event, or with which endpoint.

All seconds in a fault are real ones.
"""

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What can go wrong: with calls of an operation, deployments of an endpoint, endpoints at rest, events."""

    THROTTLE = "throttle"
    """ThrottlingException before any effect."""
    ERROR = "error"
    """`code`, `status` and `message` before any effect."""
    LOSE_RESPONSE = "lose_response"
    """The effect happens and the caller gets a 500."""
    DELAY = "delay"
    """The call waits `seconds` first."""
    STALE_READ = "stale_read"
    """For `seconds` after a create or update, describes answer as before it."""
    FOREIGN_WRITER = "foreign_writer"
    """Just before the call somebody else updates the endpoint to `config`."""
    NO_CAPACITY = "no_capacity"
    """No instance can be had."""
    NEVER_READY = "never_ready"
    """Containers run and /ping never answers."""
    SILENT_ROLLBACK = "silent_rollback"
    """The deployment rolls back in its first bake, and FailureReason stays empty."""
    STUCK = "stuck"
    """The deployment stays in the phase it is in until the fault is removed."""
    ROLLBACK_FAILS = "rollback_fails"
    """A rolling deployment that turns back cannot: UpdateRollbackFailed."""
    UPDATE_FAILS = "update_fails"
    """An update ends Failed, not InService on the old configuration: the status text allows it, it is rare."""
    MISSING_REASON = "missing_reason"
    """Whatever goes wrong, FailureReason stays empty."""
    VANISHING_REASON = "vanishing_reason"
    """FailureReason is there for `seconds` only."""
    ODD_REASON = "odd_reason"
    """The deployment goes well and FailureReason says `message`."""
    SYSTEM_UPDATE = "system_update"
    """An endpoint in service is SystemUpdating, for `seconds`, or until the fault is removed when that is 0."""
    OUT_OF_SERVICE = "out_of_service"
    """An endpoint in service is OutOfService, as long as with SYSTEM_UPDATE."""
    DROP_EVENT = "drop_event"
    DELAY_EVENT = "delay_event"
    """The event is published `seconds` later."""
    DUPLICATE_EVENT = "duplicate_event"
    REORDER_EVENT = "reorder_event"
    """The event is published after the next one; after `seconds` (0: one) when none comes."""


class InvalidFaultError(Exception):
    """A document that describes no fault; the text says why."""


OF_OPERATIONS = frozenset(list(FaultKind)[:6])
OF_ENDPOINTS = frozenset({FaultKind.SYSTEM_UPDATE, FaultKind.OUT_OF_SERVICE})
OF_EVENTS = frozenset({FaultKind.DROP_EVENT, FaultKind.DELAY_EVENT, FaultKind.DUPLICATE_EVENT, FaultKind.REORDER_EVENT})
OF_DEPLOYMENTS = frozenset(FaultKind) - OF_OPERATIONS - OF_ENDPOINTS - OF_EVENTS


@dataclass(frozen=True)
class Fault:
    """One thing that shall go wrong."""

    kind: FaultKind
    operation: str = ""
    """Strikes calls of this operation, events of this detail-type only; empty: any."""
    endpoint: str = ""
    """Strikes this endpoint (for models and configs: the resource of this name) only; empty: any."""
    nth: int = 1
    """The first matching call, deployment or event that it strikes; endpoints at rest are struck at once."""
    times: int = 1
    """How many it strikes in a row; 0: all from then on."""
    seconds: float = 0.0
    config: str = ""
    code: str = "InternalFailure"
    status: int = 500
    message: str = "Request to service failed. If failure persists after retry, contact customer support."
    id: str = ""

    def matches(self, operation: str, name: str) -> bool:
        """Whether it concerns a call, or a deployment (operation empty), of the resource `name`."""
        return self.operation in ("", operation) and self.endpoint.lower() in ("", name.lower())


def read_fault(document: object) -> Fault:
    """Read a fault from JSON.

    Raises:
        InvalidFaultError: no object, an unknown kind or member, or a value of the wrong type.
    """
    if not isinstance(document, Mapping) or document.get("kind") not in list(FaultKind):
        raise InvalidFaultError(f"A fault is an object with a kind: one of {', '.join(FaultKind)}.")
    defaults: dict[str, Any] = asdict(Fault(FaultKind(document["kind"])))
    unknown = sorted(document.keys() - defaults.keys())
    if unknown:
        raise InvalidFaultError(f"Unknown members: {', '.join(unknown)}.")
    for name, given in document.items():
        kind = int | float if name == "seconds" else type(defaults[name])
        if isinstance(given, bool) or not (name == "kind" or isinstance(given, kind)):
            raise InvalidFaultError(f"{name} has the wrong type.")
    return Fault(**{**defaults, **document, "kind": defaults["kind"]})


class FaultPlan:
    """The faults that are planned, and how often each has had its chance."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._chances: dict[str, int] = {}
        self._since: dict[str, float] = {}
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> str:
        """Plan a fault; returns its id."""
        name = f"fault-{next(self._ids)}"
        self._faults[name] = replace(fault, id=name)
        self._chances[name] = 0
        return name

    def clear(self, fault_id: str = "") -> None:
        """Remove one fault, or all of them; one that is not there is removed already."""
        for name in [fault_id] if fault_id else list(self._faults):
            self._faults.pop(name, None)
            self._chances.pop(name, None)
            self._since.pop(name, None)

    def show(self) -> list[dict[str, Any]]:
        """Give the planned faults, each with the number of chances it has had."""
        return [{**asdict(fault), "chances": self._chances[name]} for name, fault in self._faults.items()]

    def planned(self, fault: Fault) -> bool:
        """Whether a fault has not been removed since it struck."""
        return fault.id in self._faults

    def strike_call(self, operation: str, name: str) -> list[Fault]:
        """Count a call of an operation on a resource and give the faults that strike it."""
        return self._strike(operation, name, OF_OPERATIONS)

    def strike_deployment(self, endpoint: str) -> list[Fault]:
        """Count a deployment of an endpoint and give the faults that strike it."""
        return self._strike("", endpoint, OF_DEPLOYMENTS)

    def strike_event(self, detail_type: str, name: str) -> list[Fault]:
        """Count an event about a resource and give the faults that strike it."""
        return self._strike(detail_type, name, OF_EVENTS)

    def standing(self, endpoint: str, now: float) -> set[FaultKind]:
        """Give the faults that an endpoint at rest is under; their time begins with the first look.

        Args:
            endpoint: its name.
            now: seconds since the epoch.
        """
        found = [fault for fault in self._faults.values() if fault.kind in OF_ENDPOINTS and fault.matches("", endpoint)]
        return {
            fault.kind
            for fault in found
            if not fault.seconds or now < self._since.setdefault(fault.id, now) + fault.seconds
        }

    def _strike(self, operation: str, name: str, kinds: frozenset[FaultKind]) -> list[Fault]:
        if not self._faults:
            return []
        found = []
        for key, fault in self._faults.items():
            if fault.kind not in kinds or not fault.matches(operation, name):
                continue
            self._chances[key] += 1
            past = self._chances[key] - fault.nth
            if past >= 0 and (fault.times == 0 or past < fault.times):
                found.append(fault)
        return found
