"""What an installation does not allow, however well-formed."""

from pathlib import Path
from typing import Any

import pytest

from slipway.intake.policy import pickle_findings, refusals
from slipway.intake.policy_rules import Pickles, Policy
from slipway.release.approval_spec import Approval
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec


def codes(environment: dict[str, str], policy: Policy | None = None, instance_count: int = 1) -> list[str]:
    serve = Serve(image="x", instance_count=instance_count, environment=environment)
    return [finding.code for finding in refusals(ReleaseSpec(endpoint="churn", serve=serve), policy or Policy())]


def test_a_plain_spec_is_allowed() -> None:
    assert codes({"MODEL_THREADS": "4", "SAGEMAKER_PROGRAM": "inference.py"}) == []


def test_more_instances_than_the_cap_are_refused() -> None:
    assert codes({}, Policy(instance_count_cap=2), instance_count=2) == []
    assert codes({}, Policy(instance_count_cap=2), instance_count=3) == ["POLICY_INSTANCE_COUNT"]


@pytest.mark.parametrize(
    ("policy", "approval", "expected"),
    [
        (Policy(approval_required="update"), Approval(before="update"), []),
        (Policy(approval_required="update"), Approval(), ["POLICY_APPROVAL"]),
        (Policy(approval_required="update"), Approval(before="promotion"), ["POLICY_APPROVAL"]),
        (Policy(approval_by_another=True), Approval(by_another=True), []),
        (Policy(approval_by_another=True), Approval(), ["POLICY_APPROVAL_BY_ANOTHER"]),
        (Policy(), Approval(before="promotion", by_another=True), []),
    ],
)
def test_a_spec_may_not_ask_for_less_approval_than_the_stack(
    policy: Policy, approval: Approval, expected: list[str]
) -> None:
    spec = ReleaseSpec(endpoint="churn", serve=Serve(image="x"), approval=approval)
    found = refusals(spec, policy)
    assert [finding.code for finding in found] == expected
    assert all("the stack's parameter Approval" in finding.next_step for finding in found)


@pytest.mark.parametrize(
    "key",
    [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "https_proxy",
        "SSL_CERT_FILE",
        "PIP_INDEX_URL",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_ENDPOINT_URL_S3",
    ],
)
def test_a_variable_that_takes_the_container_over_is_refused(key: str) -> None:
    assert codes({key: "x"}) == ["POLICY_ENVIRONMENT"]


@pytest.mark.parametrize("key", ["PYTHONUNBUFFERED", "AWS_REGION", "PIPELINE", "LDAP", "SSL_CERT"])
def test_a_variable_that_only_looks_like_one_is_allowed(key: str) -> None:
    assert codes({key: "x"}) == []


def test_what_the_policy_allows_by_name_is_allowed() -> None:
    assert codes({"HTTPS_PROXY": "http://proxy"}, Policy(allowed_environment=frozenset({"HTTPS_PROXY"}))) == []


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("/opt/ml/model/code", True),
        ("/opt/ml/model", True),
        ("s3://elsewhere/code.tar.gz", False),
        ("/opt/ml/model/../code", False),
        ("/opt/ml/models", False),
        ("/tmp", False),  # noqa: S108 — a value under test, no file
    ],
)
def test_code_may_only_come_from_the_verified_archive(value: str, allowed: bool) -> None:
    assert codes({"SAGEMAKER_SUBMIT_DIRECTORY": value}) == ([] if allowed else ["POLICY_ENVIRONMENT"])


@pytest.mark.parametrize("value", ["../inference.py", "/etc/x.py", "inference", "a b.py"])
def test_the_program_may_only_be_a_python_file_of_the_archive(value: str) -> None:
    assert codes({"SAGEMAKER_PROGRAM": value}) == ["POLICY_ENVIRONMENT"]


@pytest.mark.parametrize("value", ["AKIA" + "A" * 16, "-----BEGIN RSA PRIVATE KEY-----\nx", "ghp_" + "a" * 36])
def test_a_value_that_looks_like_a_secret_is_refused_and_not_repeated(value: str) -> None:
    serve = Serve(image="x", environment={"TOKEN": value})
    (finding,) = refusals(ReleaseSpec(endpoint="churn", serve=serve), Policy())
    assert finding.code == "POLICY_SECRET"
    assert value not in str(finding)


