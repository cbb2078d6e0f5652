"""What is written down of the traffic: as the spec asks, else as it was."""

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from tests.fakes.tools import BUCKET, archive
from tests.steps.stories import Story, a_live_endpoint

THEIRS = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 5,
    "DestinationS3Uri": "s3://theirs",
    "CaptureOptions": [],
}
CREATE = get_session().get_service_model("sagemaker").operation_model("CreateEndpointConfig").input_shape


def config_of_an_update(spec: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    first = a_live_endpoint()
    live = first.tools.ledger.live("churn")
    assert live is not None
    first.tools.hosting.configs[live.config] |= {"DataCaptureConfig": before} if before else {}
    story = Story(first.tools, "execution-2")
    story.start(version="2", spec=spec, body=archive(model_joblib="v2"))
    made: dict[str, Any] = story.tools.hosting.requests("create_config")[-1]
    return made


def test_the_capture_of_the_config_that_serves_is_kept() -> None:
    assert config_of_an_update({}, before=THEIRS)["DataCaptureConfig"] == THEIRS


def test_the_spec_switches_capture_on_in_the_folder_that_the_models_role_may_write() -> None:
    request = config_of_an_update({"capture": {"percent": 20}}, before=THEIRS)
    validate_parameters(request, CREATE)
    assert request["DataCaptureConfig"]["InitialSamplingPercentage"] == 20
    assert request["DataCaptureConfig"]["DestinationS3Uri"] == f"s3://{BUCKET}/captured"


@pytest.mark.parametrize("before", [None, THEIRS])
def test_the_spec_switches_capture_off(before: dict[str, Any] | None) -> None:
    assert "DataCaptureConfig" not in config_of_an_update({"capture": {"percent": 0}}, before)
