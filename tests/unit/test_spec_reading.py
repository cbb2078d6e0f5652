"""A spec file becomes a spec, or everything that is wrong with it at once."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake import spec_reading
from slipway.intake.spec_errors import finding_of
from slipway.intake.spec_hash import spec_hash
from slipway.intake.spec_reading import check_spec, defaults_spec, read_spec
from slipway.release.serve_spec import Serve
from slipway.release.smoke_spec import SmokeCase
from slipway.release.spec import ReleaseSpec, Rollout, Watch, spec_from, spec_item
from slipway.release.verdicts import Finding

STACK = {"serve": {"image": "registry/serve:1", "instance_type": "ml.m5.xlarge"}, "rollout": {"bake_seconds": 120}}
URI = "s3://artifacts/models/churn/v1/release.yaml"


def spec(text: str | bytes, *defaults: dict[str, Any], source: str = URI, endpoint: str = "churn") -> ReleaseSpec:
    raw = text.encode() if isinstance(text, str) else text
    found = read_spec(raw, source, defaults or [STACK], endpoint)
    assert isinstance(found, ReleaseSpec), found
    return found


def wrong(text: str | bytes, *defaults: dict[str, Any], source: str = URI, endpoint: str = "churn") -> list[Finding]:
    raw = text.encode() if isinstance(text, str) else text
    found = read_spec(raw, source, defaults or [STACK], endpoint)
    assert isinstance(found, list), found
    return found


def places(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in findings]


def test_an_empty_spec_takes_every_default() -> None:
    expected = ReleaseSpec(
        endpoint="churn",
        serve=Serve(image="registry/serve:1", instance_type="ml.m5.xlarge"),
        rollout=Rollout(bake_seconds=120),
    )
    assert spec("") == spec("# nothing yet\n") == expected
    assert defaults_spec([STACK], "churn") == expected


def test_a_spec_lies_over_the_endpoint_s_defaults_and_they_over_the_stack_s() -> None:
    own = {"serve": {"instance_type": "ml.c5.large", "environment": {"A": "1", "B": "1"}}}
    read = spec("serve: {environment: {B: '2'}}", STACK, own)
    assert read.serve.image == "registry/serve:1"
    assert read.serve.instance_type == "ml.c5.large"
    assert read.serve.environment == {"A": "1", "B": "2"}


def test_a_list_replaces_the_list_beneath_it() -> None:
    assert spec("alarms: [mine]", STACK, {"alarms": ["theirs", "ours"]}).alarms == ("mine",)


def test_a_section_left_blank_says_nothing() -> None:
    assert spec("serve:\nrollout:\n  bake_seconds:\nsmoke:\n") == spec("")


def test_a_default_left_blank_says_nothing() -> None:
    assert spec("serve: {image: mine}", {"serve": {"image": "", "instance_type": None}}).serve == Serve(image="mine")


def test_a_spec_may_be_json() -> None:
    read = spec('{"smoke": [{"name": "a", "json": [1.5]}]}', source="s3://b/models/churn/v1/release.json")
    assert read.smoke == (SmokeCase(name="a", json=[1.5]),)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert spec(b"\xef\xbb\xbfwatch: {seconds: 5}").watch.seconds == 5


def test_a_spec_as_data_is_held_to_the_same() -> None:
    assert check_spec({"endpoint": "churn"}, [STACK]) == spec("")
    found = check_spec({"endpoint": "Churn", "x": 1}, [STACK])
    assert isinstance(found, list)
    assert places(found) == [("SPEC_UNKNOWN_KEY", "x"), ("ENDPOINT_NAME_NOT_LOWER_CASE", "endpoint")]


def test_everything_wrong_is_said_at_once_with_its_place() -> None:
    text = """
