"""A framework and its version become AWS's image in the region, or a finding that names the nearest."""

import json
from typing import Any

import pytest

from slipway.intake.image_table import IMAGES, REGISTRIES, SOURCE
from slipway.intake.serving_image import resolve
from slipway.intake.spec_layers import Layer, planned
from slipway.intake.spec_reading import read_spec
from slipway.release.spec import ReleaseSpec
from tools import image_table

STACK = {"serve": {"image": "the-stacks-image:1"}}


def spec_of(serve: dict[str, Any], *beneath: dict[str, Any], region: str = "us-east-1") -> ReleaseSpec | list[str]:
    layers = [STACK, *({"serve": each} for each in beneath)]
    read = read_spec(json.dumps({"serve": serve}).encode(), "release.json", layers, "churn", region)
    return read if isinstance(read, ReleaseSpec) else [f"{each.code} {each}" for each in read]


def image_of(serve: dict[str, Any], *beneath: dict[str, Any], region: str = "us-east-1") -> str:
    spec = spec_of(serve, *beneath, region=region)
    assert isinstance(spec, ReleaseSpec), spec
    return spec.serve.image


def of(framework: str, version: str) -> dict[str, Any]:
    return {"framework": framework, "framework_version": version}


@pytest.mark.parametrize(
    ("framework", "version", "region", "image"),
    [
        # as image_uris.retrieve of the pinned SDK says
        ("sklearn", "1.2-1", "us-east-1", "683313688378 amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"),
        ("xgboost", "1.7-1", "eu-central-1", "492215442770 amazonaws.com/sagemaker-xgboost:1.7-1"),
        ("pytorch", "2.6.0", "eu-west-1", "763104351884 amazonaws.com/pytorch-inference:2.6.0-cpu-py312"),
        ("tensorflow", "2.14.1", "cn-north-1", "727897471807 amazonaws.com.cn/tensorflow-inference:2.14.1-cpu"),
        (
            "huggingface",
            "4.37.0-pytorch2.1.0",
            "us-west-2",
            "763104351884 amazonaws.com/huggingface-pytorch-inference:2.1.0-transformers4.37.0-cpu-py310-ubuntu22.04",
        ),
    ],
    ids=lambda value: value[:20],
)
def test_the_image_is_the_one_that_aws_publishes(framework: str, version: str, region: str, image: str) -> None:
    account, name = image.split()
    assert image_of(of(framework, version), region=region) == f"{account}.dkr.ecr.{region}.{name}"


def test_a_framework_replaces_the_image_of_the_layers_beneath_and_an_image_a_framework() -> None:
    assert "scikit-learn" in image_of(of("sklearn", "1.2-1"))
    assert image_of({"image": "mine:1"}, of("sklearn", "1.2-1")) == "mine:1"
    assert "1.2-1" in image_of({"framework_version": "1.2-1"}, of("sklearn", "1.0-1"))
    assert "xgboost" in image_of(of("xgboost", "1.7-1"), of("sklearn", "1.2-1"))
    assert image_of({}) == "the-stacks-image:1"


@pytest.mark.parametrize(
    ("serve", "code", "told"),
    [
        (of("sklearn", "1.2"), "SPEC_FRAMEWORK_VERSION", 'Did you mean "1.2-1"?'),
        (of("pytorch", "2.6"), "SPEC_FRAMEWORK_VERSION", 'Did you mean "2.6.0"?'),
        (of("pytorch", "99"), "SPEC_FRAMEWORK_VERSION", "The newest are"),
        (of("scikit-learn", "1.2-1"), "SPEC_NOT_ALLOWED", "'sklearn'"),
        ({"framework": "sklearn"}, "SPEC_MISSING_KEY", "the newest are"),
        ({"framework_version": "1.2-1"}, "SPEC_FRAMEWORK_MISSING", "Add framework"),
        ({**of("sklearn", "1.2-1"), "image": "mine:1"}, "SPEC_IMAGE_TWICE", "Remove one"),
        ({**of("pytorch", "2.6.0"), "instance_type": "ml.g5.xlarge"}, "SPEC_FRAMEWORK_INSTANCE", "ml.g5.xlarge"),
        ({**of("pytorch", "2.6.0"), "instance_type": "ml.c7g.large"}, "SPEC_FRAMEWORK_INSTANCE", "ml.c7g.large"),
        ({"framework": "sklearn", "framework_version": 1.2}, "SPEC_WRONG_TYPE", "in quotes"),
        ({"framework": ["sklearn"], "framework_version": "1"}, "SPEC_NOT_ALLOWED", "serve.framework"),
    ],
    ids=str,
)
def test_what_names_no_image_is_told_once_with_what_was_meant(serve: dict[str, Any], code: str, told: str) -> None:
    (found,) = spec_of(serve)  # type: ignore[misc]
    assert found.startswith(code)
    assert told in found


