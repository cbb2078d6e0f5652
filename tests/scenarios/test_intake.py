"""What people drop, on the whole local cloud: models that bring their tests, layers of defaults, and wrong ones."""

import gzip
import hashlib
import io
import json
import tarfile
import time
from typing import Any

import pytest
import yaml

from slipway.release.phases import Phase
from slipway.release.verdicts import Outcome
from tests.scenarios.person import Person
from tests.unit.hostile_archives import HOSTILE

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(240)]


def good_archive(person: Person, **more: bytes) -> bytes:
    """Give the good example with more members; a double underscore in a name stands for a slash."""
    packed = io.BytesIO()
    plain = gzip.decompress((person.examples["good"] / "model.tar.gz").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as before, tarfile.open(fileobj=packed, mode="w:gz") as after:
        for member in before:
            after.addfile(member, before.extractfile(member))
        for name, content in more.items():
            info = tarfile.TarInfo(f"{name.replace('__', '/')}.json")
            info.size = len(content)
            after.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def good_case(person: Person) -> dict[str, Any]:
    """Give the first smoke case of the good example, without its name."""
    spec = yaml.safe_load((person.examples["good"] / "release.yaml").read_text())
    return {key: value for key, value in spec["smoke"][0].items() if key != "name"}


def request(person: Person, **spec: Any) -> None:
    """Ask for a release by event."""
    detail = json.dumps({"kind": "release", "endpoint": spec["endpoint"], "spec": spec})
    entry = {"Source": "slipway.releases", "DetailType": "Release Requested", "Detail": detail}
    assert person.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def ended(person: Person, endpoint: str) -> dict[str, Any]:
    """Wait for the first release of an endpoint to end."""
    deadline = time.monotonic() + 60
    while not (history := person.ledger.history(endpoint)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return history[0]


def test_a_model_that_brings_its_smoke_is_tested_by_it_under_the_endpoints_own_spec(person: Person) -> None:
    person.upload("models/brings/release.yaml", b"owner: the team of this endpoint\n")
    checks = [{"path": "$[0].probability", "minimum": 0.5, "maximum": 1}, {"path": "$", "entries": 1}]
    case = good_case(person)
    case["expect"] |= {"stable": True, "paths": checks, "content_type": "application/json"}
    body = good_archive(person, smoke__a_known_row=json.dumps({**case, "repeats": 4, "concurrency": 2}).encode())
    release = person.release_of(person.upload("models/brings/1/model.tar.gz", body))
    assert (release.outcome, release.wanted.owner) == (Outcome.LIVE, "the team of this endpoint")
    assert release.spec_source.endswith("/models/brings/release.yaml")
    (told,) = release.fact(Phase.RUN_SMOKE_INVOCATIONS, "cases")
    assert (told["name"], told["answer"], told["requests"]) == ("a_known_row", "passed", 4)
    assert "scikit-learn" in release.fact(Phase.VERIFY_ARTIFACT, "frameworks")


def test_a_model_that_fails_the_smoke_it_brings_is_taken_back_and_the_difference_is_told(person: Person) -> None:
    case = {**good_case(person), "expect": {"paths": [{"path": "$[0].label", "json": "nonsense"}]}}
    body = good_archive(person, smoke__a_row=json.dumps(case).encode())
    release = person.release_of(person.upload("models/differs/1/model.tar.gz", body))
    assert release.outcome is Outcome.ROLLED_BACK
    assert '$[0].label is "' in release.reason
    assert "(request " in release.reason


@pytest.mark.parametrize(
    "name", ["a zip", "half an archive", "a symbolic link", "a name that climbs out", "a pax bomb"]
)
def test_a_wrong_drop_is_rejected_at_once_and_sagemaker_is_never_asked(person: Person, name: str) -> None:
    endpoint = f"wrong-{len(name)}"
    models = len(person.sagemaker.list_models()["Models"])
    began = time.monotonic()
    release = person.release_of(person.upload(f"models/{endpoint}/1/model.tar.gz", HOSTILE[name][0]()))
    assert time.monotonic() - began < 6, "two seconds, and what a busy machine adds"
    assert release.outcome is Outcome.REJECTED
    assert release.phases[Phase.VERIFY_ARTIFACT].findings[0].code == HOSTILE[name][1]
    assert len(person.sagemaker.list_models()["Models"]) == models


def test_a_release_by_event_is_live_when_its_bytes_are_the_expected_ones_and_rejected_when_not(person: Person) -> None:
    body = good_archive(person)
    person.upload("models/asked/kept/model-of-tuesday.tar.gz", body)
    asked = {"artifact": "models/asked/kept/model-of-tuesday.tar.gz"}
    request(person, endpoint="asked", artifact_sha256=hashlib.sha256(body).hexdigest(), **asked)
    assert ended(person, "asked")["outcome"] == Outcome.LIVE
    request(person, endpoint="asked-wrongly", artifact_sha256="0" * 64, **asked)
    found = ended(person, "asked-wrongly")
    assert found["outcome"] == Outcome.REJECTED
    assert hashlib.sha256(body).hexdigest() in found["reason"]


def test_the_approval_of_a_package_releases_exactly_that_package(person: Person) -> None:
    # Under a name that is no drop's, so that only the approval releases it.
    person.upload("models/approved/registered/other-name.tar.gz", good_archive(person))
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    data = f"s3://{person.bucket}/models/approved/registered/other-name.tar.gz"
    person.sagemaker.create_model_package_group(ModelPackageGroupName="approved")
    inference = {"Containers": [{"Image": image, "ModelDataUrl": data}], "SupportedContentTypes": ["application/json"]}
    inference |= {"SupportedResponseMIMETypes": ["application/json"]}
    arns = [
        person.sagemaker.create_model_package(ModelPackageGroupName="approved", InferenceSpecification=inference)
        for _ in range(2)
    ]
    arn = arns[0]["ModelPackageArn"]
    person.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    release = person.ledger.release(ended(person, "approved")["release"])
    assert (release.outcome, release.spec_source) == (Outcome.LIVE, arn)


def test_a_wrong_spec_of_an_endpoint_rejects_its_drops_and_is_named(person: Person) -> None:
    person.upload("models/misled/release.yaml", b"serve: {instance_count: many}\nartifact: models/a/b/model.tar.gz\n")
    release = person.release_of(person.drop("good", "misled", "1"))
    assert release.outcome is Outcome.REJECTED
    findings = release.phases[Phase.READ_RELEASE].findings
    assert {finding.code for finding in findings} == {"SPEC_OF_ONE_RELEASE", "SPEC_WRONG_TYPE"}
    assert any("models/misled/release.yaml" in finding.where for finding in findings)


def test_a_folder_of_a_teams_own_bucket_is_frozen_and_serves_whatever_becomes_of_it(person: Person) -> None:
    theirs = "a-teams-models"
    person.s3.create_bucket(Bucket=theirs)
    person.s3.put_bucket_versioning(Bucket=theirs, VersioningConfiguration={"Status": "Enabled"})
    with tarfile.open(fileobj=io.BytesIO((person.examples["good"] / "model.tar.gz").read_bytes())) as packed:
        for member in filter(tarfile.TarInfo.isfile, packed):
            content = packed.extractfile(member)
            assert content is not None
            person.s3.put_object(Bucket=theirs, Key=f"runs/42/{member.name.removeprefix('./')}", Body=content.read())
    smoke = [{"name": "a row", **good_case(person)}]
    request(person, endpoint="from-a-folder", artifact=f"s3://{theirs}/runs/42/", smoke=smoke)
    told = ended(person, "from-a-folder")
    assert told["outcome"] == Outcome.LIVE, told["reason"]
    for listed in person.s3.list_objects_v2(Bucket=theirs)["Contents"]:
        person.s3.delete_object(Bucket=theirs, Key=listed["Key"])
    release = person.ledger.release(told["release"])
    assert release.fact(Phase.VERIFY_ARTIFACT, "frozen").startswith(f"s3://{person.bucket}/frozen/sha256/")
    assert release.artifact is not None
    assert release.artifact.bucket == theirs


def test_a_bucket_that_nobody_named_is_not_read(person: Person) -> None:
    person.s3.create_bucket(Bucket="strangers")
    person.s3.put_object(Bucket="strangers", Key="model.tar.gz", Body=b"x")
    request(person, endpoint="strange", artifact="s3://strangers/model.tar.gz")
    told = ended(person, "strange")
    assert told["outcome"] == Outcome.REJECTED
    assert "SourceBuckets" in told["reason"]