DIGEST = "@sha256:" + "a" * 64
REPOSITORY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/serve"


def judged(policy: Policy, endpoint: str = "churn", **serve: Any) -> list[str]:
    spec = ReleaseSpec(endpoint=endpoint, serve=Serve(**{"image": "x", **serve}))
    return [f"{finding.code} {finding.where}" for finding in refusals(spec, policy)]


@pytest.mark.parametrize("suffix", ["", ":1.2", DIGEST])
def test_an_image_is_allowed_by_its_repository_whatever_its_tag(suffix: str) -> None:
    image = REPOSITORY + suffix
    assert judged(Policy(allowed_images=(REPOSITORY,)), image=image) == []
    assert judged(Policy(allowed_images=("other", "111122223333.dkr.ecr.*/ser*")), image=image) == []
    assert judged(Policy(allowed_images=("111122223333.dkr.ecr.*/other",)), image=image) == ["POLICY_IMAGE serve.image"]


@pytest.mark.parametrize("image", ["evil/x@" + REPOSITORY, REPOSITORY + "/../evil", "evil:5000/" + REPOSITORY])
def test_an_image_that_only_looks_like_an_allowed_one_is_refused(image: str) -> None:
    assert judged(Policy(allowed_images=(REPOSITORY,)), image=image) == ["POLICY_IMAGE serve.image"]


@pytest.mark.parametrize("suffix", ["", ":1", ":latest", "@sha256:abc"])
def test_where_digests_are_required_a_tag_is_refused(suffix: str) -> None:
    policy = Policy(image_digest_required=True)
    assert judged(policy, image=REPOSITORY + DIGEST) == []
    assert judged(policy, image=REPOSITORY + suffix) == ["POLICY_IMAGE_DIGEST serve.image"]


def test_only_the_allowed_instance_types_may_be_asked_for() -> None:
    policy = Policy(allowed_instance_types=("ml.m5.*", "ml.c5.large"))
    assert judged(policy, instance_type="ml.m5.24xlarge") == judged(policy, instance_type="ml.c5.large") == []
    assert judged(policy, instance_type="ml.p5.48xlarge") == ["POLICY_INSTANCE_TYPE serve.instance_type"]


def test_only_endpoints_with_the_prefix_may_be_changed() -> None:
    policy = Policy(endpoint_prefix="team-a-")
    assert judged(policy, "team-a-churn") == []
    assert judged(policy, "team-b-churn") == ["POLICY_ENDPOINT endpoint"]


def test_where_isolation_is_required_the_network_is_refused() -> None:
    assert judged(Policy(network_isolation_required=True)) == []
    assert judged(Policy(), network_isolation=False) == []
    found = judged(Policy(network_isolation_required=True), network_isolation=False)
    assert found == ["POLICY_NETWORK_ISOLATION serve.network_isolation"]


def test_pickles_are_told_of_unless_they_are_allowed() -> None:
    told = {each: list(pickle_findings(["model.joblib"], Policy(pickles=each))) for each in Pickles}
    assert not told[Pickles.ALLOW]
    assert [finding.code for finding in told[Pickles.WARN]] == ["POLICY_PICKLE"]
    assert told[Pickles.WARN] == told[Pickles.REFUSE]
    assert not list(pickle_findings([], Policy(pickles=Pickles.REFUSE)))


def test_every_refusal_names_the_parameter_that_is_its_rule() -> None:
    strict = Policy(("a",), True, ("ml.m5.large",), 1, "team-a-", True, Pickles.REFUSE)
    serve = Serve(image="b", instance_type="ml.m5.xlarge", instance_count=2, network_isolation=False)
    found = [*refusals(ReleaseSpec(endpoint="churn", serve=serve), strict), *pickle_findings(["a.pkl"], strict)]
    named = {finding.next_step.rpartition("parameter ")[2].removesuffix(".") for finding in found}
    template = (Path(__file__).parents[2] / "template.yaml").read_text()
    assert len(found) == len(named) == 7
    assert all(f"\n  {name}:\n    Type:" in template for name in named)
