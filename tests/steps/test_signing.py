"""An artifact is released with the signature that the policy wants, or rejected with what is wrong about it."""

import base64
import hashlib
import json

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.settings import Settings
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.steps.stories import MODEL, Story
from tests.steps.test_policing import refused, ruled

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = KEY.replace("1234abcd", "9999abcd")
ARTIFACT = "models/churn/1/model.tar.gz"


def signing(tools: FakeTools, key: str = KEY, body: bytes = MODEL) -> bytes:
    algorithm = "ECDSA_SHA_256"
    value = tools.signatures.sign(key, algorithm, hashlib.sha256(body).digest())
    said = {"KeyId": key, "Signature": base64.b64encode(value).decode(), "SigningAlgorithm": algorithm}
    return json.dumps(said).encode()


def wanting_signatures(required: bool = True, keys: str = KEY) -> FakeTools:
    tools = ruled({"signature_required": required})
    tools.settings = Settings(tools.settings.environment | {"SLIPWAY_SIGNING_KEYS": keys})
    tools.signatures.keys = {KEY: "enabled"}
    return tools


def verified(tools: FakeTools, signature: bytes) -> Verdict:
    """Drop a signature and its artifact, and verify."""
    tools.artifacts.drop(BUCKET, f"{ARTIFACT}.sig", signature)
    story = Story(tools)
    assert story.drop().answer is Answer.ACCEPTED
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    return verdict


def test_a_signed_artifact_goes_on_and_the_ledger_says_who_signed() -> None:
    tools = wanting_signatures()
    verdict = verified(tools, signing(tools))
    assert verdict.answer is Answer.SOUND
    assert verdict.facts["signed_by"] == KEY
    assert verdict.facts["signature"] == f"s3://{BUCKET}/{ARTIFACT}.sig@v1"


def test_a_signature_that_comes_after_its_artifact_starts_the_pair_anew() -> None:
    tools = wanting_signatures()
    assert refused(Story(tools).drop()) == ["SIGNATURE_ABSENT"]
    ref = tools.artifacts.drop(BUCKET, f"{ARTIFACT}.sig", signing(tools))
    story = Story(tools, "execution-2")
    assert story.read(drop_event(ref.key, ref.version)).answer is Answer.ACCEPTED
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert verdict.answer is Answer.SOUND


def test_a_signature_that_comes_before_its_artifact_starts_nothing_and_the_pair_starts_once() -> None:
    tools = wanting_signatures()
    ref = tools.artifacts.drop(BUCKET, f"{ARTIFACT}.sig", signing(tools))
    early = Story(tools).read(drop_event(ref.key, ref.version))
    assert early.answer is Answer.NOTHING
    assert "not there yet" in early.reason
    assert Story(tools, "execution-2").drop().answer is Answer.ACCEPTED
    again = Story(tools, "execution-3").read(drop_event(ref.key, ref.version))
    assert again.answer is Answer.NOTHING
    assert "duplicate" in again.reason


def test_where_no_key_counts_nobody_looks_at_signatures() -> None:
    tools = wanting_signatures(required=False, keys="")
    ref = tools.artifacts.drop(BUCKET, f"{ARTIFACT}.sig", b"rubbish")
    assert Story(tools).read(drop_event(ref.key, ref.version)).answer is Answer.NOTHING
    story = Story(tools, "execution-2")
    story.drop()
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert verdict.answer is Answer.SOUND


def test_a_required_signature_without_a_key_is_told_as_such() -> None:
    assert refused(Story(wanting_signatures(keys="")).drop()) == ["SIGNATURE_NO_KEYS"]


def test_a_signature_that_is_not_required_has_to_be_right_all_the_same() -> None:
    tools = wanting_signatures(required=False)
    story = Story(tools)
    story.drop()
    assert story.step(Phase.VERIFY_ARTIFACT).answer is Answer.SOUND  # type: ignore[union-attr]
    assert refused(verified(wanting_signatures(required=False), b"rubbish")) == ["SIGNATURE_UNREADABLE"]


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        (OTHER, MODEL, "SIGNATURE_OTHER_KEY"),
        (KEY, archive(model_joblib="another version"), "SIGNATURE_OTHER_BYTES"),
    ],
    ids=["another key", "another version"],
)
def test_a_signature_of_another_key_or_version_is_refused(key: str, body: bytes, code: str) -> None:
    tools = wanting_signatures()
    assert refused(verified(tools, signing(tools, key, body))) == [code]


def test_a_key_that_cannot_verify_is_named_with_the_reason() -> None:
    tools = wanting_signatures()
    tools.signatures.keys = {KEY: "DisabledException"}
    verdict = verified(tools, signing(tools))
    assert refused(verdict) == ["SIGNATURE_KEY_UNUSABLE"]
    assert KEY in verdict.reason
    assert "DisabledException" in verdict.reason


def test_nobody_looks_for_a_signature_where_nothing_may_be_fetched() -> None:
    tools = wanting_signatures()
    tools.artifacts.drop(BUCKET, "models/churn/1/release.json", b'{"artifact": "s3://their-bucket/model.tar.gz"}')
    assert refused(Story(tools).read(drop_event("models/churn/1/release.json"))) == ["POLICY_SOURCE"]


def test_a_model_that_is_not_packed_has_no_file_to_sign_and_is_refused() -> None:
    tools = wanting_signatures()
    for name in ("model.json", ".sig"):
        tools.artifacts.drop(BUCKET, f"models/churn/1/files/{name}", b"{}")
    tools.artifacts.drop(BUCKET, "models/churn/1/release.json", b'{"artifact": "models/churn/1/files/"}')
    assert refused(Story(tools).read(drop_event("models/churn/1/release.json"))) == ["SIGNATURE_ABSENT"]


def test_a_signature_that_vanished_since_is_missed() -> None:
    tools = wanting_signatures()
    tools.artifacts.drop(BUCKET, f"{ARTIFACT}.sig", signing(tools))
    story = Story(tools)
    story.drop()
    tools.artifacts.remove(BUCKET, f"{ARTIFACT}.sig")
    assert refused(story.step(Phase.VERIFY_ARTIFACT)) == ["SIGNATURE_ABSENT"]
