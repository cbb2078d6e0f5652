"""Several containers in a spec: what may stand there, which image and environment each gets, what the policy says."""

from typing import Any

import pytest

from slipway.intake.policy import refusals
from slipway.intake.policy_rules import Policy
from slipway.intake.spec_hash import spec_hash
from slipway.intake.spec_layers import NOBODY, Layer, planned
from slipway.intake.spec_reading import check_spec
from slipway.release.parts import further
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec, spec_from, spec_item
from slipway.rollout.model_containers import containers_request, same_containers

PRE, POST = "models/churn/parts/pre.tar.gz", "s3://theirs/post.tar.gz"
STACK = {"serve": {"image": "registry/serve:1"}}
THREE = [{"name": "pre", "artifact": PRE}, {"name": "model"}, {"name": "post", "artifact": POST}]
SHA = "a" * 64


def read(serve: dict[str, Any], **more: Any) -> ReleaseSpec:
    spec = check_spec({"serve": serve, **more}, [STACK], "churn", "us-east-1")
    assert isinstance(spec, ReleaseSpec), spec
    return spec


def wrong(serve: dict[str, Any], **more: Any) -> list[str]:
    found = check_spec({"serve": serve, **more}, [STACK], "churn", "us-east-1")
    assert isinstance(found, list), found
    return [f"{finding.code} {finding.where}" for finding in found]


def with_second(**said: Any) -> dict[str, Any]:
    return {"containers": [{"name": "first"}, {"name": "second", "artifact": PRE, **said}]}


def with_sha(name: str, digit: str) -> dict[str, Any]:
    return {"name": name, "artifact": PRE, "artifact_sha256": digit * 64}


def large(name: str) -> dict[str, Any]:
    return {"name": name, "artifact": PRE, "environment": {f"K{index}": "x" * 1000 for index in range(30)}}


def judged(policy: Policy, serve: dict[str, Any]) -> list[str]:
    return [f"{finding.code} {finding.where}" for finding in refusals(read(serve), policy)]


def test_a_container_has_the_image_of_serve_or_its_own_or_that_of_its_framework() -> None:
    own = {"name": "own", "artifact": PRE, "image": "registry/other:2"}
    framed = {"name": "framed", "artifact": POST, "framework": "sklearn", "framework_version": "1.2-1"}
    first, second, third = read({"containers": [{"name": "plain"}, own, framed]}).serve.all_containers
    assert (first.image, second.image) == ("registry/serve:1", "registry/other:2")
    assert third.image is not None
    assert "sagemaker-scikit-learn:1.2-1" in third.image


def test_images_of_all_containers_need_none_of_serve() -> None:
    containers = [{"name": "a", "image": "registry/a:1"}, {"name": "b", "image": "registry/b:1", "artifact": PRE}]
    spec = check_spec({"serve": {"containers": containers}}, [], "churn")
    assert isinstance(spec, ReleaseSpec)
    assert check_spec({"serve": {"containers": THREE}}, [], "churn") != spec
    assert [finding.code for finding in refusals(spec, Policy(allowed_images=("registry/a", "registry/b")))] == []


def test_the_layers_beneath_are_not_changed_by_reading() -> None:
    layer = {"serve": {"image": "registry/serve:1", "containers": [{"name": "a"}, {"name": "b", "artifact": PRE}]}}
    check_spec({}, [layer], "churn")
    assert layer["serve"]["containers"] == [{"name": "a"}, {"name": "b", "artifact": PRE}]


def test_its_environment_lies_over_that_of_all() -> None:
    serve = read({"environment": {"A": "1", "B": "1"}, **with_second(environment={"B": "2"})}).serve
    assert [each.environment for each in serve.all_containers] == [{"A": "1", "B": "1"}, {"A": "1", "B": "2"}]


def test_the_artifacts_of_all_but_the_dropped_one_are_named_once_and_in_order() -> None:
    again = {"name": "again", "artifact": PRE}
    named = further(read({"containers": [*THREE, again]}))
    assert [(each.artifact, each.where) for each in named] == [
        (PRE, "serve.containers[0].artifact"), (POST, "serve.containers[2].artifact")]  # fmt: skip


def test_a_spec_with_containers_comes_back_from_the_ledger() -> None:
    spec = read({"containers": THREE, "execution": "direct"})
    assert spec_from(spec_item(spec)) == spec


def test_an_old_ledger_item_has_one_container() -> None:
    spec = read({})
    item = spec_item(spec)
    del item["serve"]["containers"], item["serve"]["execution"]
    assert spec_from(item) == spec


def plan_of(serve: dict[str, Any], **more: Any) -> dict[str, tuple[Any, str]]:
    layers = [Layer("the stack", STACK), Layer("the drop", {"serve": serve, **more})]
    return {each.place: (each.value, each.origin) for each in planned(read(serve, **more), layers)}


