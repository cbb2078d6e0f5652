"""An approval in the model registry releases exactly the package that was approved, by digest and ETag."""

from typing import Any

import pytest

from slipway.release.parts import frozen_addresses
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from tests.fakes.tools import BUCKET, archive
from tests.steps.stories import MODEL, Story

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/3"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve"
DIGEST = "sha256:" + "a" * 64
KEY = "models/churn/3/model.tar.gz"
OTHER = "models/churn/3/labels.tar.gz"


def approve(story: Story, status: str = "Approved", arn: str = ARN) -> Verdict:
    """Read the event of an approval."""
    detail = {"ModelPackageArn": arn, "ModelApprovalStatus": status, "ModelPackageGroupName": "churn"}
    kind = "SageMaker Model Package State Change"
    event = {
        "source": "aws.sagemaker",
        "detail-type": kind,
        "id": "e",
        "time": "2026-01-05T12:00:00Z",
        "detail": detail,
    }
    return story.read(event)


def register(story: Story, *containers: dict[str, Any], **package: Any) -> None:
    """Put a package into the registry, whose data is in the bucket."""
    ref = story.tools.artifacts.drop(BUCKET, KEY, MODEL)
    facts = story.tools.artifacts.head(ref)
    assert facts is not None
    whole: dict[str, Any] = {"Image": f"{IMAGE}:1.2", "ImageDigest": DIGEST, "ModelDataUrl": f"s3://{BUCKET}/{KEY}"}
    whole |= {"ModelDataETag": facts.etag, "Environment": {"LEVEL": "1"}}
    several = [{**whole, **container} for container in containers] or [whole]
    said = {"ModelApprovalStatus": "Approved", "ModelPackageStatus": "Completed", **package}
    story.tools.hosting.packages[ARN] = {**said, "InferenceSpecification": {"Containers": several}}


def codes(verdict: Verdict) -> list[str]:
    assert verdict.answer is Answer.REFUSED
    return [finding.code for finding in verdict.findings]


def test_the_package_is_served_by_the_digest_of_its_image_over_the_endpoints_own_spec() -> None:
    story = Story()
    story.tools.artifacts.drop(BUCKET, "models/churn/release.yaml", b"serve: {instance_count: 2}\n")
    register(story)
    verdict = approve(story)
    serve = story.release.wanted.serve
    assert verdict.answer is Answer.ACCEPTED
    assert (serve.image, serve.environment, serve.instance_count) == (f"{IMAGE}@{DIGEST}", {"LEVEL": "1"}, 2)
    assert (story.release.endpoint, story.release.spec_source) == ("churn", ARN)
    story.through(Phase.CREATE_ENDPOINT)
    (model,) = story.tools.hosting.requests("create_model")
    assert model["PrimaryContainer"]["Image"] == f"{IMAGE}@{DIGEST}"


def test_another_version_of_the_group_is_not_looked_at() -> None:
    story = Story()
    register(story)
    assert codes(approve(story, arn=ARN.replace("/3", "/2")))[0] == "PACKAGE_GONE"
    assert story.tools.hosting.requests("describe_package") == [ARN.replace("/3", "/2")]


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval", "approved", ""])
def test_only_the_word_approved_approves(status: str) -> None:
    story = Story()
    register(story)
    assert approve(story, status).answer is Answer.NOTHING


def test_an_approval_that_was_taken_back_meanwhile_releases_nothing() -> None:
    story = Story()
    register(story, ModelApprovalStatus="Rejected")
    assert codes(approve(story)) == ["PACKAGE_NOT_APPROVED"]


