"""What an installation does not allow, however well-formed."""

import pytest

from slipway.intake.policy import Policy, refusals
from slipway.release.spec import ReleaseSpec, Serve


def codes(environment: dict[str, str], policy: Policy | None = None, instance_count: int = 1) -> list[str]:
    serve = Serve(image="x", instance_count=instance_count, environment=environment)
    return [finding.code for finding in refusals(ReleaseSpec(endpoint="churn", serve=serve), policy or Policy())]


def test_a_plain_spec_is_allowed() -> None:
    assert codes({"MODEL_THREADS": "4", "SAGEMAKER_PROGRAM": "inference.py"}) == []


def test_more_instances_than_the_cap_are_refused() -> None:
    assert codes({}, Policy(instance_count_cap=2), instance_count=2) == []
    assert codes({}, Policy(instance_count_cap=2), instance_count=3) == ["POLICY_INSTANCE_COUNT"]


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