def test_the_plan_tells_each_container_key_by_key_and_who_said_it() -> None:
    framed = {"name": "framed", "artifact": POST, "framework": "sklearn", "framework_version": "1.2-1"}
    told = plan_of({"containers": [{"name": "a", "environment": {"B": "1"}}, framed]})
    assert told["serve.containers[0].name"] == ("a", "the drop")
    assert told["serve.containers[0].environment.B"] == ("1", "the drop")
    assert told["serve.containers[0].image"] == ("registry/serve:1", "the stack")
    assert told["serve.containers[1].image"][1] == "AWS's image for sklearn 1.2-1"
    assert "serve.containers[0].artifact" not in told
    assert plan_of({})["serve.containers"] == ((), NOBODY)


def test_the_plan_tells_the_containers_of_each_variant() -> None:
    other = {"name": "b", "serve": {"containers": [{"name": "x", "image": "own:1"}, {"name": "y", "artifact": POST}]}}
    told = plan_of({"containers": THREE[:2]}, variants=[{"name": "a"}, other])
    assert told["variants[0].serve.containers[1].image"] == ("registry/serve:1", "the stack")
    assert told["variants[0].serve.containers[0].artifact"] == (PRE, "the drop")
    assert told["variants[1].serve.containers[0].image"] == ("own:1", "the drop")


