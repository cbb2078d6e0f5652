"""A release of several artifacts: each is held to a version, judged, frozen and kept like the dropped one."""

from typing import Any

from slipway.exchanges import ObjectFacts
from slipway.release.naming import frozen_folder, frozen_key
from slipway.release.parts import Named, content_digest, digests_of, frozen_addresses
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.steps.janitor import keep_house
from slipway.steps.pinning import Pinned, pinned
from tests.fakes.tools import BUCKET, FakeTools, archive, drop_event
from tests.steps.stories import MODEL, SMOKE, Story
from tests.steps.test_policing import refused
from tests.steps.test_signing import KEY, signing, wanting_signatures

PRE, POST = "models/churn/parts/pre.tar.gz", "models/churn/parts/post.tar.gz"
BODIES = {PRE: archive(scaler_joblib="s1"), POST: archive(labels_joblib="l1")}
NAMED = (Named(PRE, "first"), Named(POST, "second"))


def upload(tools: FakeTools, **bodies: bytes) -> None:
    for key, body in {**BODIES, **bodies}.items():
        tools.artifacts.drop(BUCKET, key, body)


def look(tools: FakeTools, *named: Named, required: bool = False, dropped: ObjectFacts | None = None) -> Pinned:
    return pinned(tools, named or NAMED, required, dropped)


def held_to(story: Story, found: Pinned) -> None:
    """Hold a release that was read to further artifacts, as a spec that names them does."""
    story.tools.ledger.conclude(story.release, Phase.READ_RELEASE, Verdict(Answer.ACCEPTED, facts=found.facts))


def dropped_with_parts(tools: FakeTools, number: int = 1, body: bytes = MODEL, *named: Named) -> Story:
    """Drop an artifact, and let the release name further ones."""
    story = Story(tools, f"execution-{number}")
    tools.clock.advance(60)
    story.drop(version=str(number), spec={"smoke": [SMOKE]}, body=body)
    held_to(story, look(tools, *named))
    return story


def live_with_parts(tools: FakeTools, number: int, *named: Named) -> Story:
    story = dropped_with_parts(tools, number, archive(model_joblib=f"v{number}"), *named)
    story.through(Phase.CREATE_ENDPOINT)
    tools.hosting.settle("churn")
    story.finish()
    return story


def verified(story: Story) -> Any:
    verdict = story.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    return verdict


def test_each_artifact_is_judged_frozen_and_told_by_its_name() -> None:
    tools = FakeTools()
    upload(tools)
    story = dropped_with_parts(tools)
    verdict = verified(story)
    assert verdict.answer is Answer.SOUND
    assert all(name in verdict.reason for name in (PRE, POST))
    digests = digests_of(story.release)
    frozen = {
        name: f"s3://{BUCKET}/{frozen_key(digest)}" for name, digest in zip(("", PRE, POST), digests, strict=True)
    }
    assert frozen_addresses(story.release) == frozen
    assert {frozen_key(digest) for digest in digests} <= set(tools.artifacts.keys(BUCKET))


def test_what_is_wrong_with_all_of_them_is_told_at_once_and_nothing_is_frozen() -> None:
    tools = FakeTools()
    upload(tools, **{PRE: b"no archive", POST: archive(code__inference_py="def (")})
    verdict = verified(dropped_with_parts(tools, 1, b"none either"))
    said = {finding.where.split(" ")[0] for finding in verdict.findings}
    assert said == {f"s3://{BUCKET}/models/churn/1/model.tar.gz", PRE, POST}
    assert not [key for key in tools.artifacts.keys(BUCKET) if key.startswith("frozen/")]


def test_what_is_overwritten_under_way_is_served_as_it_was_and_what_is_deleted_is_missed() -> None:
    tools = FakeTools()
    upload(tools)
    story = dropped_with_parts(tools)
    upload(tools, **{PRE: archive(scaler_joblib="s2")})
    assert verified(story).answer is Answer.SOUND
    again = dropped_with_parts(tools, 2)
    assert verified(again).answer is Answer.SOUND
    assert digests_of(story.release)[1] != digests_of(again.release)[1]
    tools.artifacts.remove(BUCKET, POST)
    (finding,) = verified(again).findings
    assert (finding.code, finding.where) == ("ARTIFACT_VANISHED", f"s3://{BUCKET}/{POST}")


def test_an_artifact_must_have_the_checksum_that_is_expected_of_it() -> None:
    tools = FakeTools()
    upload(tools)
    verdict = verified(dropped_with_parts(tools, 1, MODEL, Named(PRE, "first", "0" * 64)))
    (finding,) = verdict.findings
    assert (finding.code, finding.where) == ("ARTIFACT_OTHER_BYTES", f"{PRE} artifact_sha256")


def test_one_digest_stands_for_all_artifacts_in_their_order() -> None:
    tools = FakeTools()
    upload(tools)
    digests = set[str]()
    for number, named in enumerate([NAMED, NAMED[:1], NAMED[::-1]], 1):
        story = dropped_with_parts(tools, number, MODEL, *named)
        verified(story)
        digests.add(content_digest(story.release))
    alone = Story(tools, "execution-9")
    alone.drop(version="9")
    verified(alone)
    assert content_digest(alone.release) == alone.release.fact(Phase.VERIFY_ARTIFACT, "digest")
    assert len(digests | {content_digest(alone.release)}) == 4


