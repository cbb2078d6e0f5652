"""What is out of the rollback window goes; nothing that any endpoint uses does. The bench keeps two live releases."""

from typing import Any

from slipway.release.naming import frozen_key
from slipway.release.phases import Phase
from slipway.release.release import Release
from slipway.release.verdicts import Answer, Outcome
from slipway.steps.janitor import keep_house
from tests.fakes.tools import BUCKET, FakeTools, archive
from tests.steps.stories import SMOKE, Story, a_live_endpoint

RETIRE = {"task": "retire"}


def released(tools: FakeTools, version: int, **spec: Any) -> Release:
    """Release another version of `churn` to the end."""
    tools.clock.advance(60)
    story = Story(tools, f"execution-{version}")
    story.start(version=str(version), spec={"smoke": [SMOKE], **spec}, body=archive(model_joblib=f"v{version}"))
    tools.hosting.settle("churn")
    story.finish()
    assert story.release.outcome is Outcome.LIVE
    return story.release


def three_live_releases() -> tuple[FakeTools, list[Release]]:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    return first.tools, [first.release, released(first.tools, 2), released(first.tools, 3)]


def made_by(release: Release) -> tuple[str, str, str]:
    """Give the config, the model and the frozen bytes of a release."""
    digest = release.fact(Phase.VERIFY_ARTIFACT, "digest")
    return release.fact(Phase.CREATE_CONFIG, "config"), release.fact(Phase.CREATE_MODEL, "model"), frozen_key(digest)


def has(tools: FakeTools, release: Release) -> list[bool]:
    config, model, frozen = made_by(release)
    return [config in tools.hosting.configs, model in tools.hosting.models, frozen in tools.artifacts.keys(BUCKET)]


def test_what_is_out_of_the_window_goes_with_its_bytes_and_the_rest_stays() -> None:
    tools, (first, second, third) = three_live_releases()
    assert keep_house(RETIRE, tools)["retired"] == [first.id]
    assert has(tools, first) == [False, False, False]
    assert has(tools, second) == has(tools, third) == [True, True, True]


def test_a_second_look_retires_nothing_again() -> None:
    tools, _ = three_live_releases()
    keep_house(RETIRE, tools)
    before = len(tools.hosting.calls)
    assert keep_house(RETIRE, tools)["retired"] == []
    assert tools.hosting.calls[before:] == []


def test_what_another_endpoint_serves_from_is_never_deleted() -> None:
    tools, (first, *_) = three_live_releases()
    config, model, _frozen = made_by(first)
    tools.hosting.serve("somebody-elses", "their-config", model=model)
    keep_house(RETIRE, tools)
    assert has(tools, first) == [False, True, True]
    assert config not in tools.hosting.configs


def test_a_config_that_an_endpoint_is_on_its_way_to_is_never_deleted() -> None:
    tools, (first, *_) = three_live_releases()
    config, *_ = made_by(first)
    deployment = {"EndpointName": "churn", "EndpointConfigName": config, "DeploymentConfig": {}}
    tools.hosting.update_endpoint(deployment)
    assert keep_house(RETIRE, tools)["retired"] == []
    assert has(tools, first) == [True, True, True]


def test_nothing_is_retired_while_a_release_is_under_way() -> None:
    tools, _ = three_live_releases()
    Story(tools, "execution-9").start(version="9", body=archive(model_joblib="v9"))
    assert keep_house(RETIRE, tools)["retired"] == []


def test_what_sagemaker_does_not_let_go_is_tried_again_later() -> None:
    tools, (first, *_) = three_live_releases()
    tools.hosting.refuse("delete_config", "AccessDeniedException", "not tagged")
    assert keep_house(RETIRE, tools)["retired"] == []
    assert keep_house(RETIRE, tools)["retired"] == [first.id]


def test_what_its_close_removed_is_not_asked_for_again_since_iam_knows_no_tag_of_it() -> None:
    tools, (first, *_) = three_live_releases()
    config, model, _frozen = made_by(first)
    del tools.hosting.configs[config], tools.hosting.models[model]
    assert keep_house(RETIRE, tools)["retired"] == [first.id]
    assert not tools.hosting.requests("delete_config") + tools.hosting.requests("delete_model")


def test_bytes_that_a_kept_release_serves_too_are_kept() -> None:
    tools, (first, *_) = three_live_releases()
    tools.clock.advance(60)
    again = Story(tools, "execution-4")
    again.start(version="4", spec={"smoke": [SMOKE], "owner": "me"})
    tools.hosting.settle("churn")
    again.finish()
    keep_house(RETIRE, tools)
    assert has(tools, again.release) == [True, True, True]
    assert first.fact(Phase.VERIFY_ARTIFACT, "digest") == again.release.fact(Phase.VERIFY_ARTIFACT, "digest")


