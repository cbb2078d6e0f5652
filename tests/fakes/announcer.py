"""Announcements that can be read back."""

from slipway.errors import NotAnnouncedError
from slipway.exchanges import Announcement


class FakeAnnouncer:
    """Keeps what was announced, or fails when it was told to be mute."""

    def __init__(self) -> None:
        self.announced: list[Announcement] = []
        self.mute = False

    def announce(self, announcement: Announcement) -> None:
        if self.mute:
            raise NotAnnouncedError("nobody listens")
        self.announced.append(announcement)
