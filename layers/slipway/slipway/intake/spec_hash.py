"""Whether two releases want the same: the hash of a whole normalised spec."""

import hashlib
import json
from typing import Any

from slipway.release.spec import ReleaseSpec, spec_item

NOT_SERVED = ("artifact", "artifact_sha256", "force")


def spec_hash(spec: ReleaseSpec) -> str:
    """Hash what a spec asks for to 64 hexadecimal characters.

    Where the artifact stood is left out, since its digest says what is served, and so is by what right. A number counts
    the same whether it comes as 1 or as 1.0, since the ledger does not tell them apart.
    """
    wanted = {name: value for name, value in spec_item(spec).items() if name not in NOT_SERVED}
    text = json.dumps(_plain(wanted), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
