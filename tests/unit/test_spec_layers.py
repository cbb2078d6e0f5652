"""Every value of a whole spec is told with the layer that it comes from."""

from slipway.intake.spec_layers import NOBODY, Layer, endpoint_layer, planned
from slipway.intake.spec_reading import check_spec
from slipway.release.spec import ReleaseSpec

STACK = Layer("stack defaults", {"serve": {"image": "registry/serve:1", "instance_count": 1}, "owner": ""})
OWN = Layer("the endpoint", {"serve": {"instance_count": 2, "environment": {"A": "1"}}})
DROP = Layer("the drop", {"serve": {"environment": {"B": "2"}}, "smoke": [{"name": "a", "json": 1}], "owner": None})


def test_the_topmost_layer_that_says_something_is_the_origin() -> None:
    spec = check_spec(DROP.values, [STACK.values, OWN.values], "churn")
    assert isinstance(spec, ReleaseSpec)
    told = {each.place: (each.value, each.origin) for each in planned(spec, [STACK, OWN, DROP])}
    assert told["serve.image"] == ("registry/serve:1", "stack defaults")
    assert told["serve.instance_count"] == (2, "the endpoint")
    assert told["serve.environment.A"] == ("1", "the endpoint")
    assert told["serve.environment.B"] == ("2", "the drop")
    assert told["smoke"][1] == "the drop"
    assert told["owner"] == ("", NOBODY), "a layer that leaves a key blank says nothing"
    assert told["rollout.strategy"][1] == NOBODY


def test_a_layer_that_cannot_be_read_is_empty_and_told_with_its_file() -> None:
    layer, (finding,) = endpoint_layer(b"\xff", "s3://b/models/churn/release.yaml")
    assert layer.values == {}
    assert finding.where.startswith("s3://b/models/churn/release.yaml")
