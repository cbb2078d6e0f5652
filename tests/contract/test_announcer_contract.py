"""Announcements: what the fake and SNS with EventBridge (by moto) both keep to."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from slipway.aws.announcer import AwsAnnouncer, one_line
from slipway.errors import NotAnnouncedError
from slipway.exchanges import Announcement
from slipway.ports import Announcer
from tests.fakes.announcer import FakeAnnouncer
from tests.fakes.canned import canned

TOLD = Announcement("Release Live", "churn is live", "It serves.", {"release": "r1", "share": 0.5})


class Cloud:
    """A topic and a bus, each with a queue behind it."""

    def __init__(self) -> None:
        self.sns = boto3.client("sns", region_name="us-east-1")
        self.events = boto3.client("events", region_name="us-east-1")
        self._sqs = boto3.client("sqs", region_name="us-east-1")
        self.topic = self.sns.create_topic(Name="releases")["TopicArn"]
        self._mail, mail_arn = self._queue("mail")
        self._bus, bus_arn = self._queue("bus")
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=mail_arn)
        self.events.put_rule(Name="all", EventPattern=json.dumps({"source": ["slipway"]}))
        self.events.put_targets(Rule="all", Targets=[{"Id": "bus", "Arn": bus_arn}])

    def told(self) -> list[Announcement]:
        """Put together what arrived in both queues."""
        mails, events = self.read(self._mail), self.read(self._bus)
        return [
            Announcement(event["detail-type"], mail["Subject"], mail["Message"], event["detail"])
            for mail, event in zip(mails, events, strict=True)
        ]

    def close(self) -> None:
        """Delete the topic."""
        self.sns.delete_topic(TopicArn=self.topic)

    def arrived(self) -> list[Any]:
        """Give the events that arrived."""
        return self.read(self._bus)

    def read(self, queue: str) -> list[Any]:
        messages = self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    def _queue(self, name: str) -> tuple[str, str]:
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, attributes["QueueArn"]


@dataclass(frozen=True)
class Side:
    """One implementation, with what arrived and a way to break it."""

    announcer: Announcer
    told: Callable[[], list[Announcement]]
    silence: Callable[[], None]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud()


@pytest.fixture(params=["fake", "moto"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "fake":
        fake = FakeAnnouncer()
        return Side(fake, lambda: fake.announced, lambda: setattr(fake, "mute", True))
    cloud: Cloud = request.getfixturevalue("cloud")
    announcer = AwsAnnouncer(cloud.sns, cloud.events, cloud.topic)
    return Side(announcer, cloud.told, cloud.close)


class TestAnnouncer:
    def test_an_announcement_arrives_whole(self, side: Side) -> None:
        side.announcer.announce(TOLD)
        assert side.told() == [TOLD]

    def test_one_that_does_not_arrive_raises(self, side: Side) -> None:
        side.silence()
        with pytest.raises(NotAnnouncedError):
            side.announcer.announce(TOLD)


def test_what_people_cannot_be_told_programs_are(cloud: Cloud) -> None:
    cloud.close()
    with pytest.raises(NotAnnouncedError, match="SNS"):
        AwsAnnouncer(cloud.sns, cloud.events, cloud.topic).announce(TOLD)
    assert [event["detail"] for event in cloud.arrived()] == [TOLD.detail]


def test_an_event_that_the_bus_did_not_take_raises(cloud: Cloud) -> None:
    answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "too many"}]}
    with canned(cloud.events) as aws, pytest.raises(NotAnnouncedError, match="ThrottlingException too many"):
        aws.say(200, answer)
        AwsAnnouncer(cloud.sns, cloud.events, cloud.topic).announce(TOLD)


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("churn is live", "churn is live"),
        ("two\r\nlines\tand a bell\x07", "two lines and a bell"),
        ("x" * 200, "x" * 99),
    ],
)
def test_a_subject_is_one_line_of_less_than_100_characters(subject: str, line: str) -> None:
    assert one_line(subject) == line
