"""Real containers: processes forked from a real zygote, asked over their sockets."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from examples.packing import pack
from tests.drydock.serving_house import JSON, House, handlers, saved


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
    assert list(made.workdir.iterdir()) == []


def test_a_scikit_learn_model_without_code_is_served_by_the_default_handlers(house: House) -> None:
    instance = house.start(pack({"model.joblib": saved(2.0)}))
    assert house.run(instance.ping())
    status, body = house.ask(instance, "[[3.0], [4.0]]")
    assert (status, json.loads(body)) == (200, pytest.approx([6.0, 8.0]))


LOADED = handlers(imports="import sys", transform="return str('sklearn.linear_model' in sys.modules)")


def test_scikit_learn_is_loaded_for_all_once_a_pickled_model_has_come(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        assert house.ask(house.start(LOADED), "x") == (200, "False")
        house.start(pack({"model.joblib": saved(2.0)}))
        assert house.ask(house.start(LOADED), "x") == (200, "True")
    finally:
        house.close()


def test_scikit_learn_is_loaded_beforehand_where_that_is_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        house.run(house.launcher.start())
        assert house.ask(house.start(LOADED), "x") == (200, "True")
    finally:
        house.close()


def test_csv_goes_in_and_comes_out(house: House) -> None:
    instance = house.start(pack({"model.joblib": saved(2.0, columns=2)}))
    status, body = house.ask(instance, "3,1\n4,1\n", headers={"Content-Type": "text/csv", "Accept": "text/csv"})
    assert status == 200
    assert [float(line) for line in body.split()] == pytest.approx([8.0, 10.0])


def test_two_models_run_side_by_side(house: House) -> None:
    double, triple = (house.start(pack({"model.joblib": saved(slope)})) for slope in (2.0, 3.0))
    answers = [json.loads(house.ask(instance, "[[10.0]]")[1])[0] for instance in (double, triple, double)]
    assert answers == pytest.approx([20.0, 30.0, 20.0])
    assert double.pid != triple.pid


def test_an_unknown_content_type_is_415_and_an_unknown_accept_406(house: House) -> None:
    instance = house.start(pack({"model.joblib": saved(2.0)}))
    status, body = house.ask(instance, "x", headers={"Content-Type": "image/png"})
    assert (status, "image/png is not supported" in body) == (415, True)
    assert house.ask(instance, "[[1.0]]", headers={"Accept": "image/png"})[0] == 406


def test_an_exception_in_a_handler_is_a_500_with_its_message_and_a_trace_in_the_log(house: House) -> None:
    instance = house.start(handlers(transform="raise ValueError('column 7 is missing')"))
    status, body = house.ask(instance, "[]")
    assert status == 500
    assert body.startswith("column 7 is missing")
    assert house.run(instance.ping())
    house.run(instance.stop())
    assert ("/aws/sagemaker/Endpoints/churn", "main/i-1", "ValueError: column 7 is missing") in house.lines


def test_a_model_fn_that_raises_never_gets_healthy_and_says_why(house: House) -> None:
    instance = house.start(handlers(load="raise RuntimeError('no weights')"))
    assert not house.run(instance.ping())
    assert not house.run(instance.ping())
    assert house.ask(instance, "[]") == (500, "the model could not be loaded: RuntimeError: no weights")
    house.run(instance.stop())
    assert any("no weights" in line for _, _, line in house.lines)


def test_an_inference_py_that_does_not_parse_never_gets_healthy(house: House) -> None:
    instance = house.start(pack({"code/inference.py": b"def model_fn(:"}))
    assert not house.run(instance.ping())


def test_an_archive_without_a_model_never_gets_healthy_and_says_what_it_lacks(house: House) -> None:
    instance = house.start(pack({"readme.txt": b"hello"}))
    assert not house.run(instance.ping())
    assert (
        "neither a code/inference.py with a model_fn nor a model that is known by its name"
        in house.ask(instance, "[]")[1]
    )


def test_a_container_sees_its_own_environment_and_nothing_of_the_server(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    code = "import json; return json.dumps([dict(os.environ), os.getcwd(), __file__])"
    instance = house.start(handlers(transform=code), THRESHOLD="0.4")
    environment, folder, module = json.loads(house.ask(instance, "x")[1])
    assert environment["THRESHOLD"] == "0.4"
    assert environment["AWS_REGION"] == "eu-west-1"
    assert module == environment["SAGEMAKER_BASE_DIR"] + "/model/code/inference.py"
    assert folder == environment["HOME"] == environment["TMPDIR"]
    assert "AWS_SECRET_ACCESS_KEY" not in environment


def test_siblings_do_not_draw_the_same_random_numbers(house: House) -> None:
    archive = handlers(transform="return str(np.random.random())", imports="import numpy as np")
    drawn = {house.ask(house.start(archive), "x")[1] for _ in range(3)}
    assert len(drawn) == 3


def test_a_handler_reads_and_answers_custom_attributes_through_its_context(house: House) -> None:
    code = """
def model_fn(model_dir, context):
    return None

def transform_fn(model, data, content_type, accept, context):
    name = "X-Amzn-SageMaker-Custom-Attributes"
    context.set_response_header(0, name, context.get_request_header(0, name).upper())
    return data, "text/plain"
"""
    instance = house.start(pack({"code/inference.py": code.encode()}))
    answer = house.run(instance.invoke(b"x", {**JSON, "X-Amzn-SageMaker-Custom-Attributes": "trace=7"}, 5))
    assert answer.headers["X-Amzn-SageMaker-Custom-Attributes"] == "TRACE=7"
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_body_of_six_megabytes_goes_both_ways(house: House) -> None:
    instance = house.start(handlers())
    body = os.urandom(6 << 20)
    answer = house.run(instance.invoke(body, {"Content-Type": "application/octet-stream"}, 30))
    assert answer.body == body


def test_a_body_larger_than_the_container_takes_is_413(house: House) -> None:
    instance = house.start(handlers(), SAGEMAKER_MAX_PAYLOAD_IN_MB="1")
    assert house.ask(instance, "x" * (1 << 20))[0] == 200
    assert house.ask(instance, "x" * ((1 << 20) + 1))[0] == 413
    assert house.ask(instance, "fine") == (200, "fine")


def test_an_npy_answer_is_an_array(house: House) -> None:
    instance = house.start(pack({"model.joblib": saved(2.0)}))
    answer = house.run(instance.invoke(b"[[1.5]]", {**JSON, "Accept": "application/x-npy"}, 5))
    assert np.load(io.BytesIO(answer.body)) == pytest.approx([3.0])
