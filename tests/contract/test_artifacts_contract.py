"""The artifact bucket: what the fake and S3 (by moto) both keep to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from slipway.aws.artifacts import S3Artifacts
from slipway.aws.copying import Sizes
from slipway.errors import UnreadableError
from slipway.ports import Artifacts
from slipway.release.naming import ASKED_BY
from slipway.release.release import ObjectRef
from tests.fakes.artifacts import FakeArtifacts
from tests.fakes.canned import CannedAws, canned

BUCKET, THEIRS = "artifacts", "a-teams-own"
MB = 1 << 20
KEY = "models/churn/1/model.tar.gz"
FROZEN = ObjectRef(BUCKET, "frozen/sha256/abc/model.tar.gz")
DROPPED = ObjectRef(BUCKET, KEY)


class Drop(Protocol):
    """A user's upload."""

    def __call__(self, key: str, body: bytes, bucket: str = BUCKET, asked_by: str = "") -> ObjectRef: ...


@dataclass(frozen=True)
class Side:
    """One implementation, with the hands of a user who uploads and deletes."""

    artifacts: Artifacts
    drop: Drop
    remove: Callable[[str], None]


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("s3", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def s3(client: Any) -> Iterator[Any]:
    with mock_aws():
        for bucket in (BUCKET, THEIRS):
            client.create_bucket(Bucket=bucket)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield client


def real(client: Any) -> Side:
    def drop(key: str, body: bytes, bucket: str = BUCKET, asked_by: str = "") -> ObjectRef:
        said = {"Metadata": {ASKED_BY: asked_by}} if asked_by else {}
        return ObjectRef(bucket, key, client.put_object(Bucket=bucket, Key=key, Body=body, **said)["VersionId"])

    return Side(S3Artifacts(client), drop, lambda key: client.delete_object(Bucket=BUCKET, Key=key))


def fake() -> Side:
    artifacts = FakeArtifacts()

    def drop(key: str, body: bytes, bucket: str = BUCKET, asked_by: str = "") -> ObjectRef:
        return artifacts.drop(bucket, key, body, asked_by)

    return Side(artifacts, drop, lambda key: artifacts.remove(BUCKET, key))


@pytest.fixture(params=["fake", "moto"])
def side(request: pytest.FixtureRequest) -> Side:
    return fake() if request.param == "fake" else real(request.getfixturevalue("s3"))


class TestArtifacts:
    def test_head_tells_the_latest_version_size_and_time(self, side: Side) -> None:
        side.drop(KEY, b"old")
        latest = side.drop(KEY, b"newer")
        facts = side.artifacts.head(DROPPED)
        assert facts is not None
        assert (facts.ref, facts.size) == (latest, 5)
        assert facts.ref.version
        assert facts.modified_at.utcoffset() == datetime.now(UTC).utcoffset()
        assert facts.etag == "0c10f4a0c12ba89211235026b861263d"

    def test_head_tells_who_says_to_have_uploaded_it(self, side: Side) -> None:
        side.drop(KEY, b"old", asked_by="arn:aws:iam::111122223333:user/alice")
        named = side.artifacts.head(DROPPED)
        side.drop(KEY, b"newer")
        nameless = side.artifacts.head(DROPPED)
        assert named is not None
        assert nameless is not None
        assert (named.asked_by, nameless.asked_by) == ("arn:aws:iam::111122223333:user/alice", "")

    def test_head_looks_at_the_version_that_is_named(self, side: Side) -> None:
        first = side.drop(KEY, b"old")
        side.drop(KEY, b"newer")
        facts = side.artifacts.head(first)
        assert facts is not None
        assert (facts.ref, facts.size) == (first, 3)

    def test_head_of_what_is_not_there_is_none(self, side: Side) -> None:
        assert side.artifacts.head(DROPPED) is None

    def test_children_are_the_folders_and_the_objects_of_one_level_in_order(self, side: Side) -> None:
        for key in ("captured/b/2.jsonl", "captured/a/x/1.jsonl", "captured/z.jsonl", "captured/c.jsonl", "other/d"):
            side.drop(key, b"1")
        found = side.artifacts.children(ObjectRef(BUCKET, "captured/"))
        assert [ref.key for ref in found] == ["captured/a/", "captured/b/", "captured/c.jsonl", "captured/z.jsonl"]
        assert side.artifacts.children(ObjectRef(BUCKET, "nothing/")) == []

    def test_head_of_what_was_deleted_is_none(self, side: Side) -> None:
        side.drop(KEY, b"old")
        side.remove(KEY)
        assert side.artifacts.head(DROPPED) is None

    def test_read_gives_one_byte_more_than_the_limit_of_a_longer_object(self, side: Side) -> None:
        side.drop(KEY, b"0123456789")
        assert side.artifacts.read(DROPPED, limit=4) == b"01234"
        assert side.artifacts.read(DROPPED, limit=10) == b"0123456789"

    def test_read_of_an_empty_object_is_empty(self, side: Side) -> None:
        side.drop(KEY, b"")
        assert side.artifacts.read(DROPPED, limit=4) == b""

    def test_read_of_what_is_not_there_raises(self, side: Side) -> None:
        with pytest.raises(FileNotFoundError):
            side.artifacts.read(DROPPED, limit=4)

    def test_stream_gives_all_bytes_in_chunks_of_a_mebibyte_at_most(self, side: Side) -> None:
        body = bytes(range(256)) * 10_000
        side.drop(KEY, body)
        chunks = list(side.artifacts.stream(DROPPED))
        assert b"".join(chunks) == body
        assert max(map(len, chunks)) <= 1 << 20

    def test_stream_reads_the_version_that_is_named(self, side: Side) -> None:
        first = side.drop(KEY, b"old")
        side.drop(KEY, b"newer")
        assert b"".join(side.artifacts.stream(first)) == b"old"

    def test_stream_of_what_is_not_there_raises(self, side: Side) -> None:
        with pytest.raises(FileNotFoundError):
            list(side.artifacts.stream(DROPPED))

    def test_freeze_copies_the_version_that_is_named(self, side: Side) -> None:
        first = side.drop(KEY, b"old")
        side.drop(KEY, b"newer")
        frozen = side.artifacts.freeze(first, FROZEN, 3)
        assert (frozen.bucket, frozen.key) == (BUCKET, FROZEN.key)
        assert side.artifacts.read(frozen, limit=10) == b"old"

    def test_what_is_not_there_any_more_cannot_be_frozen(self, side: Side) -> None:
        with pytest.raises(FileNotFoundError):
            side.artifacts.freeze(DROPPED, FROZEN, 3)

    def test_freezing_again_leaves_the_same_bytes(self, side: Side) -> None:
        dropped = side.drop(KEY, b"old")
        side.artifacts.freeze(dropped, FROZEN, 3)
        again = side.artifacts.freeze(dropped, FROZEN, 3)
        assert side.artifacts.read(again, limit=10) == b"old"

    def test_what_was_deleted_is_gone_may_be_deleted_again_and_frozen_anew(self, side: Side) -> None:
        dropped = side.drop(KEY, b"old")
        frozen = ObjectRef(BUCKET, side.artifacts.freeze(dropped, FROZEN, 3).key)
        side.artifacts.delete(frozen)
        side.artifacts.delete(frozen)
        assert side.artifacts.head(frozen) is None
        assert side.artifacts.read(side.artifacts.freeze(dropped, FROZEN, 3), limit=10) == b"old"

    def test_what_was_written_can_be_read(self, side: Side) -> None:
        report = ObjectRef(BUCKET, "reports/churn/1/report.json")
        side.artifacts.write(report, b"{}", "application/json")
        assert side.artifacts.read(report, limit=10) == b"{}"

    def test_what_stands_in_another_bucket_is_frozen_in_ours(self, side: Side) -> None:
        dropped = side.drop(KEY, b"old", THEIRS)
        frozen = side.artifacts.freeze(dropped, FROZEN, 3)
        assert frozen.bucket == BUCKET
        assert side.artifacts.read(frozen, limit=10) == b"old"

    def test_what_was_written_since_is_listed_newest_first_in_its_latest_version(self, side: Side) -> None:
        side.drop("models/churn/1/model.tar.gz", b"old")
        refs = {side.drop(f"models/churn/{version}/model.tar.gz", b"new") for version in (1, 2)}
        side.drop("frozen/a", b"")
        began = datetime.now(UTC) - timedelta(days=3650)
        found = side.artifacts.written(BUCKET, "models/", began, limit=10)
        assert {facts.ref for facts in found} == refs
        assert found == sorted(found, key=lambda facts: facts.modified_at, reverse=True)
        assert side.artifacts.written(BUCKET, "models/", began + timedelta(days=7300), limit=10) == []
        assert len(side.artifacts.written(BUCKET, "models/", began, limit=1)) == 1

    def test_what_lies_under_a_prefix_is_listed_by_key_in_its_latest_version(self, side: Side) -> None:
        side.drop("models/churn/1/model/b", b"old")
        wanted = [side.drop("models/churn/1/model/a", b"1"), side.drop("models/churn/1/model/b", b"newer")]
        side.drop("models/churn/1/model/c", b"gone")
        side.remove("models/churn/1/model/c")
        side.drop("models/churn/1/models", b"beside")
        found = side.artifacts.under(BUCKET, "models/churn/1/model/", limit=10)
        assert [(facts.ref, facts.size) for facts in found] == list(zip(wanted, (1, 5), strict=True))
        assert len(side.artifacts.under(BUCKET, "models/churn/1/model/", limit=1)) == 1
        assert side.artifacts.under(BUCKET, "models/churn/2/", limit=10) == []


class TestWhatOneCopyCannotTake:
    """5 GB in life; here 5 MB, the least that S3 takes as a part."""

    BODY = bytes(5 * MB) + b"and one part more" * MB

    @pytest.fixture
    def artifacts(self, s3: Any) -> S3Artifacts:
        return S3Artifacts(s3, Sizes(at_once=5 * MB, part=5 * MB))

    def test_is_copied_part_by_part_in_the_version_that_is_named(self, s3: Any, artifacts: S3Artifacts) -> None:
        dropped = real(s3).drop(KEY, self.BODY)
        real(s3).drop(KEY, b"newer")
        frozen = artifacts.freeze(dropped, FROZEN, len(self.BODY))
        assert artifacts.read(frozen, limit=len(self.BODY)) == self.BODY
        assert frozen.version != ""

    def test_leaves_no_upload_behind_when_it_vanishes_meanwhile(self, s3: Any, artifacts: S3Artifacts) -> None:
        with pytest.raises(FileNotFoundError):
            artifacts.freeze(DROPPED, FROZEN, len(self.BODY))
        assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)

    def test_is_taken_as_it_is_when_somebody_was_faster(self, client: Any) -> None:
        with canned(client) as aws:
            aws.say(200, b"<R><UploadId>u</UploadId></R>")
            for _ in range(2):
                aws.say(200, b"<CopyPartResult><ETag>e</ETag></CopyPartResult>")
            _refuse(aws, 412, "PreconditionFailed")
            aws.say(204, b"")
            _show(aws, "v7", size=6 * MB)
            artifacts = S3Artifacts(client, Sizes(at_once=5 * MB, part=5 * MB))
            assert artifacts.freeze(DROPPED, FROZEN, 6 * MB) == replace(FROZEN, version="v7")
        ways = [(request.method, request.headers.get("If-None-Match")) for request in aws.requests]
        assert ways[3:5] == [("POST", b"*"), ("DELETE", None)]


