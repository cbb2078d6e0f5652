"""What everything that is served by one release must keep together."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.intake.names import readable
from slipway.intake.variants import sections
from slipway.release.verdicts import Finding

Values = Mapping[str, Any]

_LARGEST = 96 * 1024
"""Characters of all environments and containers: the ledger keeps a spec within an item, which is 400 KB at most."""


def together_findings(values: Values) -> Iterator[Finding]:
    """Hold what is named at several places of a spec to each other, and all of it to what the ledger keeps.

    Args:
        values: the merged values, of any type.
    """
    yield from _checksums(values)
    said = [(serve.get("environment"), serve.get("containers")) for serve in sections(values).values()]
    size = len(json.dumps(said))
    if size > _LARGEST:
        what = f"The environments and containers of all that is served have {size} characters together."
        step = f"Use at most {_LARGEST}, or put the data into the archives."
        yield Finding("SPEC_SERVE_TOO_LARGE", what, step, "variants" if values.get("variants") else "serve")


def _checksums(values: Values) -> Iterator[Finding]:
    """Tell of an artifact of which different checksums are expected."""
    expected = dict[str, str]()
    for where, named in _named(values):
        artifact, digest = named.get("artifact"), named.get("artifact_sha256")
        if not isinstance(artifact, str) or not isinstance(digest, str):
            continue
        if expected.setdefault(artifact, digest.lower()) != digest.lower():
            what = f"Another checksum is expected of {readable(artifact, 200)} at another place."
            yield Finding("SPEC_CHECKSUMS", what, "Say the same at each.", f"{where}.artifact_sha256")


def _named(values: Values) -> Iterator[tuple[str, Values]]:
    """List whatever may name an artifact, with its place."""
    places = {"variants": values.get("variants")}
    places |= {f"{where}.containers": serve.get("containers") for where, serve in sections(values).items()}
    for place, listed in places.items():
        for index, each in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(each, Mapping):
                yield f"{place}[{index}]", each