def test_a_region_without_a_registry_is_told() -> None:
    (found,) = spec_of(of("sklearn", "1.2-1"), region="mars-north-1")  # type: ignore[misc]
    assert found.startswith("SPEC_FRAMEWORK_REGION")
    assert "mars-north-1" in found


@pytest.mark.parametrize("kind", ["ml.m5.large", "ml.c6i.large", "ml.t2.medium", "ml.r7i.large", "ml.m6a.large"])
def test_instances_with_x86_processors_take_the_image(kind: str) -> None:
    assert image_of({**of("pytorch", "2.6.0"), "instance_type": kind})


def test_a_plan_says_that_the_image_is_awss() -> None:
    serve = of("sklearn", "1.2-1")
    spec = spec_of(serve)
    assert isinstance(spec, ReleaseSpec)
    plan = planned(spec, [Layer("stack defaults", STACK), Layer("the drop", {"serve": serve})])
    origins = {each.place: each.origin for each in plan}
    assert origins["serve.image"] == "AWS's image for sklearn 1.2-1"
    assert origins["serve.framework"] == "the drop"


@pytest.mark.parametrize("framework", IMAGES)
def test_every_row_of_the_table_is_an_image_that_sagemaker_would_take(framework: str) -> None:
    for row in IMAGES[framework].strip().splitlines():
        version, registry, _, _ = row.split()
        serve: dict[str, Any] = of(framework, version)
        assert resolve(serve, REGISTRIES[registry].split()[1]) == []
        assert len(serve["image"]) <= 255


SAMPLE = {
    "inference": {
        "processors": ["cpu", "gpu"],
        "versions": {
            "0.9.0": {"py_versions": ["py2"], "repository": "sagemaker-pytorch", "registries": {"us-east-1": "1"}},
            "2.0.0": {
                "py_versions": ["py3", "py310", "py39"],
                "repository": "pytorch-inference",
                "registries": {"us-east-1": "111111111111", "cn-north-1": "222222222222"},
            },
        },
    }
}


def test_the_extraction_takes_the_newest_python_and_leaves_out_the_repositories_of_python_2() -> None:
    (found,) = image_table.images(SAMPLE)
    assert found[0] == ("2.0.0", "pytorch-inference", "2.0.0-cpu-py310")


def test_the_table_says_which_source_it_is_from_and_that_is_the_one_that_is_pinned() -> None:
    assert SOURCE == image_table.SOURCE
    text = image_table.module(dict.fromkeys(image_table.FRAMEWORKS, SAMPLE))
    assert "111111111111 us-east-1 222222222222 cn-north-1" in text
    assert '"cn-north-1": "amazonaws.com.cn"' in text
    compile(text, "image_table.py", "exec")


def test_the_committed_table_is_what_the_tool_wrote_of_the_pinned_source() -> None:
    """AWS's SDK is far too large to be a tool of this project, so its seal stands for it: `make tables` renews both."""
    text = image_table.TARGET.read_text()
    assert image_table.is_sealed(text)
    assert not image_table.is_sealed(text.replace("683313688378", "683313688379"))
    assert not image_table.is_sealed(text.replace(SOURCE, "sagemaker-core==9.9.9"))
