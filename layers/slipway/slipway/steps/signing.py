"""Is the artifact signed as it is wanted here: by a key of the stack, over exactly the bytes that were read?"""

from dataclasses import dataclass, field
from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.intake.signature import SIZE_LIMIT, SUFFIX, read_signature
from slipway.intake.sources import is_folder
from slipway.release.release import ObjectRef
from slipway.release.verdicts import Finding
from slipway.steps.sources import Stores
from slipway.steps.work import Tools


@dataclass(frozen=True)
class Signed:
    """What was found out about a signature."""

    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def signature_beside(tools: Stores, artifact: ObjectRef) -> ObjectFacts | None:
    """Look for the signature of an archive; without keys that could verify it nobody looks."""
    if not tools.settings.signing_keys or is_folder(artifact):
        return None
    return tools.artifacts.head(ObjectRef(artifact.bucket, f"{artifact.key}{SUFFIX}"))


def unsigned(tools: Stores, artifact: ObjectRef, found: ObjectFacts | None, required: bool) -> list[Finding]:
    """Refuse an artifact without a signature where one is required."""
    where = f"{artifact.uri}{SUFFIX}"
    if not required or found is not None:
        return []
    if not tools.settings.signing_keys:
        what = "The policy requires a signature, and no key is named that could verify one."
        return [Finding("SIGNATURE_NO_KEYS", what, "Name keys in the stack's parameter SigningKeys.", where)]
    what = "The policy requires a signature, and there is none."
    step = "Upload it (`slipway sign` makes it); that starts the release anew by itself."
    return [Finding("SIGNATURE_ABSENT", what, step, where)]


def verify_signature(tools: Tools, artifact: ObjectRef, digest: str, required: bool) -> Signed:
    """Hold the signature beside an artifact, if there is one, to the bytes that were read.

    Args:
        tools: the world.
        artifact: what was read.
        digest: its SHA-256 in hexadecimal digits.
        required: whether there has to be one.
    """
    found = signature_beside(tools, artifact)
    if found is None:
        return Signed(tuple(unsigned(tools, artifact, None, required)))
    where = found.ref.uri
    try:
        text = tools.artifacts.read(found.ref, SIZE_LIMIT)
    except FileNotFoundError:
        return Signed(tuple(unsigned(tools, artifact, None, required)))
    signature = read_signature(text, tools.settings.signing_keys, where)
    if isinstance(signature, Finding):
        return Signed((signature,))
    said = tools.signatures.verify(signature.key, signature.algorithm, bytes.fromhex(digest), signature.value)
    if said.trouble:
        what = f"The key {signature.key} could not verify it: {said.trouble}."
        step = "Have the key enabled, meant for signing, and its policy admit the role of verify_artifact."
        return Signed((Finding("SIGNATURE_KEY_UNUSABLE", what, step, where),))
    if not said.genuine:
        what = f"It is not over these bytes (SHA-256 {digest}): it belongs to another version, or was changed."
        return Signed((Finding("SIGNATURE_OTHER_BYTES", what, "Sign exactly the file that is uploaded.", where),))
    return Signed((), {"signed_by": signature.key, "signature": f"{where}@{found.ref.version}"})