@pytest.mark.parametrize(
    ("container", "code"),
    [
        ({"ModelDataETag": "0" * 32}, "PACKAGE_OTHER_DATA"),
        ({"ModelDataUrl": "s3://elsewhere/models/churn/3/model.tar.gz"}, "PACKAGE_DATA_ELSEWHERE"),
        ({"ModelDataUrl": f"s3://{BUCKET}/frozen/model.tar.gz"}, "PACKAGE_DATA_ELSEWHERE"),
        ({"Image": f"{IMAGE}@sha256:{'b' * 64}"}, "PACKAGE_DIGEST"),
        ({"ImageDigest": "sha256:abc"}, "PACKAGE_DIGEST"),
    ],
)
def test_what_is_not_what_was_registered_is_refused(container: dict[str, Any], code: str) -> None:
    story = Story()
    register(story, container)
    assert code in codes(approve(story))
    assert not story.tools.hosting.requests("create_model")


def several(story: Story, **second: Any) -> None:
    """Register a package of two containers, of which the second has data of its own."""
    ref = story.tools.artifacts.drop(BUCKET, OTHER, archive(labels_joblib="l1"))
    facts = story.tools.artifacts.head(ref)
    assert facts is not None
    own = {"ModelDataUrl": f"s3://{BUCKET}/{OTHER}", "ModelDataETag": facts.etag, "ContainerHostname": "labels"}
    register(story, {}, {**own, "Environment": {}, **second})


def test_a_package_of_several_containers_is_a_pipeline_of_them_each_by_digest() -> None:
    story = Story()
    several(story)
    assert approve(story).answer is Answer.ACCEPTED
    story.through(Phase.CREATE_ENDPOINT)
    (model,) = story.tools.hosting.requests("create_model")
    first, second = model["Containers"]
    assert (first["ContainerHostname"], second["ContainerHostname"]) == ("container-1", "labels")
    assert {each["Image"] for each in model["Containers"]} == {f"{IMAGE}@{DIGEST}"}
    assert (first["Environment"], second["Environment"]) == ({"LEVEL": "1"}, {})
    frozen = frozen_addresses(story.release)
    assert [each["ModelDataUrl"] for each in (first, second)] == [frozen[""], frozen[f"s3://{BUCKET}/{OTHER}"]]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({"ModelDataETag": "0" * 32}, "PACKAGE_OTHER_DATA"),
        ({"ModelDataUrl": "s3://elsewhere/models/churn/3/labels.tar.gz"}, "PACKAGE_DATA_ELSEWHERE"),
        ({"ImageDigest": "sha256:abc"}, "PACKAGE_DIGEST"),
    ],
)
def test_each_container_of_several_is_what_was_registered(second: dict[str, Any], code: str) -> None:
    story = Story()
    several(story, **second)
    verdict = approve(story)
    assert code in codes(verdict)
    where = next(finding.where for finding in verdict.findings if finding.code == code)
    assert where in (f"{ARN} container 2", f"s3://{BUCKET}/{OTHER}")


def test_a_package_of_one_container_is_served_by_it_alone_whatever_the_endpoints_own_spec_says() -> None:
    story = Story()
    containers = b"serve: {containers: [{name: a}, {name: b, artifact: models/churn/parts/b.tar.gz}]}\n"
    story.tools.artifacts.drop(BUCKET, "models/churn/release.yaml", containers)
    register(story)
    assert approve(story).answer is Answer.ACCEPTED
    assert story.release.wanted.serve.containers == ()


def test_a_package_without_containers_is_refused() -> None:
    story = Story()
    register(story)
    story.tools.hosting.packages[ARN]["InferenceSpecification"] = {}
    assert "PACKAGE_CONTAINERS" in codes(approve(story))


def test_the_endpoint_may_be_named_by_the_packages_metadata_and_must_be_a_name() -> None:
    story = Story()
    register(story, CustomerMetadataProperties={"endpoint": "churn-eu"})
    assert approve(story).answer is Answer.ACCEPTED
    assert story.release.endpoint == "churn-eu"
    other = Story()
    register(other, CustomerMetadataProperties={"endpoint": "../x"})
    assert "ENDPOINT_NAME_INVALID" in codes(approve(other))


def test_a_second_event_of_the_same_approval_releases_nothing_more() -> None:
    story = Story()
    register(story)
    approve(story)
    again = Story(story.tools, "execution-2")
    assert approve(again).answer is Answer.NOTHING
