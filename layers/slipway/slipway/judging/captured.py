"""Requests out of the traffic that SageMaker captured (developer guide, 'Capture data from real-time endpoint').

Keys are `captured/<endpoint>/<variant>/yyyy/mm/dd/hh/<mm-ss-ms-id>.jsonl` in UTC, so the last in the alphabet is the
latest; each line holds one request as text, as JSON or in Base64.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

from slipway.release.naming import is_release_id
from slipway.release.smoke_spec import SmokeCase

FOLDER = "captured"
"""Folder of the artifact bucket that the models' role writes captured traffic to."""

LONGEST = 16 * 1024
"""Characters of a request that is compared; larger ones are left out, so that what is kept of them stays small."""


def variant_folder(endpoint: str, variant: str) -> str:
    """Name the folder of one variant's traffic."""
    return f"{FOLDER}/{endpoint}/{variant}/"


def requests_in(content: bytes) -> Iterator[SmokeCase]:
    """Give the requests of one capture file, the latest first; lines that hold none are left out.

    Their names are their event ids. What Slipway itself asked is left out: it names a release as its inference id.
    """
    for line in reversed(content.splitlines()):
        case = _request(line)
        if case is not None:
            yield case


def _request(line: bytes) -> SmokeCase | None:
    try:
        said = json.loads(line)
        asked, about = said["captureData"]["endpointInput"], said["eventMetadata"]
        body = _body(asked)
        name, kind = str(about["eventId"]), str(asked.get("observedContentType") or "application/json")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    attributes = about.get("customAttributes")
    first = str(attributes[0]) if isinstance(attributes, list) and attributes else ""
    if is_release_id(str(about.get("inferenceId", ""))):
        return None
    is_small = 0 < len(body) <= LONGEST and len(kind) <= 1024 and len(first) <= 1024
    is_plain = kind.isascii() and kind.isprintable() and first.isascii() and first.isprintable()
    if not (is_small and is_plain):
        return None
    return SmokeCase(name=name[:100], body=body, content_type=kind, custom_attributes=first)


def _body(asked: dict[str, Any]) -> str:
    """Read a request's body.

    Raises:
        ValueError: it is no text.
    """
    data = asked["data"]
    if asked.get("encoding") != "BASE64":
        return data if isinstance(data, str) else json.dumps(data)
    try:
        return base64.b64decode(data, validate=True).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from error