class TestAKeyThatIsTaken:
    """moto, other than S3, copies over an object in spite of `If-None-Match: *`; so S3's answers are canned here."""

    @pytest.fixture
    def aws(self, client: Any) -> Iterator[CannedAws]:
        with canned(client) as answers:
            yield answers

    @pytest.mark.parametrize(("status", "code"), [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")])
    def test_by_an_object_of_the_same_size_is_frozen(self, client: Any, aws: CannedAws, status: int, code: str) -> None:
        _refuse(aws, status, code)
        _show(aws, "v7", size=3)
        assert S3Artifacts(client).freeze(DROPPED, FROZEN, 3) == replace(FROZEN, version="v7")
        assert aws.requests[0].headers["If-None-Match"] == b"*"

    def test_by_an_object_of_another_size_raises(self, client: Any, aws: CannedAws) -> None:
        _refuse(aws, 412, "PreconditionFailed")
        _show(aws, "v7", size=4)
        with pytest.raises(UnreadableError, match=FROZEN.key):
            S3Artifacts(client).freeze(DROPPED, FROZEN, 3)

    def test_by_an_object_of_another_size_raises_in_the_fake_too(self) -> None:
        side = fake()
        dropped = side.drop(KEY, b"old")
        side.drop(FROZEN.key, b"other bytes")
        with pytest.raises(UnreadableError, match=FROZEN.key):
            side.artifacts.freeze(dropped, FROZEN, 3)

    @pytest.mark.parametrize("conflicts", [1, 3])
    def test_by_a_write_that_is_not_done_yet_is_tried_again(self, client: Any, aws: CannedAws, conflicts: int) -> None:
        for _ in range(conflicts):
            _refuse(aws, 409, "ConditionalRequestConflict")
            aws.say(404, b"")
        aws.say(200, b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", {"x-amz-version-id": "v8"})
        assert S3Artifacts(client).freeze(DROPPED, FROZEN, 3) == replace(FROZEN, version="v8")

    def test_by_a_write_that_is_never_done_raises(self, client: Any, aws: CannedAws) -> None:
        for _ in range(4):
            _refuse(aws, 409, "ConditionalRequestConflict")
            aws.say(404, b"")
        with pytest.raises(ClientError, match="ConditionalRequestConflict"):
            S3Artifacts(client).freeze(DROPPED, FROZEN, 3)

    def test_for_another_reason_than_being_taken_raises(self, client: Any, aws: CannedAws) -> None:
        _refuse(aws, 403, "AccessDenied")
        with pytest.raises(PermissionError, match=KEY):
            S3Artifacts(client).freeze(DROPPED, FROZEN, 3)

    def test_for_a_passing_reason_raises(self, client: Any, aws: CannedAws) -> None:
        _refuse(aws, 400, "RequestTimeout")
        with pytest.raises(ClientError, match="RequestTimeout"):
            S3Artifacts(client).freeze(DROPPED, FROZEN, 3)


class TestAnswersThatMotoNeverGives:
    def test_of_an_object_that_comes_whole_no_more_than_asked_is_read(self, client: Any) -> None:
        with canned(client) as aws:
            aws.say(200, b"0123456789", {"Content-Length": "10"})
            assert S3Artifacts(client).read(DROPPED, limit=4) == b"01234"

    def test_a_bucket_that_denies_is_not_an_absent_object(self, client: Any) -> None:
        with canned(client) as aws, pytest.raises(PermissionError, match=KEY):
            aws.say(403, b"")
            S3Artifacts(client).head(DROPPED)

    def test_bytes_that_a_key_keeps_shut_are_denied_in_the_words_of_the_service(self, client: Any) -> None:
        with canned(client) as aws, pytest.raises(PermissionError, match=f"{KEY}: no"):
            _refuse(aws, 403, "AccessDenied")
            next(S3Artifacts(client).stream(DROPPED))

    def test_a_bucket_that_denies_is_not_an_empty_one(self, client: Any) -> None:
        with canned(client) as aws, pytest.raises(PermissionError, match=BUCKET):
            _refuse(aws, 403, "AccessDenied")
            S3Artifacts(client).under(BUCKET, "models/", limit=10)

    def test_a_version_that_is_a_delete_marker_is_an_absent_object(self, client: Any) -> None:
        with canned(client) as aws:
            aws.say(405, b"", {"x-amz-delete-marker": "true"})
            assert S3Artifacts(client).head(ObjectRef(BUCKET, KEY, "v2")) is None

    def test_an_object_of_an_unversioned_bucket_has_no_version(self, client: Any) -> None:
        with canned(client) as aws:
            _show(aws, "", size=3)
            facts = S3Artifacts(client).head(DROPPED)
        assert facts is not None
        assert facts.ref == DROPPED


def _refuse(aws: CannedAws, status: int, code: str) -> None:
    aws.say(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())


def _show(aws: CannedAws, version: str, size: int) -> None:
    headers = {"Content-Length": str(size), "ETag": '"abc"', "Last-Modified": "Mon, 05 Jan 2026 12:00:00 GMT"}
    aws.say(200, b"", {**headers, "x-amz-version-id": version} if version else headers)