def test_alarms_of_a_release_that_is_over_are_swept_and_no_others() -> None:
    tools, (*_, third) = three_live_releases()
    left = f"slipway-{made_by(third)[0]}-5xx"
    coming = Story(tools, "execution-9")
    coming.start(version="9", spec={"smoke": [SMOKE]}, body=archive(model_joblib="v9"))
    under_way = coming.release.fact(Phase.CREATE_CONFIG, "alarms")
    elsewhere = "slipway-of-another-stack-20260105t120000-abcdef-veto"
    for name in (left, elsewhere, "slipway-churn-of-mine", "slipway-churn-20260105t120000-abcdef"):
        tools.alarms.add(name)
    assert keep_house(RETIRE, tools)["swept"] == [left]
    assert set(under_way) <= set(tools.alarms.named("slipway-churn-"))


def test_alarms_are_not_asked_for_when_there_are_none() -> None:
    assert keep_house(RETIRE, FakeTools()) == {"retired": [], "swept": [], "taken_back": []}


def test_every_other_event_looks_for_the_dead() -> None:
    tools = FakeTools()
    assert keep_house({"source": "aws.events"}, tools) == {"dead": [], "started": []}


def test_an_endpoint_keeps_as_many_releases_as_the_spec_of_its_live_one_says() -> None:
    first = a_live_endpoint(spec={"smoke": [SMOKE]})
    tools = first.tools
    releases = [first.release, released(tools, 2), released(tools, 3, retention={"keep_releases": 3})]
    assert keep_house(RETIRE, tools)["retired"] == []
    released(tools, 4)
    assert set(keep_house(RETIRE, tools)["retired"]) == {release.id for release in releases[:2]}


def the_first_bytes_again(tools: FakeTools) -> Story:
    tools.clock.advance(60)
    again = Story(tools, "execution-again")
    again.drop(version="9", spec={"smoke": [SMOKE]})
    return again


def test_a_drop_of_old_bytes_that_begins_while_retention_looks_loses_neither_bytes_nor_model() -> None:
    tools, (first, *_) = three_live_releases()
    look, begun = tools.hosting.describe_model, list[Story]()

    def after_a_drop(name: str) -> Any:
        if not begun:
            begun.append(the_first_bytes_again(tools))
            begun[0].through(Phase.CREATE_ENDPOINT)
        return look(name)

    tools.hosting.describe_model = after_a_drop  # type: ignore[method-assign]
    assert keep_house(RETIRE, tools)["retired"] == []
    assert has(tools, begun[0].release) == [True, True, True]
    assert made_by(begun[0].release)[1:] == made_by(first)[1:]


def test_a_drop_that_the_index_of_open_releases_does_not_show_yet_is_seen_by_its_mark() -> None:
    tools, (first, *_) = three_live_releases()
    again = the_first_bytes_again(tools)
    again.through(Phase.CREATE_ENDPOINT)
    tools.ledger.open_releases = list  # type: ignore[assignment]
    keep_house(RETIRE, tools)
    assert has(tools, again.release) == [True, True, True]
    assert has(tools, first)[1:] == [True, True]


def test_bytes_that_retention_is_deleting_are_waited_for_and_then_copied_again() -> None:
    tools, (first, *_) = three_live_releases()
    digest = first.fact(Phase.VERIFY_ARTIFACT, "digest")
    assert tools.ledger.custody.begin_retiring(digest) == {first.id}
    again, sleep = the_first_bytes_again(tools), tools.clock.sleep

    def until_it_is_done(seconds: float) -> None:
        sleep(seconds)
        tools.artifacts.remove(BUCKET, frozen_key(digest))
        tools.ledger.custody.end_retiring(digest, first.id)

    tools.clock.sleep = until_it_is_done  # type: ignore[method-assign]
    assert again.step(Phase.VERIFY_ARTIFACT) is not None
    assert again.answer(Phase.VERIFY_ARTIFACT) is Answer.SOUND
    assert frozen_key(digest) in tools.artifacts.keys(BUCKET)


def test_a_retention_that_never_comes_to_an_end_refuses_the_bytes_until_its_mark_is_old() -> None:
    tools, (first, *_) = three_live_releases()
    tools.ledger.custody.begin_retiring(first.fact(Phase.VERIFY_ARTIFACT, "digest"))
    again = the_first_bytes_again(tools)
    verdict = again.step(Phase.VERIFY_ARTIFACT)
    assert verdict is not None
    assert [finding.code for finding in verdict.findings] == ["ARTIFACT_BEING_RETIRED"]
    tools.clock.advance(600)
    assert again.step(Phase.VERIFY_ARTIFACT) is not None
    assert again.answer(Phase.VERIFY_ARTIFACT) is Answer.SOUND


def test_two_retentions_at_once_do_not_delete_the_same_bytes() -> None:
    tools, (first, *_) = three_live_releases()
    tools.ledger.custody.begin_retiring(first.fact(Phase.VERIFY_ARTIFACT, "digest"))
    assert keep_house(RETIRE, tools)["retired"] == []
    assert has(tools, first) == [True, True, True]
