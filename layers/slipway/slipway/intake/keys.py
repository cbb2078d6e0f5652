"""The layout of the artifact bucket: where artifacts and specs stand, and what other keys mean."""

import re

from slipway.intake.names import shorten

SPEC_FILES = ("release.yaml", "release.yml", "release.json")
"""Names of a spec file, the first that exists counts."""

KEY = re.compile(
    r"models/(?P<endpoint>[^/]+)/(?P<version>[^/]+)/"
    r"(?:(?P<artifact>(?:output/)?model\.tar\.gz)(?P<signature>\.sig)?|(?P<spec>release\.(?:yaml|yml|json)))"
)
"""The one pattern that takes a key apart; for fullmatch."""

_DEFAULTS = re.compile(r"models/[^/]+/release\.(?:yaml|yml|json)")
_LAYOUT = "Drop a model as models/<endpoint>/<version>/model.tar.gz."


def spec_keys(endpoint: str, version: str) -> list[str]:
    """Give the keys at which the spec of one drop may stand, beside it."""
    return [f"models/{endpoint}/{version}/{name}" for name in SPEC_FILES]


def endpoint_spec_keys(endpoint: str) -> list[str]:
    """Give the keys at which an endpoint's own spec may stand; it lies beneath that of every drop."""
    return [f"models/{endpoint}/{name}" for name in SPEC_FILES]


def artifact_keys(endpoint: str, version: str) -> list[str]:
    """Give the keys at which the artifact of a version may stand: uploaded by hand, or by a training job."""
    folder = f"models/{endpoint}/{version}"
    return [f"{folder}/model.tar.gz", f"{folder}/output/model.tar.gz"]


def why_not(key: str) -> str:
    """Say why an object of this key starts no release."""
    shown, name = shorten(key, 120), key.rpartition("/")[2].lower()
    if key.startswith(("frozen/", "reports/")):
        return f"{shown} was written by Slipway itself"
    if not key.startswith("models/"):
        return f"{shown} is outside models/. {_LAYOUT}"
    if _DEFAULTS.fullmatch(key):
        return f"{shown} holds the endpoint's defaults; they count from the next release on"
    if name in SPEC_FILES:
        return f"{shown} is not where a spec is looked for. Put it at models/<endpoint>/<version>/{name}."
    if name == "output.tar.gz":
        return f"{shown} is a training job's other output; its model is the model.tar.gz beside it"
    if name.startswith("model."):
        return f"{shown} is not a drop: the folder or the file's name differs. {_LAYOUT}"
    return f"{shown} is neither a model nor a spec. {_LAYOUT}"