def test_where_artifacts_stood_does_not_count_but_which_container_has_which() -> None:
    moved = [{**each, "artifact": each["artifact"].replace("p", "q")} if "artifact" in each else each for each in THREE]
    turned = [{"name": "pre"}, {"name": "model", "artifact": PRE}, THREE[2]]
    hashes = [spec_hash(read({"containers": each})) for each in (THREE, moved, turned)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert spec_hash(read(with_second(artifact_sha256=SHA))) == spec_hash(read(with_second()))


@pytest.mark.parametrize(
    ("serve", "found"),
    [
        ({"execution": "direct"}, ["SPEC_EXECUTION_ALONE serve.execution"]),
        ({"containers": [{"name": "a"}]}, ["SPEC_CONTAINERS_ONE serve.containers"]),
        ({"containers": [{"name": "a"}, {"name": "b"}]}, ["SPEC_CONTAINERS_DROP serve.containers"]),
        ({"containers": [THREE[0], THREE[2]]}, ["SPEC_CONTAINERS_DROP serve.containers"]),
        (with_second(name="first"), ["SPEC_CONTAINER_TWICE serve.containers[1].name"]),
        (with_second(name="no_name"), ["SPEC_CONTAINER_NAME serve.containers[1].name"]),
        (with_second(name=""), ["SPEC_EMPTY serve.containers[1].name"]),
        (with_second(image="a b"), ["SPEC_IMAGE_INVALID serve.containers[1].image"]),
        (with_second(artifact="nowhere"), ["SPEC_ARTIFACT_INVALID serve.containers[1].artifact"]),
        (with_second(artifact_sha256="z" * 64), ["SPEC_DIGEST_INVALID serve.containers[1].artifact_sha256"]),
        (
            {"containers": [{"name": "a", "artifact_sha256": SHA}, THREE[0]]},
            ["SPEC_DIGEST_OF_DROP serve.containers[0].artifact_sha256"],
        ),
        (
            {"containers": [{"name": "a"}, *(with_sha(name, digit) for name, digit in (("b", "a"), ("c", "b")))]},
            ["SPEC_CHECKSUMS serve.containers[2].artifact_sha256"],
        ),
        (
            {"containers": [{"name": "a"}, *(large(f"n{index}") for index in range(4))]},
            ["SPEC_SERVE_TOO_LARGE serve"],
        ),
        (with_second(environment={"1": "x"}), ["SPEC_ENVIRONMENT_KEY_INVALID serve.containers[1].environment.1"]),
        (with_second(imgae="x"), ["SPEC_UNKNOWN_KEY serve.containers[1].imgae"]),
        (
            with_second(framework="sklearn", framework_version="0.0"),
            ["SPEC_FRAMEWORK_VERSION serve.containers[1].framework_version"],
        ),
        (
            with_second(framework="sklearn", framework_version="1.2-1", image="x"),
            ["SPEC_IMAGE_TWICE serve.containers[1].framework"],
        ),
        (
            {"instance_type": "ml.g5.xlarge", **with_second(framework="sklearn", framework_version="1.2-1")},
            ["SPEC_FRAMEWORK_INSTANCE serve.instance_type"],
        ),
        (
            {"containers": [{"name": "first"}, *({"name": f"n{i}", "artifact": PRE} for i in range(15))]},
            ["SPEC_TOO_LONG serve.containers"],
        ),
    ],
)
def test_what_does_not_go_together_is_told_with_its_place(serve: dict[str, Any], found: list[str]) -> None:
    assert wrong(serve) == found


def test_both_environments_together_stay_within_sagemakers_bound() -> None:
    half = {f"K{index}": "x" * 1000 for index in range(20)}
    other = {f"L{index}": "x" * 1000 for index in range(20)}
    assert wrong({"environment": half, **with_second(environment=other)}) == [
        "SPEC_ENVIRONMENT_TOO_LARGE serve.containers[1].environment"
    ]


def test_a_serverless_model_has_one_container() -> None:
    serverless = {"memory_mb": 1024, "max_concurrency": 1}
    found = wrong({"serverless": serverless, "network_isolation": False, **with_second()})
    assert found == ["SPEC_SERVERLESS_CONTAINERS serve.containers"]


def test_a_smoke_case_names_a_container_where_they_are_direct_and_nowhere_else() -> None:
    cases = [{"name": name, "json": 1, "target_container": name} for name in ("first", "second")]
    unnamed, unknown = {"name": "a", "json": 1}, {"name": "b", "json": 1, "target_container": "third"}
    direct = {**with_second(), "execution": "direct"}
    assert read(direct, smoke=cases).smoke[1].target_container == "second"
    assert wrong(direct, smoke=[unnamed, unknown]) == [
        f"SPEC_SMOKE_TARGET smoke[{index}].target_container" for index in (0, 1)
    ]
    assert wrong(with_second(), smoke=cases[:1]) == ["SPEC_SMOKE_TARGET smoke[0].target_container"]
    assert wrong(direct, smoke=cases, regression={"inputs": "captured"}) == [
        "SPEC_REGRESSION_TARGETS regression.inputs"]  # fmt: skip


def test_the_policy_judges_the_image_and_the_environment_of_each() -> None:
    serve = {"environment": {"PYTHONPATH": "x"}, **with_second(image="else/where:1", environment={"LD_PRELOAD": "x"})}
    assert judged(Policy(allowed_images=("registry/*",)), serve) == [
        "POLICY_IMAGE serve.containers[1].image",
        "POLICY_ENVIRONMENT serve.environment.PYTHONPATH",
        "POLICY_ENVIRONMENT serve.containers[1].environment.LD_PRELOAD",
    ]
    assert judged(Policy(image_digest_required=True), with_second()) == ["POLICY_IMAGE_DIGEST serve.image"]
    never = Policy(forbidden_environment=("SECRET_*",))
    assert judged(never, with_second(environment={"secret_a": "1"})) == [
        "POLICY_ENVIRONMENT serve.containers[1].environment.secret_a"
    ]


def request(serve: Serve) -> dict[str, Any]:
    return containers_request(serve, {"": "s3://b/own.tar.gz", PRE: "s3://b/pre.tar.gz", POST: "s3://b/post/"})


def test_the_request_has_the_containers_in_their_order_each_with_its_frozen_data() -> None:
    asked = request(read({"containers": THREE, "execution": "direct"}).serve)
    assert [each["ContainerHostname"] for each in asked["Containers"]] == ["pre", "model", "post"]
    assert [each.get("ModelDataUrl") for each in asked["Containers"]] == [
        "s3://b/pre.tar.gz",
        "s3://b/own.tar.gz",
        None,
    ]
    assert asked["Containers"][2]["ModelDataSource"]["S3DataSource"]["S3Uri"] == "s3://b/post/"
    assert asked["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert "PrimaryContainer" not in asked


def test_a_described_model_is_the_same_if_all_its_containers_are_in_the_same_order_and_mode() -> None:
    asked = request(read({"containers": THREE}).serve)
    other = {**asked, "Containers": asked["Containers"][::-1]}
    alone = request(read({}).serve)
    assert same_containers(asked, asked)
    assert same_containers(alone, alone)
    assert not same_containers(other, asked)
    assert not same_containers({**asked, "InferenceExecutionConfig": {"Mode": "Direct"}}, asked)
    assert not same_containers(alone, asked)


def test_each_variant_may_have_its_own_containers_and_all_their_artifacts_are_named() -> None:
    other = {"name": "b", "serve": {"containers": [{"name": "x"}, {"name": "y", "artifact": POST}]}}
    spec = read({"containers": THREE[:2]}, variants=[{"name": "a"}, other])
    assert [each.where for each in further(spec)] == [
        "variants[0].serve.containers[0].artifact",
        "variants[1].serve.containers[1].artifact",
    ]


def test_a_checksum_that_any_place_expects_of_an_artifact_counts_and_two_that_differ_are_refused() -> None:
    other = {"name": "b", "serve": {"containers": [{"name": "x"}, with_sha("y", "a")]}}
    spec = read({"containers": THREE[:2]}, variants=[{"name": "a"}, other])
    assert [(each.artifact, each.sha256) for each in further(spec)] == [(PRE, SHA)]
    own = {"name": "c", "artifact": PRE, "artifact_sha256": "b" * 64, "serve": {"containers": []}}
    found = wrong({"containers": THREE[:2]}, variants=[{"name": "a"}, other, own])
    assert found == ["SPEC_CHECKSUMS variants[1].serve.containers[1].artifact_sha256"]
