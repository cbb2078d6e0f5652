"""Where artifacts may stand."""

import pytest

from slipway.intake.sources import is_folder, located, named_findings, source_findings
from slipway.release.release import ObjectRef


@pytest.mark.parametrize(
    "named",
    [
        "models/churn/7/model.tar.gz",
        "models/anything/below.tar.gz",
        "models/churn/7/model/",
        "models/churn/7/export/1/",
        "s3://a-teams-own/runs/42/model.tar.gz",
        "s3://a-teams-own/runs/42/",
    ],
)
def test_an_artifact_is_an_archive_or_a_folder(named: str) -> None:
    assert list(named_findings(named)) == []


@pytest.mark.parametrize(
    "named",
    [
        "models/",
        "models/churn/",
        "models/churn/7/",
        "frozen/sha256/abc/model.tar.gz",
        "model.tar.gz",
        "models/churn/7/model.zip",
        "https://example.com/model.tar.gz",
        "s3://UPPER/model.tar.gz",
        "s3://a-teams-own/",
        "s3://a-teams-own//model.tar.gz",
        "s3://a-teams-own/runs/\n/model.tar.gz",
        "models/churn/7/output/output.tar.gz",
    ],
)
def test_what_cannot_be_an_artifact_is_told(named: str) -> None:
    (finding,) = named_findings(named)
    assert (finding.code, finding.where) == ("SPEC_ARTIFACT_INVALID", "artifact")


def test_a_key_is_in_the_artifact_bucket_and_an_address_says_where_it_is() -> None:
    assert located("models/a/1/model.tar.gz", "ours") == ObjectRef("ours", "models/a/1/model.tar.gz")
    assert located("s3://theirs/a/model.tar.gz", "ours") == ObjectRef("theirs", "a/model.tar.gz")
    assert is_folder(located("s3://theirs/a/", "ours"))


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("s3://ours/models/a/1/model.tar.gz", True),
        ("s3://ours/frozen/sha256/a/model.tar.gz", False),
        ("s3://theirs/anything.tar.gz", True),
        ("s3://strangers/anything.tar.gz", False),
    ],
)
def test_only_named_buckets_are_read_and_of_ours_only_what_was_uploaded(uri: str, allowed: bool) -> None:
    found = list(source_findings(located(uri, "ours"), "ours", ["theirs"]))
    assert [finding.code for finding in found] == ([] if allowed else ["POLICY_SOURCE"])
