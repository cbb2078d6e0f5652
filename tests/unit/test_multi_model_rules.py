"""Many models by one container: what a spec must say, and what is seen of a folder of archives."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from slipway.intake.archive import Limits
from slipway.intake.folder import File
from slipway.intake.models_folder import Models, inspect_models
from slipway.intake.spec_reading import check_spec
from slipway.release.spec import ReleaseSpec, spec_from, spec_item
from slipway.rollout.model_containers import containers_request, same_containers
from tests.fakes.tools import archive

STACK = {"serve": {"image": "registry/serve:1"}}
FOLDER = "models/churn/1/models/"
CASE = {"name": "a", "json": 1, "target_model": "a.tar.gz"}


def said(serve: dict[str, Any], **more: Any) -> ReleaseSpec | list[str]:
    found = check_spec({"serve": {"multi_model": True, **serve}, "artifact": FOLDER, **more}, [STACK], "churn")
    return found if isinstance(found, ReleaseSpec) else [f"{each.code} {each.where}" for each in found]


def files(**bodies: bytes) -> Iterator[File]:
    for name, body in bodies.items():
        name = name.replace("__", "/").replace("_", ".")
        yield File(name, len(body), iter([body]))


def codes(models: Models) -> list[str]:
    return [f"{finding.code} {finding.where}" for finding in models.inspection.findings]


def test_one_container_loads_what_requests_ask_for() -> None:
    spec = said({"environment": {"A": "1"}}, smoke=[CASE])
    assert isinstance(spec, ReleaseSpec)
    assert spec_from(spec_item(spec)) == spec
    request = containers_request(spec.serve, {"": "s3://b/frozen/"})
    container = request["PrimaryContainer"]
    assert (container["Mode"], container["ModelDataUrl"]) == ("MultiModel", "s3://b/frozen/")
    alone = {**request, "PrimaryContainer": {**container, "Mode": "SingleModel"}}
    assert same_containers(request, request)
    assert not same_containers(alone, request)


@pytest.mark.parametrize(
    ("serve", "more", "found"),
    [
        ({}, {"artifact": "models/churn/1/model.tar.gz"}, "SPEC_MULTI_MODEL_FOLDER artifact"),
        ({}, {"artifact": None}, "SPEC_MULTI_MODEL_FOLDER serve.multi_model"),
        (
            {"containers": [{"name": "a"}, {"name": "b", "artifact": "models/churn/x.tar.gz"}]},
            {},
            "SPEC_MULTI_MODEL_CONTAINERS serve.multi_model",
        ),
        (
            {"serverless": {"memory_mb": 1024, "max_concurrency": 1}, "network_isolation": False},
            {},
            "SPEC_SERVERLESS_MULTI_MODEL serve.multi_model",
        ),
        ({}, {"smoke": [{"name": "a", "json": 1}]}, "SPEC_SMOKE_TARGET smoke[0].target_model"),
        ({"multi_model": False}, {"smoke": [CASE]}, "SPEC_SMOKE_TARGET smoke[0].target_model"),
        ({}, {"smoke": [CASE], "regression": {"inputs": "captured"}}, "SPEC_REGRESSION_TARGETS regression.inputs"),
    ],
)
def test_what_does_not_go_together_is_told(serve: dict[str, Any], more: dict[str, Any], found: str) -> None:
    told = said(serve, **more)
    assert isinstance(told, list)
    assert found in told


def test_the_digest_is_that_of_the_list_of_all_archives() -> None:
    bodies = {"b.tar.gz": archive(model_joblib="b"), "a.tar.gz": archive(model_joblib="a")}
    models = inspect_models(files(**{name.replace(".", "_"): body for name, body in bodies.items()}))
    listed = "".join(f"{hashlib.sha256(bodies[name]).hexdigest()}  {name}\n" for name in sorted(bodies))
    assert models.inspection.digest == hashlib.sha256(listed.encode()).hexdigest()
    assert sorted(models.contents) == ["a.tar.gz", "b.tar.gz"]
    assert models.inspection.size == sum(map(len, bodies.values()))


def test_everything_wrong_with_each_archive_is_told_with_its_name() -> None:
    good = archive(model_joblib="m")
    broken = archive(code__inference_py="def (")
    models = inspect_models(files(a_tar_gz=b"none", b_tar_gz=good, team__c_tar_gz=broken, notes_txt=b"hello"))
    assert {each.split(" ")[1] for each in codes(models)} == {"a.tar.gz", "team/c.tar.gz", "notes.txt"}
    assert "MODELS_NO_ARCHIVE notes.txt" in codes(models)
    assert models.inspection.digest == ""


def test_all_archives_together_are_held_to_the_bound_of_one() -> None:
    body = archive(model_joblib="m")
    models = inspect_models(files(a_tar_gz=body, b_tar_gz=body), Limits(packed_bytes=len(body) + 1))
    assert codes(models) == ["FOLDER_TOO_LARGE "]


def test_names_that_cannot_stand_beside_each_other_are_refused() -> None:
    body = archive(model_joblib="m")
    assert codes(inspect_models(files(a_tar_gz=body, A_tar_gz=body))) == ["FOLDER_FILE_NAME A.tar.gz"]


def test_smoke_cases_that_an_archive_brings_ask_for_it() -> None:
    case = json.dumps({"json": 1})
    body = archive(model_joblib="m", smoke__row_json=case)
    models = inspect_models(files(a_tar_gz=body, b_tar_gz=body))
    assert [(each.name, each.target_model) for each in models.cases] == [
        ("a.tar.gz: row", "a.tar.gz"), ("b.tar.gz: row", "b.tar.gz")]  # fmt: skip
    wrong = inspect_models(files(a_tar_gz=archive(model_joblib="m", smoke__row_json="{")))
    assert [finding.where.split(" ")[0] for finding in wrong.unreadable] == ["a.tar.gz"]


def test_cases_of_an_archive_that_is_refused_for_them_are_not_held_and_those_of_further_ones_not_read() -> None:
    flood = archive(model_joblib="m", smoke__all_json="[" + ",".join(["1"] * 30) + ',{"name": "good", "json": 1}]')
    models = inspect_models(files(one_tar_gz=flood, two_tar_gz=flood))
    assert (models.cases, len(models.unreadable)) == ((), 20)
    assert {finding.where.split(" ")[0] for finding in models.unreadable} == {"one.tar.gz"}


def test_pickles_of_all_archives_are_known_by_archive_and_name() -> None:
    models = inspect_models(files(a_tar_gz=archive(model_pkl="x"), b_tar_gz=archive(model_joblib="x")))
    assert models.inspection.contents.pickles == ["a.tar.gz model.pkl", "b.tar.gz model.joblib"]


def test_variants_share_one_artifact_so_all_or_none_of_them_load_many_models() -> None:
    variants = [{"name": "one"}, {"name": "two", "serve": {"multi_model": False}}]
    told = said({}, variants=variants)
    assert isinstance(told, list)
    assert "SPEC_MULTI_MODEL_MIXED variants" in told
    assert isinstance(said({}, variants=[{"name": "one"}, {"name": "two"}]), ReleaseSpec)
