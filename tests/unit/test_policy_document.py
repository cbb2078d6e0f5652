"""A policy document is understood whole, or nothing may be released."""

import json
from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_document import PolicyDocument
from slipway.intake.policy_reading import read_policy
from slipway.intake.policy_rules import stricter
from slipway.intake.writers import Who, who_wrote, writer_findings
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec

NAME = "the policy /p (version 1)"


def document(**said: Any) -> PolicyDocument:
    read = read_policy(json.dumps({"schema": 1, **said}), NAME)
    assert isinstance(read, PolicyDocument), read
    return read


def faults(text: str) -> list[str]:
    read = read_policy(text, NAME)
    assert isinstance(read, list)
    assert {finding.code for finding in read} == {"POLICY_UNREADABLE"}
    return [str(finding) for finding in read]


def judged(serve: dict[str, Any], **said: Any) -> list[str]:
    spec = ReleaseSpec(endpoint="churn", serve=Serve(**{"image": "x", **serve}))
    return [f"{finding.code} {finding}" for finding in refusals(spec, document(**said).rules(NAME))]


def test_a_document_says_in_yaml_what_it_says_in_json() -> None:
    cost = "cost:\n  most_per_hour: 2\n  per_instance_hour: {ml.m5.large: 0.115}\n"
    text = f"schema: 1\n{cost}writers:\n- endpoints: [a-*]\n"
    said = {
        "cost": {"most_per_hour": 2, "per_instance_hour": {"ml.m5.large": 0.115}},
        "writers": [{"endpoints": ["a-*"]}],
    }
    assert read_policy(text, NAME) == document(**said)


def test_a_document_that_says_nothing_allows_everything() -> None:
    assert judged({"instance_type": "ml.p5.48xlarge", "instance_count": 100, "network_isolation": False}) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "schema: The policy cannot be used"),
        ("- schema: 1", "holds no keys"),
        ("schema: 1\nschema: 1", "stands twice"),
        ("schema: 2", "newer than the one that this Slipway reads"),
        ("schema: 1\npickles: never", "pickles"),
        ("schema: 1\ncost: {ceiling: 3}", "cost.ceiling"),
        ("schema: 1\nimage: {}", "Did you mean images?"),
        ("schema: 1\ncost: {most_per_hour: .nan}", "no number"),
        ("schema: 1\ncost: {most_per_hour: 0}", "more than 0"),
        ("schema: 1\nimages:\n  allowed:", "is not a list"),
        ("schema: 1\nfreezes: [{name: f, days: [funday]}]", "freezes[0].days[0]"),
        ("schema: 1\nfreezes: [{name: f, days: [mon], start: '25:00'}]", "freezes[0].start"),
        ("schema: 1\nfreezes: [{name: f, days: [mon], time_zone: Europe/Atlantis}]", "Europe/Atlantis"),
        ("schema: 1\nfreezes: [{name: f, start: 2026-02-30, end: 2026-03-01}]", "freezes[0].start"),
        ("schema: 1\nfreezes: [{name: f, start: 2026-02-02, end: 2026-02-02}]", "ends before it begins"),
        ('{"schema": 1,', "line 1"),
        ("schema: 1\nwriters: [{account: '1'}]", "writers[0].endpoints"),
        ("schema: 1\n" + "#" * 300_000, "larger than"),
    ],
    ids=lambda value: value[:40].replace("\n", " "),
)
def test_what_is_not_understood_is_told_with_its_place_and_stops_everything(text: str, told: str) -> None:
    found = faults(text)
    assert any(told in each for each in found), found
    assert all("nothing may be released" in each and NAME in each for each in found)


def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    found = faults("schema: 1\npickles: 3\nfreeze: []\ncost:\n  most_per_hour: much\n")
    assert len(found) == 3
    assert any("line 2" in each for each in found)
    assert any("line 5" in each for each in found)