schema: 2
endpoint: other
serve: {image: a b, instance_type: m5.large, instance_count: true, environment: {1A: x, B: 1}}
smoke:
- {name: a, expect: {status: '200', max_latency_ms: 0}}
- {name: a, body: x, json: [1], content_type: "a\\nb"}
alarms: [slipway-x, a, a, ' ']
tags: {'aws:x': '1', a: b!}
watch: {no_data: maybe}
artifact: https://bucket/models/churn/v1/model.tar.gz
owner: "a\\rb"
nonsense: 1
"""
    assert set(places(wrong(text))) == {
        ("SPEC_SCHEMA_NEWER", "schema"),
        ("SPEC_ENDPOINT_DIFFERS", "endpoint"),
        ("SPEC_IMAGE_INVALID", "serve.image"),
        ("SPEC_INSTANCE_TYPE_INVALID", "serve.instance_type"),
        ("SPEC_WRONG_TYPE", "serve.instance_count"),
        ("SPEC_ENVIRONMENT_KEY_INVALID", "serve.environment.1A"),
        ("SPEC_WRONG_TYPE", "serve.environment.B"),
        ("SPEC_WRONG_TYPE", "smoke[0].expect.status"),
        ("SPEC_OUT_OF_BOUNDS", "smoke[0].expect.max_latency_ms"),
        ("SPEC_SMOKE_REQUEST", "smoke[0]"),
        ("SPEC_SMOKE_REQUEST", "smoke[1]"),
        ("SPEC_SMOKE_TWICE", "smoke[0].name"),
        ("SPEC_SMOKE_TWICE", "smoke[1].name"),
        ("SPEC_NOT_ONE_LINE", "smoke[1].content_type"),
        ("SPEC_ALARM_RESERVED", "alarms[0]"),
        ("SPEC_ALARM_TWICE", "alarms[2]"),
        ("SPEC_ALARM_INVALID", "alarms[3]"),
        ("SPEC_TAG_RESERVED", "tags.aws:x"),
        ("SPEC_TAG_INVALID", "tags.a"),
        ("SPEC_NOT_ALLOWED", "watch.no_data"),
        ("SPEC_ARTIFACT_INVALID", "artifact"),
        ("SPEC_NOT_ONE_LINE", "owner"),
        ("SPEC_UNKNOWN_KEY", "nonsense"),
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("serv: {}", "serve?"),
        ("serve: {instanceType: ml.m5.large}", "serve.instance_type?"),
        ("serve: {env: {}}", "serve.environment?"),
        ("instance-count: 2", "serve.instance_count?"),
        ("bake_seconds: 2", "rollout.bake_seconds?"),
        ("smoke: [{name: a, json: 1, expected: {}}]", "smoke[0].expect?"),
        ("zzz: 1", "Known here: schema, endpoint"),
    ],
)
def test_an_unknown_key_is_answered_with_the_one_that_was_meant(text: str, meant: str) -> None:
    (finding,) = wrong(text)
    assert finding.code == "SPEC_UNKNOWN_KEY"
    assert meant in finding.next_step


def test_patterns_and_paths_that_cannot_be_read_are_told_before_anything_is_asked() -> None:
    text = "smoke: [{name: a, json: 1, expect: {matches: '(a', paths: [{path: $..b, matches: '(?=x)'}]}}]"
    assert places(wrong(text)) == [
        ("SPEC_SMOKE_UNREADABLE", "smoke[0].expect.matches"),
        ("SPEC_SMOKE_UNREADABLE", "smoke[0].expect.paths[0].path"),
        ("SPEC_SMOKE_UNREADABLE", "smoke[0].expect.paths[0].matches"),
    ]


def test_a_spec_with_paths_survives_the_ledger() -> None:
    read = spec("smoke: [{name: a, json: 1, repeats: 5, expect: {stable: true, paths: [{path: $.b, maximum: 2}]}}]")
    assert spec_from(json.loads(json.dumps(spec_item(read)))) == read


def test_a_finding_names_the_line() -> None:
    (finding,) = wrong("watch:\n  seconds: 1\n  error_rate: 2\n")
    assert str(finding) == "watch.error_rate: 2 is out of bounds. (line 3) Use at most 1."


def test_a_wrong_default_is_not_blamed_on_the_spec() -> None:
    (finding,) = wrong("watch: {seconds: 1}", {"serve": {"image": "x"}, "rollout": {"bake_seconds": "300"}})
    assert "from the defaults" in finding.message


def test_a_missing_image_names_the_stack_s_parameter() -> None:
    (finding,) = wrong("", {"serve": {"image": ""}})
    assert (finding.code, finding.where) == ("SPEC_MISSING_KEY", "serve.image")
    assert "DefaultImage" in finding.next_step


def test_a_number_as_an_environment_value_asks_for_quotes_and_is_not_repeated() -> None:
    (finding,) = wrong("serve: {environment: {TOKEN: 12345}}")
    assert "12345" not in str(finding)
    assert "quotes" in finding.next_step


def test_a_newer_schema_says_to_upgrade_first() -> None:
    (finding,) = wrong("schema: 7")
    assert finding.next_step.startswith("Upgrade first")


@pytest.mark.parametrize("value", ["true", "yes", "1.5", "'1'", "0"])
def test_only_the_whole_number_one_is_the_schema(value: str) -> None:
    assert {finding.where for finding in wrong(f"schema: {value}")} == {"schema"}


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "1e999", "1e-200", "1" * 30, "-9223372036854775809"])
def test_a_number_that_cannot_be_kept_is_refused(value: str) -> None:
    (finding,) = wrong(f"smoke: [{{name: a, json: [{value}]}}]")
    assert (finding.code, finding.where) == ("SPEC_UNKEEPABLE", "smoke[0].json[0]")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", '"\\ud800"'])
def test_json_brings_in_no_value_that_cannot_be_kept(value: str) -> None:
    found = wrong(f'{{"smoke": [{{"name": "a", "json": [{value}]}}]}}', source="release.json")
    assert places(found) == [("SPEC_UNKEEPABLE", "smoke[0].json[0]")]


def test_too_large_an_environment_is_refused_as_a_whole() -> None:
    lines = "\n".join(f"    KEY_{number}: {'x' * 1000}" for number in range(40))
    found = wrong(f"serve:\n  environment:\n{lines}")
    assert places(found) == [("SPEC_ENVIRONMENT_TOO_LARGE", "serve.environment")]


@pytest.mark.parametrize("value", ["x" * 1025, '"a\\0b"'])
def test_an_environment_value_that_sagemaker_refuses_is_refused(value: str) -> None:
    found = wrong(f"serve: {{environment: {{KEY: {value}}}}}")
    assert places(found) == [("SPEC_ENVIRONMENT_VALUE_INVALID", "serve.environment.KEY")]


def test_a_training_job_s_other_output_is_not_an_artifact() -> None:
    (finding,) = wrong("artifact: models/churn/job/output/output.tar.gz")
    assert "model.tar.gz beside it" in finding.next_step


def test_no_more_than_fifty_findings_are_told() -> None:
    assert len(wrong("tags: {" + ", ".join(f"'{number}!': ''" for number in range(39)) + "}" + "\nx: 1" * 40)) == 50


def test_of_a_flood_of_unknown_keys_no_more_are_put_into_words_than_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    worded = []
    monkeypatch.setattr(spec_reading, "finding_of", lambda error: worded.append(error) or finding_of(error))
    assert len(wrong("\n".join(f"key{number}: 1" for number in range(1_000)))) == 50
    assert len(worded) == 200


def test_the_same_wishes_have_the_same_hash_whatever_they_were_written_in() -> None:
    one = spec("watch: {error_rate: 1}\nsmoke: [{name: a, json: {x: 1.0, y: 2}}]")
    other = spec('{"smoke": [{"json": {"y": 2, "x": 1}, "name": "a"}], "watch": {"error_rate": 1.0}}', source="a.json")
    assert spec_hash(one) == spec_hash(other) == spec_hash(spec_from(spec_item(one)))


def test_where_the_artifact_stood_does_not_change_the_hash_and_anything_else_does() -> None:
    base = spec("")
    assert spec_hash(replace(base, artifact="models/churn/v2/model.tar.gz")) == spec_hash(base)
    assert spec_hash(replace(base, owner="us")) != spec_hash(base)
    assert spec_hash(replace(base, endpoint="other")) != spec_hash(base)


def test_a_field_that_nobody_spoke_of_does_not_change_the_hash_so_that_new_ones_may_come() -> None:
    @dataclass(frozen=True, kw_only=True)
    class WatchOfTomorrow(Watch):
        patience: int = 7

    said = spec("smoke: [{name: a, json: [1]}]")
    tomorrow = replace(said, watch=WatchOfTomorrow(**vars(said.watch)))
    assert spec_hash(tomorrow) == spec_hash(said)
    assert spec_hash(replace(tomorrow, watch=WatchOfTomorrow(patience=8))) != spec_hash(said)


KEYS = st.sampled_from(["schema", "endpoint", "serve", "image", "smoke", "name", "json", "tags", "alarms", "watch"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(KEYS | st.text(), children, max_size=4),
    max_leaves=12,
)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", errors="surrogatepass")))
def test_no_bytes_whatever_make_the_reader_raise(text: bytes) -> None:
    for source in (URI, "release.json"):
        found = read_spec(text, source, [STACK], "churn")
        assert isinstance(found, ReleaseSpec) or found


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_values_whatever_make_the_check_raise(values: dict[str, Any]) -> None:
    found = check_spec(values, [STACK], "churn")
    assert isinstance(found, ReleaseSpec) or all(finding.next_step for finding in found)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_yaml_and_data_are_judged_alike(values: dict[str, Any]) -> None:
    try:
        text = yaml.safe_dump(values, allow_unicode=True).encode()
    except UnicodeEncodeError:
        return
    from_text, from_data = read_spec(text, URI, [STACK], "churn"), check_spec(values, [STACK], "churn")
    assert isinstance(from_text, ReleaseSpec) == isinstance(from_data, ReleaseSpec)
