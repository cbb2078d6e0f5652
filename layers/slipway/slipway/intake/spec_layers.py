"""The layers of a spec: the stack's defaults, the endpoint's own release.yaml, the drop's; and which one said what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.intake.parsed import Path
from slipway.intake.serverless_rules import INSTANCE_KEYS
from slipway.intake.spec_errors import place
from slipway.intake.spec_text import kept, parse, twice_findings
from slipway.release.spec import ReleaseSpec, spec_item
from slipway.release.verdicts import Finding

NOBODY = "Slipway's default"

_OF_ONE_RELEASE = ("artifact", "artifact_sha256", "force")


@dataclass(frozen=True)
class Layer:
    """One layer by name."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Planned:
    """One value of a whole spec, and the layer that it comes from."""

    place: str
    value: Any
    origin: str


def endpoint_layer(text: bytes, source: str) -> tuple[Layer, list[Finding]]:
    """Read an endpoint's own spec, which holds for all its releases.

    Args:
        text: its bytes.
        source: its S3 URI.

    Returns:
        The layer, empty if the file cannot be read, and what is wrong with it by itself; the values are judged when
        a release lays its own over them.
    """
    parsed = parse(text, source)
    if isinstance(parsed, Finding):
        return Layer(source, {}), [_in(source, parsed)]
    faults: dict[Path, str] = {}
    values = kept(parsed.values, faults)
    found = [_in(source, finding) for finding in twice_findings(parsed)]
    found += [_in(source, Finding("SPEC_UNKEEPABLE", f"This {fault}.", "Write a plain JSON value.", place(path)))
              for path, fault in faults.items()]  # fmt: skip
    for key in _OF_ONE_RELEASE:
        if values.pop(key, None) is not None:
            what = f"An endpoint's own spec holds for all its releases, so it cannot say {key}."
            found.append(_in(source, Finding("SPEC_OF_ONE_RELEASE", what, "Say it in the spec beside the model.", key)))
    return Layer(source, values), found


def planned(spec: ReleaseSpec, layers: Sequence[Layer]) -> list[Planned]:
    """Tell every value of a spec with its origin.

    Args:
        spec: the whole spec.
        layers: those it was merged from, the weakest first.
    """
    item = spec_item(spec)
    if spec.serve.serverless:
        item["serve"] = {key: value for key, value in item["serve"].items() if key not in INSTANCE_KEYS}
    if spec.variants:
        del item["serve"]  # each variant tells its own
    return [Planned(place(path), value, _origin(path, value, spec, layers)) for path, value in _leaves(item)]


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Give single values, and lists whole, since a layer replaces a list as one; but variants and containers key by
    key, and of a container only what there is."""
    if value and (path == ("variants",) or path[-2:] == ("serve", "containers")):
        for index, child in enumerate(value):
            yield from _leaves(child, (*path, index))
    elif isinstance(value, dict) and value and path[:1] != ("smoke",):
        for key, child in value.items():
            if "containers" not in path or child:
                yield from _leaves(child, (*path, key))
    else:
        yield path, value


def _origin(path: Path, found: Any, spec: ReleaseSpec, layers: Sequence[Layer]) -> str:
    if found is None:
        return NOBODY
    if path[-2:] == ("serve", "image"):
        serve = spec.served[place(path[:-1])]
        if serve.framework:
            return f"AWS's image for {serve.framework} {serve.framework_version}"
    if path[-1] == "image" and path[-3:-2] == ("containers",):
        return _origin_of_container(path, spec, layers)
    return _origin_of_said(path, layers)


def _origin_of_container(path: Path, spec: ReleaseSpec, layers: Sequence[Layer]) -> str:
    """Name who says the image of one of several containers: it may be that of all."""
    *section, _, index, _ = path
    container = spec.served[place(tuple(section))].containers[int(index)]
    if container.framework:
        return f"AWS's image for {container.framework} {container.framework_version}"
    own = _origin_of_said(path, layers)
    return own if own != NOBODY else _origin((*section, "image"), container.image, spec, layers)


def _origin_of_said(path: Path, layers: Sequence[Layer]) -> str:
    if path[0] == "variants" and len(path) > 1:
        return _origin_in_variant(path, layers)
    return next((layer.name for layer in reversed(layers) if _said(layer, path) not in (None, "")), NOBODY)


def _origin_in_variant(path: Path, layers: Sequence[Layer]) -> str:
    """Name the layer that says it of this variant, else the one that says it of all."""
    speaking = next((layer for layer in reversed(layers) if _said(layer, path[:1]) is not None), None)
    if speaking is not None and _said(speaking, path) not in (None, ""):
        return speaking.name
    common = [layer.name for layer in reversed(layers) if _said(layer, path[2:]) not in (None, "")]
    return common[0] if common and path[2] == "serve" else NOBODY


def _said(layer: Layer, path: Path) -> Any:
    value: Any = layer.values
    for key in path:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and key < len(value) else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _in(source: str, finding: Finding) -> Finding:
    where = f"{source} {finding.where}".strip()
    return Finding(finding.code, finding.message, finding.next_step, where)
