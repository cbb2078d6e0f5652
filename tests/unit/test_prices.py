"""The price model of a release."""

from collections import Counter

import pytest

from benchmarks.prices import EACH, Counted, orchestration, watching

UPDATE = Counted(30, 18, Counter({"ledger read": 60, "ledger write": 60, "S3 write": 2, "event": 3}), 15, 5)


def test_a_release_is_priced_item_by_item() -> None:
    prices = orchestration(UPDATE)
    assert prices["state transitions"] == pytest.approx(30 * 0.025 / 1000)
    assert prices["ledger, bucket, events"] == pytest.approx(60 * 0.25e-6 + 60 * 1.25e-6 + 2 * 5e-6 + 3 * 1e-6)


def test_alarms_are_billed_by_the_hour_and_shown_apart() -> None:
    assert watching(UPDATE, hours=2)["alarms"] == pytest.approx(2 * watching(UPDATE)["alarms"])
    assert sum(watching(UPDATE).values()) < 0.005


def test_every_kind_of_call_has_a_price() -> None:
    assert all(price > 0 for price in EACH.values())
