"""What the scaling part of a spec must keep besides types and bounds; each rule looks at raw values of any type."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.release.verdicts import Finding

_TARGET, _MOST, _LEAST = "target_invocations_per_instance", "max_capacity", "min_capacity"
SCALING_ALARMS = "TargetTracking-"
"""How the names of alarms begin that call for instances (Application Auto Scaling user guide)."""


def autoscaling_findings(scaling: Mapping[str, Any], serve: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """Hold the parts `autoscaling` and `serve` to each other.

    Args:
        scaling: the part `autoscaling`.
        serve: the part `serve`, of a variant or of all.
        where: its place in the spec.
    """
    most, least, target = scaling.get(_MOST), scaling.get(_LEAST, 1), scaling.get(_TARGET)
    if not isinstance(most, int) or isinstance(most, bool) or most == 0:
        if scaling.keys() - {_MOST}:
            what = "The endpoint is scaled only by a spec that says how far."
            yield _finding("SPEC_SCALING_INCOMPLETE", what, "Set max_capacity to 1 or more.", _MOST)
        return
    if target is None:
        what = "The endpoint is scaled by the requests to each instance, and how many they shall be is missing."
        yield _finding("SPEC_SCALING_INCOMPLETE", what, "Set it to what one instance bears in a minute.", _TARGET)
    if _is_whole(least) and least > most:
        what = f"The least of {least} instances are more than the most of {most}."
        yield _finding("SPEC_SCALING_LIMITS", what, "Set min_capacity to max_capacity at most.", _LEAST)
    yield from _fleet(serve, where, least, most)


def _fleet(serve: Mapping[str, Any], where: str, least: Any, most: int) -> Iterator[Finding]:
    count, kind = serve.get("instance_count", 1), serve.get("instance_type")
    if _is_whole(count) and _is_whole(least) and not least <= count <= most:
        what = f"A fleet that begins with {count} instances lies outside of {least} to {most}."
        yield Finding("SPEC_SCALING_COUNT", what, "Set it between the limits.", f"{where}.instance_count")
    if isinstance(kind, str) and kind.startswith("ml.t"):
        what = f"SageMaker scales no burstable instances such as {kind[:60]}."
        yield Finding("SPEC_SCALING_BURSTABLE", what, "Use another instance type.", f"{where}.instance_type")


def _finding(code: str, what: str, step: str, key: str) -> Finding:
    return Finding(code, what, step, f"autoscaling.{key}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
