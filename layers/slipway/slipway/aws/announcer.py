"""SNS for people, EventBridge for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from slipway.errors import NotAnnouncedError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

    from slipway.exchanges import Announcement

SOURCE = "slipway"
SUBJECT_LIMIT = 99
"""A subject has less than 100 characters, none of them a line break or control character (API_Publish)."""


class AwsAnnouncer:
    """Satisfies `slipway.ports.Announcer`."""

    def __init__(self, sns: SNSClient, events: EventBridgeClient, topic: str) -> None:
        self._sns = sns
        self._events = events
        self._topic = topic

    def announce(self, announcement: Announcement) -> None:
        """Tell both; what one of them does not take is still told to the other.

        Raises:
            NotAnnouncedError: one of them did not take it.
        """
        troubles = [trouble for trouble in (self._publish(announcement), self._put_event(announcement)) if trouble]
        if troubles:
            raise NotAnnouncedError("; ".join(troubles))

    def _publish(self, announcement: Announcement) -> str:
        try:
            self._sns.publish(TopicArn=self._topic, Subject=one_line(announcement.subject), Message=announcement.text)
        except (ClientError, BotoCoreError) as error:
            return f"SNS: {error}"
        return ""

    def _put_event(self, announcement: Announcement) -> str:
        detail = json.dumps(announcement.detail, default=str)  # nothing that is told may stop who tells it
        try:
            said = self._events.put_events(
                Entries=[{"Source": SOURCE, "DetailType": announcement.detail_type, "Detail": detail}]
            )
        except (ClientError, BotoCoreError) as error:
            return f"EventBridge: {error}"
        if said["FailedEntryCount"]:  # PutEvents answers 200 all the same
            failed = said["Entries"][0]
            return f"EventBridge: {failed.get('ErrorCode')} {failed.get('ErrorMessage')}"
        return ""


def one_line(subject: str) -> str:
    """Make a text fit to be the subject of a mail."""
    printable = "".join(character if character.isprintable() else " " for character in subject)
    return " ".join(printable.split())[:SUBJECT_LIMIT]
