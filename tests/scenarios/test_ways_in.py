"""Other ways in, and input that is no release, on the whole local cloud."""

import base64
import hashlib
import json
import time

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.scenarios.conftest import POLICY
from tests.scenarios.person import Person
from tests.scenarios.rollouts import drop_with

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


def ask_for(person: Person, **detail: str) -> str:
    """Put a `Release Requested` event; returns the execution that it started."""
    before = set(person.executions())
    entry = {"Source": "slipway.releases", "DetailType": "Release Requested", "Detail": json.dumps(detail)}
    assert person.events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    deadline = time.monotonic() + 20
    while not (new := set(person.executions()) - before):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return new.pop()


def test_a_rollback_goes_back_to_the_release_before(person: Person) -> None:
    person.release_of(person.drop("good", "back", "1"))
    first = person.live("back")
    person.release_of(person.drop("better", "back", "2"))
    ended = person.execution(ask_for(person, kind="rollback", endpoint="back"))
    assert (ended["status"], ended["error"]) == ("FAILED", "ROLLED_BACK")
    assert person.live("back").release == first.release
    assert person.serving("back") == first.config


def test_a_recover_of_an_unknown_release_is_nothing(person: Person) -> None:
    ended = person.execution(ask_for(person, kind="recover", release="20260101t000000-nobody-abcdef"))
    assert ended["status"] == "SUCCEEDED"
    assert "nobody" in ended["output"]


def test_the_same_drop_again_is_unchanged(person: Person) -> None:
    person.release_of(person.drop("good", "again", "1"))
    assert person.release_of(person.drop("good", "again", "2")).outcome is Outcome.UNCHANGED


def test_a_misplaced_archive_ends_in_nothing_with_the_reason(person: Person) -> None:
    before = set(person.executions())
    person.upload("models/misplaced.tar.gz", b"whatever")
    deadline = time.monotonic() + 20
    while not (new := set(person.executions()) - before):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    execution = new.pop()
    ended = person.execution(execution)
    assert ended["status"] == "SUCCEEDED"
    assert "misplaced" in ended["output"]
    assert person.states(execution)[-1] == "Nothing to Release"


def test_a_spec_that_does_not_parse_is_rejected_with_every_finding(person: Person) -> None:
    person.upload("models/typos/1/release.yaml", b"ownr: me\nserve: {instance_count: many}\n")
    body = (person.examples["good"] / "model.tar.gz").read_bytes()
    release = person.release_of(person.upload("models/typos/1/model.tar.gz", body))
    assert release.outcome is Outcome.REJECTED
    places = {finding.where.split(" ")[0] for record in release.phases.values() for finding in record.findings}
    assert places >= {"ownr", "serve.instance_count"}


def test_a_straight_way_stays_within_its_transitions(person: Person) -> None:
    release = person.release_of(person.drop("good", "counted", "1"))
    states = person.states(release.execution)
    rechecks = sum(states.count(name) - 1 for name in ("Wait for a Turn", "Wait for InService", "Watch the Alarms"))
    assert len(states) <= 24 + 2 * rechecks


def test_the_policy_document_that_the_stack_names_refuses_by_its_key(person: Person) -> None:
    spec = {"serve": {"environment": {"NEVER_HERE": "1"}}}
    release = person.release_of(drop_with(person, "good", "ruled", "1", **spec))
    assert release.outcome is Outcome.REJECTED
    (finding,) = release.phases[Phase.READ_RELEASE].findings
    assert (finding.code, finding.where) == ("POLICY_ENVIRONMENT", "serve.environment.NEVER_HERE")
    assert f"`environment.never` of the policy {POLICY} (version 1)" in finding.next_step


def sign(person: Person, version: str, signed: bytes) -> None:
    """Upload what `aws kms sign` prints for these bytes beside the archive to come."""
    said = person.client("kms").sign(
        KeyId=person.key,
        Message=hashlib.sha256(signed).digest(),
        MessageType="DIGEST",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    text = {name: said[name] for name in ("KeyId", "SigningAlgorithm")}
    text["Signature"] = base64.b64encode(said["Signature"]).decode()
    person.upload(f"models/signed/{version}/model.tar.gz.sig", json.dumps(text).encode())


def test_a_signature_by_a_key_of_the_stack_is_verified_and_one_over_other_bytes_refused(person: Person) -> None:
    sign(person, "1", (person.examples["good"] / "model.tar.gz").read_bytes())
    genuine = person.release_of(person.drop("good", "signed", "1"))
    assert genuine.outcome is Outcome.LIVE, genuine.reason
    assert genuine.fact(Phase.VERIFY_ARTIFACT, "signed_by") == person.key
    sign(person, "2", b"something else")
    other = person.release_of(person.drop("better", "signed", "2"))
    assert other.outcome is Outcome.REJECTED
    assert [each.code for each in other.phases[Phase.VERIFY_ARTIFACT].findings] == ["SIGNATURE_OTHER_BYTES"]
