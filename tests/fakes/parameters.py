"""The parameters of an account, in memory."""

from slipway.errors import UnreadableError
from slipway.exchanges import Parameter


class FakeParameters:
    """Keeps the latest version of every parameter."""

    def __init__(self) -> None:
        self._kept: dict[str, Parameter] = {}

    def write(self, name: str, text: str) -> None:
        """Write a new version, as an administrator would."""
        before = self._kept.get(name)
        self._kept[name] = Parameter(text, before.version + 1 if before else 1)

    def read(self, name: str) -> Parameter:
        if name not in self._kept:
            raise UnreadableError("ParameterNotFound")
        return self._kept[name]
