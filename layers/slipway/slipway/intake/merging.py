"""How one layer of a spec lies over another."""

from collections.abc import Mapping
from typing import Any

Layer = Mapping[str, Any]
"""A spec that may leave out anything; what is blank in it (None or an empty text) says nothing."""

_SECTIONS = ("serve", "rollout", "watch", "capture", "autoscaling", "regression", "retention")


def without_blanks(layer: Layer, blanks: tuple[Any, ...]) -> dict[str, Any]:
    """Leave out what says nothing: a blank key at the top, or in one of the sections."""
    said = {key: value for key, value in layer.items() if value not in blanks}
    for name in _SECTIONS:
        section = said.get(name)
        if isinstance(section, Mapping):
            said[name] = {key: value for key, value in section.items() if value not in blanks}
    return said


def laid_over(below: dict[str, Any], above: Layer) -> dict[str, Any]:
    """Merge mappings key by key, all the way down; any other value of the upper layer replaces the lower one."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = laid_over(under, value) if isinstance(under, dict) and isinstance(value, Mapping) else value
    return merged
