"""SSM Parameter Store."""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slipway.aws.refusals import code_of, is_passing, message_of
from slipway.errors import UnavailableError, UnreadableError
from slipway.exchanges import Parameter
from slipway.ports import Clock

KEPT = timedelta(seconds=5)
"""How long a value is used again: a burst of drops stays under the 40 reads a second of an account (SSM quotas)."""


class SsmParameters:
    """Satisfies `slipway.administration.Parameters`."""

    def __init__(self, client: Any, clock: Clock) -> None:
        self._ssm = client
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Parameter]] = {}

    def read(self, name: str) -> Parameter:
        """Read the latest version with GetParameter, or give the one that was read a moment ago.

        Raises:
            UnreadableError: it is not there, or may not be read.
            UnavailableError: SSM throttles or fails, after botocore's own retries.
        """
        now = self._clock.now()
        at, kept = self._kept.get(name, (now, None))
        if kept is not None and now - at < KEPT:
            return kept
        try:
            got = self._ssm.get_parameter(Name=name)["Parameter"]
        except ClientError as error:
            said = f"{code_of(error)} {message_of(error)}".strip()
            raise (UnavailableError if is_passing(error) else UnreadableError)(said) from error
        read = Parameter(got["Value"], got["Version"])
        self._kept[name] = (now, read)
        return read
