"""What an endpoint has beyond what a spec says: kept by the next config, or refused by its name."""

from typing import Any

import pytest

from slipway.release.phases import Phase
from slipway.release.verdicts import Answer
from tests.steps.stories import SMOKE, Story

ASYNC = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://theirs/out"}}}
EXPLAINED = {"ExplainerConfig": {"ClarifyExplainerConfig": {"EnableExplanations": "`true`"}}}
OF_ANY_TYPE: dict[str, Any] = {
    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    "CoreDumpConfig": {"DestinationS3Uri": "s3://theirs/dumps"},
    "EnableSSMAccess": True,
}
OF_ITS_TYPE = {"VolumeSizeInGB": 200, "InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-2"}


def adopting(
    config: dict[str, Any] | None = None, variant: dict[str, Any] | None = None, **spec: Any
) -> tuple[Story, dict[str, Any]]:
    """Adopt an endpoint whose config has more than a spec says, as far as the config; gives that request."""
    story = Story()
    hosting = story.tools.hosting
    hosting.serve("churn", "theirs")
    hosting.configs["theirs"] |= config or {}
    hosting.configs["theirs"]["ProductionVariants"][0] |= variant or {}
    story.drop(spec={"adopt": True, **spec})
    story.through(Phase.VERIFY_CONFIG)
    if story.answer(Phase.VERIFY_CONFIG) is Answer.ACCEPTABLE:
        story.step(Phase.CREATE_CONFIG)
    asked = hosting.requests("create_config")
    return story, asked[-1] if asked else {}


@pytest.mark.parametrize("setting", [ASYNC, EXPLAINED, {"KmsKeyId": "a-key"}, {"MetricsConfig": {"a": True}}], ids=str)
def test_a_setting_of_the_config_is_kept(setting: dict[str, Any]) -> None:
    _, request = adopting(setting)
    assert setting.items() <= request.items()


def test_settings_of_the_variant_are_kept() -> None:
    _, request = adopting(variant=OF_ANY_TYPE | OF_ITS_TYPE)
    assert (OF_ANY_TYPE | OF_ITS_TYPE).items() <= request["ProductionVariants"][0].items()


def test_what_was_set_for_another_instance_type_is_left_and_told() -> None:
    story, request = adopting(variant=OF_ANY_TYPE | OF_ITS_TYPE, serve={"instance_type": "ml.c5.large"})
    (variant,) = request["ProductionVariants"]
    assert OF_ANY_TYPE.items() <= variant.items()
    assert not OF_ITS_TYPE.keys() & variant.keys()
    told = story.release.phases[Phase.CREATE_CONFIG].findings
    assert {(finding.code, finding.where) for finding in told} == {("SETTING_LEFT", name) for name in OF_ITS_TYPE}


def test_what_was_set_for_a_variant_that_goes_is_told() -> None:
    several = {"variants": [{"name": "champion"}, {"name": "challenger"}], "rollout": {"unguarded": True}}
    story, _ = adopting(variant=OF_ANY_TYPE, **several, watch={"seconds": 300})
    told = story.release.phases[Phase.CREATE_CONFIG].findings
    assert {(finding.code, finding.where) for finding in told} == {("SETTING_LEFT", name) for name in OF_ANY_TYPE}
    assert all("that variant goes" in finding.message for finding in told)


@pytest.mark.parametrize(
    ("config", "variant"),
    [
        ({"ShadowProductionVariants": [{"VariantName": "shadow"}]}, {}),
        ({"ExecutionRoleArn": "arn:aws:iam::123456789012:role/theirs"}, {}),
        ({}, {"InstancePools": [{"InstanceType": "ml.m5.large", "Priority": 1}]}),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name(config: dict[str, Any], variant: dict[str, Any]) -> None:
    story, request = adopting(config, variant)
    ((name, _),) = (config | variant).items()
    findings = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert [(finding.code, finding.where) for finding in findings] == [("SETTING_UNKEPT", name)]
    assert (request, story.tools.ledger.live("churn")) == ({}, None)


def test_smoke_cases_of_an_asynchronous_endpoint_are_refused_for_it_answers_none() -> None:
    story, _ = adopting(ASYNC, smoke=[SMOKE])
    assert story.answer(Phase.VERIFY_CONFIG) is Answer.REFUSED
    (finding,) = story.release.phases[Phase.VERIFY_CONFIG].findings
    assert finding.code == "SMOKE_ASYNCHRONOUS"
