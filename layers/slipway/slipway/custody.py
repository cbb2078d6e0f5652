"""Who uses frozen bytes, and who deletes them: each writes first and looks then, so one of the two sees the other."""

from datetime import datetime, timedelta

from slipway.exchanges import Item
from slipway.ports import Clock, LedgerStore

RETIRING, USE = "RETIRING", "USE#"
LEASE = timedelta(minutes=10)
"""How long a mark of retention counts: longer than the function that sets it can live (template, Timeout)."""


class Custody:
    """Marks on frozen bytes, kept by their digest. Reads are strongly consistent, which is what this rests on."""

    def __init__(self, store: LedgerStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def use(self, digest: str, release: str) -> None:
        """Write down that a release counts on these bytes; it looks for `is_retiring` after that."""
        self._store.put({"pk": _pk(digest), "sk": f"{USE}{release}", "release": release})

    def is_retiring(self, digest: str) -> bool:
        """Whether retention may be about to delete these bytes."""
        mark = self._store.get(_pk(digest), RETIRING)
        return mark is not None and not self._is_stale(mark)

    def begin_retiring(self, digest: str) -> set[str] | None:
        """Write down that these bytes are about to be deleted.

        Returns:
            The releases that count on them; None when another retention is at them.
        """
        mark, now = self._store.get(_pk(digest), RETIRING), self._clock.now().isoformat()
        if mark is not None and not self._is_stale(mark):
            return None
        expect = {"at": mark["at"]} if mark is not None else {"pk": None}
        if not self._store.put({"pk": _pk(digest), "sk": RETIRING, "at": now}, expect):
            return None
        return {item["release"] for item in self._store.query(_pk(digest), USE)}

    def end_retiring(self, digest: str, gone: str = "") -> None:
        """Take the mark back, and that of a release which nobody can go back to any more."""
        if gone:
            self._store.delete(_pk(digest), f"{USE}{gone}")
        self._store.delete(_pk(digest), RETIRING)

    def _is_stale(self, mark: Item) -> bool:
        return self._clock.now() - datetime.fromisoformat(mark["at"]) > LEASE


def _pk(digest: str) -> str:
    return f"FROZEN#{digest}"
