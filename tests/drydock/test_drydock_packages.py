"""The model registry through real boto3 clients."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import DATA, ROLE, LocalHosting, production_variant

CHANGE = "SageMaker Model Package State Change"
PREFIX = "arn:aws:sagemaker:us-east-1:000000000000"
INFERENCE = {
    "Containers": [{"Image": "model:good", "ModelDataUrl": DATA, "Environment": {"A": "package", "B": "package"}}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["application/json"],
}


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        running.sagemaker.create_model_package_group(ModelPackageGroupName="Churn", ModelPackageGroupDescription="d")
        yield running


def version(hosting: LocalHosting, **more: Any) -> str:
    request = {"ModelPackageGroupName": "Churn", "InferenceSpecification": INFERENCE, **more}
    return str(hosting.sagemaker.create_model_package(**request)["ModelPackageArn"])


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_group_is_described_listed_and_deleted(hosting: LocalHosting) -> None:
    client = hosting.sagemaker
    group = client.describe_model_package_group(ModelPackageGroupName="Churn")
    assert group["ModelPackageGroupArn"] == f"{PREFIX}:model-package-group/churn"
    assert (group["ModelPackageGroupName"], group["ModelPackageGroupStatus"]) == ("Churn", "Completed")
    assert client.describe_model_package_group(ModelPackageGroupName=group["ModelPackageGroupArn"])
    client.create_model_package_group(ModelPackageGroupName="other")
    listed = client.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [line["ModelPackageGroupName"] for line in listed] == ["Churn", "other"]
    assert not client.list_model_package_groups(CrossAccountFilterOption="CrossAccount")["ModelPackageGroupSummaryList"]
    client.delete_model_package_group(ModelPackageGroupName="other")
    assert len(client.list_model_package_groups()["ModelPackageGroupSummaryList"]) == 1


def test_a_group_is_refused_in_the_words_of_aws(hosting: LocalHosting) -> None:
    client = hosting.sagemaker
    arn = f"{PREFIX}:model-package-group/churn"
    assert refused(client.create_model_package_group, ModelPackageGroupName="churn") == (
        "ValidationException",
        f"Model Package Group already exists: {arn}",
    )
    missing = refused(client.describe_model_package_group, ModelPackageGroupName="none")
    assert missing[1] == f"ModelPackageGroup {PREFIX}:model-package-group/none does not exist."
    version(hosting)
    assert refused(client.delete_model_package_group, ModelPackageGroupName="Churn")[0] == "ConflictException"


def test_versions_count_up_and_are_never_given_twice(hosting: LocalHosting) -> None:
    assert version(hosting) == f"{PREFIX}:model-package/churn/1"
    second = version(hosting)
    hosting.sagemaker.delete_model_package(ModelPackageName=second)
    assert version(hosting) == f"{PREFIX}:model-package/churn/3"
    assert refused(hosting.sagemaker.describe_model_package, ModelPackageName=second) == (
        "ValidationException",
        f"ModelPackage {second} does not exist.",
    )


def test_a_new_version_waits_for_approval(hosting: LocalHosting) -> None:
    package = hosting.sagemaker.describe_model_package(ModelPackageName=version(hosting))
    assert (package["ModelApprovalStatus"], package["ModelPackageStatus"]) == ("PendingManualApproval", "Completed")
    assert (package["ModelPackageGroupName"], package["ModelPackageVersion"]) == ("Churn", 1)
    assert package["InferenceSpecification"] == INFERENCE


def test_an_approval_is_told_in_the_casing_of_the_api_and_iso_times(hosting: LocalHosting) -> None:
    arn = version(hosting, CustomerMetadataProperties={"team": "a", "old": "b"})
    hosting.sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="looks good",
        CustomerMetadataProperties={"team": "c"},
        CustomerMetadataPropertiesToRemove=["old"],
    )
    created, approved = hosting.surroundings.details(CHANGE)
    assert (created["ModelApprovalStatus"], approved["ModelApprovalStatus"]) == ("PendingManualApproval", "Approved")
    assert (approved["ModelPackageStatus"], approved["ModelPackageVersion"]) == ("Completed", 1)
    assert approved["CreationTime"].endswith("Z") and approved["CreationTime"][19] == "."
    assert "ModelPackageName" not in approved and approved["ModelPackageArn"] == arn
    package = hosting.sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["ApprovalDescription"] == "looks good"
    assert package["CustomerMetadataProperties"] == {"team": "c"}
    assert package["LastModifiedTime"] >= package["CreationTime"]


def test_packages_are_listed_by_group_kind_and_approval(hosting: LocalHosting) -> None:
    client = hosting.sagemaker
    first, _ = version(hosting), version(hosting)
    client.update_model_package(ModelPackageArn=first, ModelApprovalStatus="Rejected")
    client.create_model_package(ModelPackageName="alone", InferenceSpecification=INFERENCE)

    def listed(**request: Any) -> list[str]:
        found = client.list_model_packages(**request)["ModelPackageSummaryList"]
        return [line["ModelPackageArn"].rpartition("model-package/")[2] for line in found]

    assert listed(ModelPackageGroupName="churn") == ["churn/1", "churn/2"]
    assert listed(ModelPackageGroupName="Churn", ModelApprovalStatus="Rejected") == ["churn/1"]
    assert listed() == ["alone"]
    assert listed(ModelPackageType="Versioned", SortOrder="Descending") == ["churn/2", "churn/1"]
    assert listed(ModelPackageType="Both", NameContains="alo") == ["alone"]
    (line,) = client.list_model_packages()["ModelPackageSummaryList"]
    assert line["ModelPackageName"] == "alone"
    assert (
        "ModelPackageName"
        not in client.list_model_packages(ModelPackageGroupName="Churn")["ModelPackageSummaryList"][0]
    )


def test_a_package_has_a_name_or_a_group(hosting: LocalHosting) -> None:
    create = hosting.sagemaker.create_model_package
    both = refused(create, ModelPackageName="a", ModelPackageGroupName="Churn", InferenceSpecification=INFERENCE)
    assert both[1].startswith("Both ModelPackageName and ModelPackageGroupName are provided in the input.")
    assert refused(create, InferenceSpecification=INFERENCE)[1] == "Missing ARN."
    create(ModelPackageName="alone", InferenceSpecification=INFERENCE)
    assert "already exists" in refused(create, ModelPackageName="Alone", InferenceSpecification=INFERENCE)[1]


def test_a_model_is_made_from_a_package_and_serves(hosting: LocalHosting) -> None:
    arn = version(hosting)
    hosting.sagemaker.create_model(
        ModelName="one", ExecutionRoleArn=ROLE, Containers=[{"ModelPackageName": arn, "Environment": {"B": "model"}}]
    )
    (container,) = hosting.sagemaker.describe_model(ModelName="one")["Containers"]
    assert (container["ModelPackageName"], container["Image"], container["ModelDataUrl"]) == (arn, "model:good", DATA)
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="one", ProductionVariants=[production_variant("one")])
    assert hosting.endpoint("churn", "one")["EndpointStatus"] == "InService"
    (instance,) = hosting.launcher.running()
    assert instance.spec.environment == {"A": "package", "B": "model"}


def test_a_further_inference_specification_is_chosen_by_name(hosting: LocalHosting) -> None:
    other = {"Name": "gpu", "Containers": [{"Image": "model:gpu", "ModelDataUrl": DATA}]}
    arn = version(hosting, AdditionalInferenceSpecifications=[other])
    container = {"ModelPackageName": arn, "InferenceSpecificationName": "gpu"}
    hosting.sagemaker.create_model(ModelName="gpu", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    assert hosting.sagemaker.describe_model(ModelName="gpu")["PrimaryContainer"]["Image"] == "model:gpu"
    container["InferenceSpecificationName"] = "tpu"
    missing = refused(
        hosting.sagemaker.create_model, ModelName="tpu", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    assert missing[1] == f"ModelPackage {arn} has no inference specification tpu."


def test_a_model_from_a_package_that_is_not_there_is_refused(hosting: LocalHosting) -> None:
    container = {"ModelPackageName": "churn/7"}
    create = hosting.sagemaker.create_model
    assert refused(create, ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)[1] == (
        f"ModelPackage {PREFIX}:model-package/churn/7 does not exist."
    )


def test_a_package_carries_tags(hosting: LocalHosting) -> None:
    arn = version(hosting)
    hosting.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert hosting.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