def test_the_document_has_the_rules_that_the_stack_has_and_says_where_they_stand() -> None:
    serve = {"image": "b", "instance_type": "ml.m5.xlarge", "instance_count": 2, "network_isolation": False}
    found = judged(
        serve,
        images={"allowed": ["a"], "digest_required": True},
        instances={"allowed": ["ml.m5.large"], "most": 1},
        network_isolation_required=True,
    )
    keys = ["images.allowed", "images.digest_required", "instances.allowed", "network_isolation_required"]
    for key, told in zip([*keys, "instances.most"], found, strict=True):
        assert f"it is `{key}` of {NAME}" in told


PRICED = {"most_per_hour": 0.3, "per_instance_hour": {"ml.m5.large": 0.1, "ml.m5.xlarge": 0.2}}


@pytest.mark.parametrize(
    ("kind", "count", "told"),
    [
        ("ml.m5.large", 3, ""),
        ("ml.m5.large", 4, "POLICY_COST serve.instance_count: 4 x ml.m5.large cost 0.4 an hour, more than the 0.3"),
        ("ml.m5.xlarge", 2, "POLICY_COST"),
        ("ml.p5.48xlarge", 1, "POLICY_PRICE_UNKNOWN serve.instance_type: There is a ceiling"),
    ],
)
def test_a_fleet_is_held_to_the_ceiling_and_what_nobody_priced_is_not_free(kind: str, count: int, told: str) -> None:
    found = judged({"instance_type": kind, "instance_count": count}, cost=PRICED)
    assert len(found) == bool(told)
    assert not told or found[0].startswith(told)


def test_without_a_ceiling_no_price_is_asked_for() -> None:
    assert judged({"instance_type": "ml.p5.48xlarge"}, cost={"per_instance_hour": {"ml.m5.large": 1}}) == []


def test_the_document_forbids_variables_and_allows_what_slipway_would_refuse() -> None:
    said = {"never": ["MODEL_*"], "allowed": ["HTTPS_PROXY", "MODEL_DEBUG"]}
    assert judged({"environment": {"HTTPS_PROXY": "p", "THREADS": "4"}}, environment=said) == []
    (found,) = judged({"environment": {"model_debug": "1"}}, environment=said)
    assert found.startswith("POLICY_ENVIRONMENT serve.environment.model_debug")
    assert "`environment.never`" in found


def test_of_two_rules_about_pickles_the_stricter_holds() -> None:
    lenient, strict = document().rules(NAME), document(pickles="refuse").rules(NAME)
    assert stricter(lenient, strict) is stricter(strict, lenient) is strict


TEAMS = document(
    writers=[
        {"account": "111122223333", "endpoints": ["team-a-*"]},
        {"account": "444455556666", "by": "ci-*", "endpoints": ["team-b-*", "shared"]},
    ]
).writers


@pytest.mark.parametrize(
    ("who", "endpoint", "allowed"),
    [
        (Who("111122223333"), "team-a-churn", True),
        (Who("111122223333", "anybody"), "team-a-churn", True),
        (Who("111122223333"), "team-b-churn", False),
        (Who("444455556666", "ci-main"), "shared", True),
        (Who("444455556666", "alice"), "shared", False),
        (Who("999900001111"), "team-a-churn", False),
        (Who(), "team-a-churn", False),
    ],
)
def test_a_writer_releases_only_where_an_entry_allows_it(who: Who, endpoint: str, allowed: bool) -> None:
    found = writer_findings(TEAMS, who, endpoint, NAME)
    assert [finding.code for finding in found] == ([] if allowed else ["POLICY_WRITER"])
    assert not writer_findings((), who, endpoint, NAME)


def test_who_wrote_is_what_aws_says_and_only_a_request_speaks_for_itself() -> None:
    drop = {"source": "aws.s3", "account": "1", "detail": {"requester": "2", "requested_by": "root"}}
    asked = {"source": "slipway.releases", "account": "1", "detail": {"requester": "2", "requested_by": "ci"}}
    assert who_wrote(drop) == Who("2")
    assert who_wrote(asked) == Who("1", "ci")
    assert who_wrote(None) == who_wrote({"detail": [], "account": 5}) == Who()
