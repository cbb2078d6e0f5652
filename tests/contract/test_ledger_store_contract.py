"""The ledger's table: what the fake and DynamoDB (by moto) both keep to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from slipway.aws.ledger_store import DynamoLedgerStore
from slipway.exchanges import Item
from slipway.ports import LedgerStore
from tests.fakes.ledger_store import FakeLedgerStore

TABLE = "ledger"
KEYS = ("pk", "sk", "open_pk", "open_sk")
TURN: Item = {"pk": "ENDPOINT#churn", "sk": "TURN", "holder": "r1", "fence": 1, "next": {"release": "r2", "order": "b"}}


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("dynamodb", region_name="us-east-1")


@pytest.fixture
def dynamodb(client: Any) -> Iterator[Any]:
    with mock_aws():
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
            KeySchema=_schema("pk", "sk"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "open",
                    "KeySchema": _schema("open_pk", "open_sk"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        yield client


def _schema(partition: str, sort: str) -> Any:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


@pytest.fixture(params=["fake", "moto"])
def store(request: pytest.FixtureRequest) -> LedgerStore:
    if request.param == "fake":
        return FakeLedgerStore()
    return DynamoLedgerStore(request.getfixturevalue("dynamodb"), TABLE)


class TestLedgerStore:
    def test_what_is_not_there_is_none(self, store: LedgerStore) -> None:
        assert store.get("RELEASE#1", "META") is None

    def test_an_item_comes_back_as_it_was_written(self, store: LedgerStore) -> None:
        item = {
            "pk": "RELEASE#1",
            "sk": "META",
            "text": "ä",
            "empty": "",
            "flag": True,
            "whole": 7,
            "part": 0.05,
            "tiny": 1e-9,
            "list": [1, "a", None, {"deep": 2.5}],
            "map": {"none": None, "nested": {"x": 1}},
        }
        assert store.put(item)
        assert store.get("RELEASE#1", "META") == item

    def test_numbers_keep_their_kind(self, store: LedgerStore) -> None:
        store.put({"pk": "a", "sk": "b", "whole": 7, "part": 2.5, "round": 3.0, "flag": False})
        item = store.get("a", "b")
        assert item is not None
        kinds = [type(item[name]) for name in ("whole", "part", "round", "flag")]
        assert kinds == [int, float, int, bool]

    def test_a_tuple_comes_back_as_a_list(self, store: LedgerStore) -> None:
        store.put({"pk": "a", "sk": "b", "alarms": ("x", "y"), "none": ()})
        item = store.get("a", "b")
        assert item is not None
        assert (item["alarms"], item["none"]) == (["x", "y"], [])

    def test_an_attribute_that_is_none_is_left_out(self, store: LedgerStore) -> None:
        store.put({"pk": "a", "sk": "b", "outcome": None})
        assert store.get("a", "b") == {"pk": "a", "sk": "b"}

    def test_what_is_not_a_number_is_refused(self, store: LedgerStore) -> None:
        with pytest.raises(TypeError):
            store.put({"pk": "a", "sk": "b", "bad": float("nan")})

    def test_writing_replaces_the_whole_item(self, store: LedgerStore) -> None:
        store.put({"pk": "a", "sk": "b", "old": 1})
        store.put({"pk": "a", "sk": "b", "new": 1})
        assert store.get("a", "b") == {"pk": "a", "sk": "b", "new": 1}

    def test_what_a_reader_changes_is_not_stored(self, store: LedgerStore) -> None:
        store.put(TURN)
        read = store.get("ENDPOINT#churn", "TURN")
        assert read is not None
        read["next"]["release"] = "r9"
        assert store.get("ENDPOINT#churn", "TURN") == TURN

    def test_only_the_first_of_two_claims_is_written(self, store: LedgerStore) -> None:
        assert store.put({"pk": "DROP#1", "sk": "none", "release": "r1"}, {"pk": None})
        assert not store.put({"pk": "DROP#1", "sk": "none", "release": "r2"}, {"pk": None})
        assert store.get("DROP#1", "none") == {"pk": "DROP#1", "sk": "none", "release": "r1"}

    @pytest.mark.parametrize(
        "expect",
        [
            {"fence": 1},
            {"fence": 1, "holder": "r1"},
            {"next": {"release": "r2", "order": "b"}},
            {"execution": None},
            {"fence": 1, "execution": None},
            {},
            None,
        ],
    )
    def test_a_write_whose_expectation_holds_is_made(self, store: LedgerStore, expect: dict[str, Any] | None) -> None:
        store.put(TURN)
        assert store.put({**TURN, "fence": 2}, expect)
        assert store.get("ENDPOINT#churn", "TURN") == {**TURN, "fence": 2}

    @pytest.mark.parametrize(
        "expect",
        [
            {"fence": 2},
            {"fence": 1, "holder": "r9"},
            {"next": {"release": "r3", "order": "b"}},
            {"next": None},
            {"execution": "e"},
            {"pk": None},
        ],
    )
    def test_a_write_whose_expectation_does_not_hold_is_not_made(
        self, store: LedgerStore, expect: dict[str, Any]
    ) -> None:
        store.put(TURN)
        assert not store.put({**TURN, "fence": 2}, expect)
        assert store.get("ENDPOINT#churn", "TURN") == TURN

    def test_a_value_is_not_expected_of_an_item_that_is_not_there(self, store: LedgerStore) -> None:
        assert not store.put(TURN, {"fence": 1})
        assert store.get("ENDPOINT#churn", "TURN") is None

    def test_deleting_takes_one_item_away(self, store: LedgerStore) -> None:
        store.put(TURN)
        assert store.delete("ENDPOINT#churn", "TURN")
        assert store.get("ENDPOINT#churn", "TURN") is None

    def test_deleting_what_is_not_there_succeeds(self, store: LedgerStore) -> None:
        assert store.delete("ENDPOINT#churn", "TURN")

    def test_a_delete_whose_expectation_does_not_hold_is_not_made(self, store: LedgerStore) -> None:
        store.put(TURN)
        assert not store.delete("ENDPOINT#churn", "TURN", {"holder": "r9"})
        assert store.delete("ENDPOINT#churn", "TURN", {"holder": "r1"})

    def test_a_partition_is_read_in_the_order_of_its_sort_keys(self, store: LedgerStore) -> None:
        for sort in ("PHASE#10-b", "META", "PHASE#02-a"):
            store.put({"pk": "RELEASE#1", "sk": sort})
        store.put({"pk": "RELEASE#2", "sk": "META"})
        assert [item["sk"] for item in store.query("RELEASE#1")] == ["META", "PHASE#02-a", "PHASE#10-b"]
        assert [item["sk"] for item in store.query("RELEASE#1", "PHASE#")] == ["PHASE#02-a", "PHASE#10-b"]

    def test_a_partition_of_many_pages_is_read_whole(self, store: LedgerStore) -> None:
        for number in range(6):
            store.put({"pk": "RELEASE#1", "sk": f"PHASE#{number}", "reason": "x" * 350_000})
        assert len(store.query("RELEASE#1")) == 6

    def test_open_releases_are_those_in_the_index_oldest_first(self, store: LedgerStore) -> None:
        for release in ("20260102", "20260101", "20260103"):
            store.put(_meta(release))
        store.put({"pk": "RELEASE#20260103", "sk": "META", "outcome": "LIVE"}, {"outcome": None})
        assert store.open_releases() == [_meta("20260101"), _meta("20260102")]


def _meta(release: str) -> Item:
    return {"pk": f"RELEASE#{release}", "sk": "META", "open_pk": "OPEN", "open_sk": release}


class TestALostAnswer:
    """botocore sends a write again when its answer was lost; the second one meets what the first one wrote."""

    def test_to_a_write_that_was_made_counts_as_written(self, dynamodb: Any) -> None:
        store = DynamoLedgerStore(dynamodb, TABLE)
        with _losing_first_answers(dynamodb):
            assert store.put(TURN, {"pk": None})
        assert store.get("ENDPOINT#churn", "TURN") == TURN

    def test_to_a_write_that_was_not_made_counts_as_not_written(self, dynamodb: Any) -> None:
        store = DynamoLedgerStore(dynamodb, TABLE)
        store.put({**TURN, "holder": "r9"})
        with _losing_first_answers(dynamodb):
            assert not store.put(TURN, {"pk": None})

    def test_is_not_supposed_when_the_same_item_is_claimed_twice(self, dynamodb: Any) -> None:
        store = DynamoLedgerStore(dynamodb, TABLE)
        assert store.put(TURN, {"pk": None})
        assert not store.put(TURN, {"pk": None})


@contextmanager
def _losing_first_answers(client: Any) -> Iterator[None]:
    event = "needs-retry.dynamodb.PutItem"
    client.meta.events.register_first(event, _retry_the_first)
    try:
        yield
    finally:
        client.meta.events.unregister(event, _retry_the_first)


def _retry_the_first(attempts: int, **about: Any) -> int | None:
    return 0 if attempts == 1 else None