def test_the_same_artifacts_are_unchanged_and_one_that_changed_is_a_new_release() -> None:
    tools = FakeTools()
    upload(tools)
    live_with_parts(tools, 1)
    answers = []
    for number in (2, 3):
        story = dropped_with_parts(tools, number, archive(model_joblib="v1"))
        story.through(Phase.VERIFY_CONFIG)
        answers.append(story.answer(Phase.VERIFY_CONFIG))
        upload(tools, **{PRE: archive(scaler_joblib="s2")})
        story.step(Phase.CLOSE_RELEASE)
    assert answers == [Answer.UNCHANGED, Answer.ACCEPTABLE]


def test_what_is_absent_or_may_not_be_fetched_is_told_with_what_helps() -> None:
    tools = FakeTools()
    tools.artifacts.drop(BUCKET, PRE, BODIES[PRE])
    found = look(tools, *NAMED, Named("s3://strangers/x.tar.gz", "third"))
    assert [finding.code for finding in found.findings] == ["ARTIFACT_ABSENT", "POLICY_SOURCE"]
    assert "upload the spec once more" in found.findings[0].next_step
    assert [pin["artifact"] for pin in found.facts["parts"]] == [PRE]


def test_all_of_them_together_have_to_be_readable_in_one_go() -> None:
    tools = FakeTools()
    upload(tools)
    big = tools.artifacts.drop(BUCKET, "models/churn/1/model.tar.gz", MODEL)
    facts = ObjectFacts(big, 20 * 1024**3, "e", tools.clock.now())
    assert [finding.code for finding in look(tools, dropped=facts).findings] == ["ARTIFACTS_TOO_LARGE"]


def test_each_is_signed_where_signatures_are_wanted() -> None:
    tools = wanting_signatures()
    upload(tools)
    found = look(tools, required=True)
    assert {each.code for each in found.findings} == {"SIGNATURE_ABSENT"}
    signatures = [f"{each.where} s3://{BUCKET}/{each.artifact}.sig" for each in NAMED]
    assert [each.where for each in found.findings] == signatures
    for name in (PRE, POST):
        tools.artifacts.drop(BUCKET, f"{name}.sig", signing(tools, body=BODIES[PRE]))
    tools.artifacts.drop(BUCKET, "models/churn/1/model.tar.gz.sig", signing(tools))
    story = dropped_with_parts(tools)
    assert refused(verified(story)) == ["SIGNATURE_OTHER_BYTES"]
    tools.artifacts.drop(BUCKET, f"{POST}.sig", signing(tools, body=BODIES[POST]))
    assert [part["signed_by"] for part in verified(story).facts["parts"]] == [KEY, KEY]


def test_a_takeover_goes_on_with_the_versions_that_were_seen_first() -> None:
    tools = FakeTools()
    upload(tools)
    story = dropped_with_parts(tools)
    held = story.release.fact(Phase.READ_RELEASE, "parts")
    tools.executions.end("execution-1")
    heir = Story(tools, "execution-2")
    artifact = story.release.artifact
    assert artifact is not None
    assert heir.read(drop_event(artifact.key, artifact.version)).route["release"] == story.release_id
    assert heir.release.fact(Phase.READ_RELEASE, "parts") == held


def test_bytes_that_several_releases_share_are_retired_with_the_last_of_them() -> None:
    tools = FakeTools()
    upload(tools)
    first = live_with_parts(tools, 1)
    upload(tools, **{POST: archive(labels_joblib="l2")})
    live_with_parts(tools, 2)
    third = live_with_parts(tools, 3)
    own, shared, replaced = digests_of(first.release)
    assert keep_house({"task": "retire"}, tools)["retired"] == [first.release_id]
    left = {f"{key.rsplit('/', 1)[0]}/" for key in tools.artifacts.keys(BUCKET) if key.startswith("frozen/")}
    assert not left & {frozen_folder(own), frozen_folder(replaced)}
    assert {frozen_folder(digest) for digest in digests_of(third.release)} <= left
    assert frozen_folder(shared) in left
    kept = {line["release"] for line in tools.ledger.history("churn") if not line.get("retired")}
    assert tools.ledger.custody.begin_retiring(shared) == kept


def test_a_line_of_the_history_without_such_facts_still_reads() -> None:
    tools = FakeTools()
    upload(tools)
    stories = [live_with_parts(tools, number) for number in (1, 2, 3)]
    for line in tools.ledger.history("churn"):
        tools.store.put({key: value for key, value in line.items() if key != "parts"})
    assert keep_house({"task": "retire"}, tools)["retired"] == [stories[0].release_id]


def test_an_artifact_that_retention_is_deleting_is_named() -> None:
    tools = FakeTools()
    upload(tools)
    story = dropped_with_parts(tools)
    verified(story)
    tools.ledger.custody.begin_retiring(digests_of(story.release)[1])
    again = dropped_with_parts(tools, 2)
    (finding,) = verified(again).findings
    assert (finding.code, finding.where) == ("ARTIFACT_BEING_RETIRED", f"s3://{BUCKET}/{PRE}")
