"""What an event asks for."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.keys import artifact_keys, endpoint_spec_keys, spec_keys
from slipway.intake.requests import Requested, RequestKind
from slipway.intake.triggers import Drop, NotARelease, SpecDrop, findings, read, read_key
from slipway.release.release import ObjectRef

BUCKET = "slipway-artifacts"
EVENTS = Path(__file__).parents[2] / "events"


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


def created(key: str) -> dict[str, Any]:
    event = payload("drop")
    event["detail"]["object"] = {"key": key}
    return event


def requested(**detail: Any) -> dict[str, Any]:
    return {**payload("release-requested"), "detail": detail}


def codes(key: str) -> list[str]:
    return [finding.code for finding in findings(read(created(key), BUCKET))]


def test_a_drop_is_read_with_its_version() -> None:
    trigger = read(payload("drop"), BUCKET)
    ref = ObjectRef(BUCKET, "models/churn/2026-01-05/model.tar.gz", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY")
    assert trigger == Drop(ref, "churn", "2026-01-05")
    assert findings(trigger) == []


def test_an_event_without_a_version_id_still_is_a_drop() -> None:
    assert read(created("models/churn/v1/model.tar.gz"), BUCKET) == Drop(
        ObjectRef(BUCKET, "models/churn/v1/model.tar.gz", ""), "churn", "v1"
    )


def test_a_training_job_s_output_belongs_to_the_folder_above() -> None:
    trigger = read(payload("training-job-drop"), BUCKET)
    assert isinstance(trigger, Drop)
    assert (trigger.endpoint, trigger.version) == ("churn", "churn-xgb-2026-01-05-09-12-44-101")
    assert trigger.ref.key in artifact_keys(trigger.endpoint, trigger.version)


def test_a_spec_beside_an_artifact_knows_where_the_artifact_may_stand() -> None:
    trigger = read(payload("spec-drop"), BUCKET)
    assert isinstance(trigger, SpecDrop)
    assert trigger.artifact_keys == [
        "models/churn/2026-01-05/model.tar.gz",
        "models/churn/2026-01-05/output/model.tar.gz",
    ]


@pytest.mark.parametrize("name", ["release.yaml", "release.yml", "release.json"])
def test_every_name_of_a_spec_is_known(name: str) -> None:
    assert isinstance(read(created(f"models/churn/v1/{name}"), BUCKET), SpecDrop)


def test_the_spec_of_a_drop_stands_beside_it_and_the_endpoint_s_own_above() -> None:
    names = ("release.yaml", "release.yml", "release.json")
    assert spec_keys("churn", "v1") == [f"models/churn/v1/{name}" for name in names]
    assert endpoint_spec_keys("churn") == [f"models/churn/{name}" for name in names]


def test_a_release_request_carries_its_spec_and_who_asked() -> None:
    trigger = read(payload("release-requested"), BUCKET)
    assert isinstance(trigger, Requested)
    assert trigger.kind is RequestKind.RELEASE
    assert trigger.endpoint == "churn"
    assert trigger.spec is not None
    assert trigger.spec["artifact"] == "models/churn/2026-01-05/model.tar.gz"
    assert trigger.requested_by == "arn:aws:iam::111122223333:role/ci"
    assert trigger.at == "2026-01-05T10:00:03Z"
    assert findings(trigger) == []


def test_a_release_request_may_name_its_endpoint_in_the_spec_alone() -> None:
    trigger = read(requested(kind="release", spec={"endpoint": "churn"}), BUCKET)
    assert isinstance(trigger, Requested)
    assert trigger.endpoint == "churn"


def test_a_rollback_request_names_where_to_go() -> None:
    trigger = read(payload("rollback-requested"), BUCKET)
    assert isinstance(trigger, Requested)
    assert (trigger.kind, trigger.endpoint, trigger.to) == (
        RequestKind.ROLLBACK,
        "churn",
        "20260104t090000-churn-77ab01",
    )
    assert findings(trigger) == []


def test_a_recover_request_names_the_dead_release() -> None:
    trigger = read(payload("recover-requested"), BUCKET)
    assert isinstance(trigger, Requested)
    assert (trigger.kind, trigger.release) == (RequestKind.RECOVER, "20260105t100000-churn-3f2a9c")
    assert findings(trigger) == []


def test_an_abort_request_names_an_endpoint_or_a_release() -> None:
    trigger = read(payload("abort-requested"), BUCKET)
    assert isinstance(trigger, Requested)
    assert (trigger.kind, trigger.endpoint, trigger.release) == (RequestKind.ABORT, "churn", "")
    assert findings(trigger) == findings(read(requested(kind="abort", release="20260105t1-churn-a"), BUCKET)) == []


def test_an_approval_says_of_what_by_whom_and_why() -> None:
    trigger = read(payload("release-approval"), BUCKET)
    assert isinstance(trigger, Requested)
    assert (trigger.kind, trigger.release, trigger.approves) == (
        RequestKind.APPROVE,
        "20260105t100000-churn-3f2a9c",
        True,
    )
    assert trigger.requested_by.rpartition("/")[2] == "alice"
    assert trigger.reason == "the offline metrics are better"
    assert findings(trigger) == []


def test_who_may_only_ask_for_releases_cannot_approve_one() -> None:
    asked = read(requested(kind="approve", release="20260105t100000-churn-3f2a9c", approve=True), BUCKET)
    assert isinstance(asked, NotARelease)
    assert "not known" in asked.reason


@pytest.mark.parametrize("word", [None, "true", 1, []])
def test_an_approval_is_true_or_false_and_nothing_else(word: Any) -> None:
    event = payload("release-approval")
    event["detail"]["approve"] = word
    assert [finding.where for finding in findings(read(event, BUCKET))] == ["detail.approve"]


def test_what_people_are_shown_of_a_request_is_one_line() -> None:
    event = payload("release-approval")
    event["detail"] |= {"reason": "good\n\x1b[31mbad", "requested_by": "alice\r\nX: y"}
    trigger = read(event, BUCKET)
    assert isinstance(trigger, Requested)
    assert (trigger.reason, trigger.requested_by) == ("good [31mbad", "alice X: y")


@pytest.mark.parametrize(
    ("detail", "where"),
    [
        ({"kind": "abort"}, "detail.endpoint"),
        ({"kind": "release", "endpoint": "churn"}, "detail.spec"),
        ({"kind": "release", "spec": {}}, "detail.endpoint"),
        ({"kind": "rollback", "endpoint": ["churn"]}, "detail.endpoint"),
        ({"kind": "rollback", "endpoint": "churn", "to": "../x"}, "detail.to"),
        ({"kind": "recover"}, "detail.release"),
    ],
)
def test_a_request_that_lacks_something_is_rejected_and_says_where(detail: dict[str, Any], where: str) -> None:
    assert [finding.where for finding in findings(read(requested(**detail), BUCKET))] == [where]


def test_a_request_of_an_unknown_kind_names_the_known_ones() -> None:
    trigger = read(requested(kind="deploy"), BUCKET)
    assert isinstance(trigger, NotARelease)
    assert "release, rollback, recover" in trigger.reason


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("models/churn/release.yaml", "defaults"),
        ("models/churn/model.tar.gz", "models/<endpoint>/<version>/model.tar.gz"),
        ("models/churn/v1/Model.tar.gz", "the file's name differs"),
        ("models/churn/v1/model.tgz", "the file's name differs"),
        ("models/churn/v1/output/output.tar.gz", "model.tar.gz beside it"),
        ("models/churn/v1/output/release.yaml", "models/<endpoint>/<version>/release.yaml"),
        ("models/churn/v1/notes.txt", "neither"),
        ("models//v1/model.tar.gz", "folder"),
        ("xmodels/churn/v1/model.tar.gz", "outside models/"),
        ("models/churn/v1/model.tar.gz\n", "file's name differs"),
        ("frozen/sha256/00/model.tar.gz", "Slipway itself"),
        ("reports/churn/r/report.json", "Slipway itself"),
    ],
)
def test_a_key_outside_the_layout_is_no_release_and_says_why(key: str, word: str) -> None:
    trigger = read(created(key), BUCKET)
    assert isinstance(trigger, NotARelease)
    assert word in trigger.reason


def test_an_object_of_another_bucket_is_no_release() -> None:
    assert isinstance(read(payload("drop"), "another-bucket"), NotARelease)


@pytest.mark.parametrize(
    "name",
    [
        "endpoint-state-change",
        "deployment-state-change-baking",
        "alarm-state-change",
        "execution-status-change",
    ],
)
def test_an_event_for_somebody_else_is_no_release(name: str) -> None:
    trigger = read(payload(name), BUCKET)
    assert isinstance(trigger, NotARelease)
    assert findings(trigger) == []


def test_a_deleted_object_is_no_release() -> None:
    assert isinstance(read({**payload("drop"), "detail-type": "Object Deleted"}, BUCKET), NotARelease)


def test_a_classic_notification_tells_to_turn_on_eventbridge() -> None:
    trigger = read({"Records": []}, BUCKET)
    assert isinstance(trigger, NotARelease)
    assert "EventBridge" in trigger.reason


def test_a_key_that_no_object_can_have_is_no_release() -> None:
    assert isinstance(read(created("models/churn/\ud800/model.tar.gz"), BUCKET), NotARelease)


@pytest.mark.parametrize("time", ["yesterday", "2026-01-05T10:00:03Z; DROP", None, 1767607203])
def test_a_time_that_is_none_does_not_order_releases(time: Any) -> None:
    trigger = read({**payload("rollback-requested"), "time": time}, BUCKET)
    assert isinstance(trigger, Requested)
    assert trigger.at == ""


@pytest.mark.parametrize("endpoint", ["-churn", "churn-", "my_model", "a" * 64, "é", "a.b", "a b"])
def test_an_endpoint_name_that_sagemaker_refuses_is_a_drop_to_be_rejected(endpoint: str) -> None:
    assert codes(f"models/{endpoint}/v1/model.tar.gz") == ["ENDPOINT_NAME_INVALID"]


def test_an_upper_case_endpoint_is_told_its_lower_case_name() -> None:
    (finding,) = findings(read(created("models/Churn/v1/model.tar.gz"), BUCKET))
    assert finding.code == "ENDPOINT_NAME_NOT_LOWER_CASE"
    assert "'churn'" in finding.next_step


def test_a_training_job_whose_output_path_lacks_the_endpoint_is_told_so() -> None:
    assert codes("models/churn-2026-01-05/output/model.tar.gz") == ["VERSION_IS_OUTPUT"]


@pytest.mark.parametrize("version", ["v\n1", "v\x7f", "v" * 129])
def test_a_version_that_would_break_a_line_is_rejected(version: str) -> None:
    assert codes(f"models/churn/{version}/model.tar.gz") == ["VERSION_INVALID"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_no_input_whatever_makes_the_reader_raise(event: Any) -> None:
    assert findings(read(event, BUCKET)) == []


@given(st.sampled_from(["drop", "release-requested", "rollback-requested"]), st.data())
def test_a_known_event_with_anything_inside_never_raises(name: str, data: st.DataObject) -> None:
    event = payload(name)
    changed = data.draw(st.sampled_from(sorted(event["detail"])))
    event["detail"][changed] = data.draw(JSON)
    findings(read(event, BUCKET))


@given(st.text())
def test_what_a_key_says_is_never_more_than_the_key_itself(text: str) -> None:
    trigger = read_key(ObjectRef(BUCKET, f"models/{text}/model.tar.gz"))
    if isinstance(trigger, Drop):
        assert trigger.ref.key in artifact_keys(trigger.endpoint, trigger.version)
        assert "/" not in trigger.endpoint + trigger.version
