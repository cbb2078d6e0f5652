"""Step Functions in memory: executions that run or have ended, and tokens that somebody waits for."""

from slipway.exchanges import Item, Life


class FakeExecutions:
    """Tests say who runs and who waits; what is signalled and started can be read back."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.waiting: set[str] = set()
        """Tokens that somebody waits for; `wait` adds one, a signal takes it away."""
        self.signals: list[tuple[str, Item]] = []
        """What was delivered: token and output, in order."""
        self.started: dict[str, Item] = {}
        """Execution name → event."""

    def run(self, execution: str) -> None:
        """Let an execution be one that runs."""
        self.running.add(execution)

    def end(self, execution: str) -> None:
        """Let an execution end, however."""
        self.running.discard(execution)

    def wait(self, token: str) -> None:
        """Let somebody wait for a token."""
        self.waiting.add(token)

    def life(self, execution: str) -> Life:
        return Life.RUNNING if execution in self.running else Life.ENDED

    def signal(self, token: str, output: Item) -> bool:
        if token not in self.waiting:
            return False
        self.waiting.remove(token)
        self.signals.append((token, output))
        return True

    def start(self, name: str, event: Item) -> bool:
        """Start it; like AWS, the same name with the same input succeeds again while that execution runs."""
        if name in self.started:
            return name in self.running and self.started[name] == event
        self.started[name] = event
        self.run(name)
        return True

    def outputs(self, token: str) -> list[Item]:
        """Give what was delivered to one token."""
        return [output for name, output in self.signals if name == token]
