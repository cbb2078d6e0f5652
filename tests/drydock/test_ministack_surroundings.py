"""The hosting service's view of MiniStack, and the store of datapoints behind it, in this process."""

import asyncio
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ministack import app
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, iam, s3

from drydock.ministack import datapoints
from drydock.ministack.datapoints import MAX_POINTS, Points
from drydock.ministack.surroundings import MiniStackSurroundings
from drydock.ministack.tenant import act_as, act_at_home

BUCKET, KEY = "surroundings", "frozen/model.tar.gz"


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> MiniStackSurroundings:
    for name in ("_metric_bucket", "_evict_old_metrics"):
        monkeypatch.setattr(cloudwatch, name, getattr(cloudwatch, name))
    monkeypatch.setattr(Points, "resolution", 1.0)
    datapoints.mend(1)
    return MiniStackSurroundings()


def put_object(body: bytes) -> None:
    async def put() -> None:
        await s3.handle_request("PUT", f"/{BUCKET}", {}, b"", {})
        await s3.handle_request("PUT", f"/{BUCKET}/{KEY}", {}, body, {})

    act_at_home(partial(asyncio.run, put()))


def test_an_object_is_fetched_into_a_file(surroundings: MiniStackSurroundings, tmp_path: Path) -> None:
    put_object(b"bytes")
    asyncio.run(surroundings.fetch(BUCKET, KEY, tmp_path / "model"))
    assert (tmp_path / "model").read_bytes() == b"bytes"
    assert asyncio.run(surroundings.has_object(BUCKET, KEY))


@pytest.mark.parametrize(("bucket", "key"), [(BUCKET, "nothing"), ("no-such-bucket", KEY)])
def test_what_is_not_there_is_not_found(
    surroundings: MiniStackSurroundings, tmp_path: Path, bucket: str, key: str
) -> None:
    put_object(b"bytes")
    assert not asyncio.run(surroundings.has_object(bucket, key))
    with pytest.raises(FileNotFoundError, match=key):
        asyncio.run(surroundings.fetch(bucket, key, tmp_path / "model"))


def test_a_role_is_known_by_its_whole_arn(surroundings: MiniStackSurroundings) -> None:
    arn = "arn:aws:iam::000000000000:role/path/models"
    act_at_home(partial(iam._roles.__setitem__, "models", {"Arn": arn}))
    assert surroundings.has_role(arn)
    assert not surroundings.has_role("arn:aws:iam::000000000000:role/other/models")
    assert not surroundings.has_role("arn:aws:iam::000000000000:role/nobody")


@pytest.mark.parametrize(
    ("auth", "actions", "allowed"),
    [
        (True, "cloudwatch:DescribeAlarms", True),
        (True, "cloudwatch:*", True),
        (True, "s3:GetObject", False),
        (False, "s3:GetObject", True),
    ],
)
def test_alarms_are_read_as_the_roles_policies_allow_where_they_count(
    surroundings: MiniStackSurroundings, monkeypatch: pytest.MonkeyPatch, auth: bool, actions: str, allowed: bool
) -> None:
    monkeypatch.setattr(app, "AUTH", auth)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    arn = "arn:aws:iam::000000000000:role/reader"
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Arn": arn, "InlinePolicies": {"p": json.dumps(policy)}}
    act_at_home(partial(iam._roles.__setitem__, "reader", role))
    assert surroundings.may_read_alarms(arn) is allowed
    assert surroundings.may_read_alarms("")


def test_an_object_is_stored(surroundings: MiniStackSurroundings, tmp_path: Path) -> None:
    put_object(b"bytes")
    asyncio.run(surroundings.store(BUCKET, "captured/a.jsonl", b"{}"))
    asyncio.run(surroundings.fetch(BUCKET, "captured/a.jsonl", tmp_path / "a"))
    assert (tmp_path / "a").read_bytes() == b"{}"
    with pytest.raises(OSError, match="NoSuchBucket"):
        asyncio.run(surroundings.store("no-such-bucket", "a", b""))


def test_an_event_goes_out_as_sagemakers(surroundings: MiniStackSurroundings) -> None:
    surroundings.publish_event("SageMaker Endpoint State Change", ["arn:e"], {"EndpointName": "e"})
    event = act_at_home(eventbridge._events_log_list)[-1]
    assert (event["Source"], event["Resources"]) == ("aws.sagemaker", ["arn:e"])


def test_a_metric_is_recorded_under_every_set_of_dimensions(surroundings: MiniStackSurroundings) -> None:
    sets = [{"EndpointName": "e"}, {"EndpointName": "e", "EndpointConfigName": "c"}]
    for value in (1.0, 1.0, 3.0):
        surroundings.put_metric("AWS/SageMaker", "Invocations", sets, value, "None")
    now = time.time()
    for one in sets:
        look = partial(datapoints.look_up, "AWS/SageMaker", "Invocations", one, now - 60, now)
        assert sum(sample.total for sample in act_at_home(look)) == 5
        assert not act_as("111111111111", "us-east-1", look)


def test_the_states_of_alarms_that_exist_are_known(surroundings: MiniStackSurroundings) -> None:
    act_at_home(partial(cloudwatch._alarms.__setitem__, "known", {"StateValue": "ALARM"}))
    assert surroundings.alarm_states(["known", "unknown"]) == {"known": "ALARM"}


def test_lines_are_appended_to_a_stream_that_is_made_when_missing(surroundings: MiniStackSurroundings) -> None:
    surroundings.log("/aws/sagemaker/Endpoints/e", "main/i-1", ["one"])
    surroundings.log("/aws/sagemaker/Endpoints/e", "main/i-1", ["two", "three"])
    group = act_at_home(partial(cloudwatch_logs._log_groups.get, "/aws/sagemaker/Endpoints/e"))
    assert [event["message"] for event in group["streams"]["main/i-1"]["events"]] == ["one", "two", "three"]


def point(at: float, value: float = 1.0) -> dict[str, Any]:
    return {"Timestamp": at, "Value": value, "Unit": "None", "Dimensions": {}}


def test_equal_values_close_together_are_one_point_with_a_count() -> None:
    points = Points()
    for at, value in ((0.0, 1.0), (0.4, 2.0), (0.9, 1.0), (1.1, 1.0)):
        points.append(point(at, value))
    assert [(one["Timestamp"], one["Value"], one.get("Count", 1.0)) for one in points] == [
        (0.0, 1.0, 2.0),
        (0.4, 2.0, 1.0),
        (1.1, 1.0, 1.0),
    ]


def test_points_are_in_the_order_of_their_time() -> None:
    points = Points()
    for at in (10.0, 5.0, 20.0, 15.0):
        points.append(point(at))
    assert [one["Timestamp"] for one in points] == [5.0, 10.0, 15.0, 20.0]
    assert [one["Timestamp"] for one in points.between(5.0, 15.0)] == [10.0, 15.0]


def test_the_store_is_bounded() -> None:
    points = Points()
    for at in range(MAX_POINTS + 1):
        points.append(point(at * 2.0))
    assert len(points) == MAX_POINTS // 2 + 1
    assert points[-1]["Timestamp"] == MAX_POINTS * 2.0
