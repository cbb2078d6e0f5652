"""How the SageMaker adapter reads SageMaker's texts, which are all that tells one refusal from another."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from slipway.aws.hosting import SageMakerHosting
from slipway.errors import UnavailableError
from slipway.exchanges import Creation, Made
from tests.fakes.canned import CannedAws, canned
from tests.fakes.clock import FakeClock

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
NO_ENDPOINT = f'Could not find endpoint "{ARN}:endpoint/churn".'
NO_CONFIG = f'Could not find endpoint configuration "{ARN}:endpoint-config/churn-1".'
NO_MODEL = f'Could not find model "{ARN}:model/churn-1".'
PACKAGE = f"{ARN}:model-package/churn/3"
NO_PACKAGE = f"ModelPackage {PACKAGE} does not exist."
NO_ROLE = (
    "Could not assume role arn:aws:iam::123456789012:role/x. Please ensure that the role exists and allows principal"
    " 'sagemaker.amazonaws.com' to assume the role."
)
BUSY = f'Cannot update in-progress endpoint "{ARN}:endpoint/churn".'

MODEL = {"ModelName": "churn-1"}
CONFIG = {"EndpointConfigName": "churn-1", "ProductionVariants": [{"VariantName": "main", "ModelName": "churn-1"}]}
ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-1"}

CREATES = [
    pytest.param(lambda h: h.create_model(MODEL), id="create_model"),
    pytest.param(lambda h: h.create_config(CONFIG), id="create_config"),
    pytest.param(lambda h: h.create_endpoint(ENDPOINT), id="create_endpoint"),
    pytest.param(lambda h: h.update_endpoint(ENDPOINT), id="update_endpoint"),
]
DELETES = [
    pytest.param(lambda h: h.delete_model("churn-1"), NO_MODEL, id="delete_model"),
    pytest.param(lambda h: h.delete_config("churn-1"), NO_CONFIG, id="delete_config"),
    pytest.param(lambda h: h.delete_endpoint("churn"), NO_ENDPOINT, id="delete_endpoint"),
]
DESCRIBES = [
    pytest.param(lambda h: h.describe_model("churn-1"), NO_MODEL, id="describe_model"),
    pytest.param(lambda h: h.describe_config("churn-1"), NO_CONFIG, id="describe_config"),
    pytest.param(lambda h: h.describe_endpoint("churn"), NO_ENDPOINT, id="describe_endpoint"),
    pytest.param(lambda h: h.describe_package(PACKAGE), NO_PACKAGE, id="describe_package"),
]

Call = Callable[[SageMakerHosting], Any]


@cache
def sagemaker() -> Any:
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("sagemaker", region_name="us-east-1", config=once)


@pytest.fixture
def aws() -> Iterator[CannedAws]:
    with canned(sagemaker()) as answers:
        yield answers


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hosting(clock: FakeClock) -> SageMakerHosting:
    runtime: Any = None
    return SageMakerHosting(sagemaker(), runtime, clock, jitter=lambda: 0.0)


@pytest.mark.parametrize(("call", "text"), DESCRIBES)
def test_what_could_not_be_found_is_described_as_none(
    hosting: SageMakerHosting, aws: CannedAws, call: Call, text: str
) -> None:
    aws.refuse("ValidationException", text)
    assert call(hosting) is None


@pytest.mark.parametrize(("call", "text"), DESCRIBES)
def test_any_other_refusal_of_a_describe_raises(
    hosting: SageMakerHosting, aws: CannedAws, call: Call, text: str
) -> None:
    others = [NO_ENDPOINT, NO_CONFIG, NO_MODEL, "1 validation error detected", f"Sorry: {text}"]
    for other in others:
        if other == text:
            continue
        aws.refuse("ValidationException", other)
        with pytest.raises(ClientError, match="ValidationException"):
            call(hosting)


@pytest.mark.parametrize(("call", "text"), DESCRIBES)
def test_the_text_of_absence_under_another_code_is_not_absence(
    hosting: SageMakerHosting, aws: CannedAws, call: Call, text: str
) -> None:
    aws.refuse("AccessDeniedException", text)
    with pytest.raises(ClientError):
        call(hosting)


def test_a_description_is_the_apis_own_answer(hosting: SageMakerHosting, aws: CannedAws) -> None:
    aws.say(200, {"EndpointName": "churn", "EndpointStatus": "InService", "LastModifiedTime": 1767607500.0})
    described = hosting.describe_endpoint("churn")
    assert described is not None
    assert described["EndpointStatus"] == "InService"
    assert described["LastModifiedTime"].timestamp() == 1767607500.0


@pytest.mark.parametrize("call", CREATES)
def test_a_create_that_aws_takes_is_created(hosting: SageMakerHosting, aws: CannedAws, call: Call) -> None:
    aws.say(200, {})
    assert call(hosting) == Creation(Made.CREATED)
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    ("call", "thing"),
    [
        pytest.param(lambda h: h.create_model(MODEL), "model", id="create_model"),
        pytest.param(lambda h: h.create_config(CONFIG), "endpoint configuration", id="create_config"),
        pytest.param(lambda h: h.create_endpoint(ENDPOINT), "endpoint", id="create_endpoint"),
    ],
)
def test_a_taken_name_exists(hosting: SageMakerHosting, aws: CannedAws, call: Call, thing: str) -> None:
    text = f'Cannot create already existing {thing} "{ARN}:x/churn".'
    aws.refuse("ValidationException", text)
    assert call(hosting) == Creation(Made.EXISTS, "ValidationException", text)


@pytest.mark.parametrize("call", CREATES)
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ValidationException", "1 validation error detected: Value 'x' at 'modelName' failed to satisfy constraint"),
        ("ValidationException", BUSY),
        ("ResourceLimitExceeded", "The account-level service limit 'ml.m5.large for endpoint usage' is 2 Instances"),
        ("AccessDeniedException", "User: x is not authorized to perform: sagemaker:CreateModel on resource: y"),
        ("ResourceInUse", "Resource is in use."),
    ],
)
def test_what_aws_refuses_for_good_is_refused_at_once(
    hosting: SageMakerHosting, aws: CannedAws, clock: FakeClock, call: Call, code: str, text: str
) -> None:
    aws.refuse(code, text)
    assert call(hosting) == Creation(Made.REFUSED, code, text)
    assert len(aws.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize("call", CREATES)
@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("InternalFailure", 500)])
def test_what_botocore_could_not_cure_raises(
    hosting: SageMakerHosting, aws: CannedAws, call: Call, code: str, status: int
) -> None:
    aws.refuse(code, "Rate exceeded", status)
    with pytest.raises(ClientError, match=code):
        call(hosting)


def test_what_botocore_itself_refuses_is_refused_too(hosting: SageMakerHosting, aws: CannedAws) -> None:
    creation = hosting.create_model({**MODEL, "Tags": [{"Key": "", "Value": "x"}]})
    assert (creation.made, creation.code) == (Made.REFUSED, "ValidationException")
    assert "Tags[0].Key" in creation.message
    assert aws.requests == []


@pytest.mark.parametrize("text", [NO_CONFIG, NO_MODEL, NO_ROLE])
@pytest.mark.parametrize("call", CREATES)
def test_what_aws_may_not_see_yet_is_tried_again(
    hosting: SageMakerHosting, aws: CannedAws, clock: FakeClock, call: Call, text: str
) -> None:
    aws.refuse("ValidationException", text)
    aws.refuse("ValidationException", text)
    aws.say(200, {})
    assert call(hosting) == Creation(Made.CREATED)
    assert clock.slept == [1, 2]


@pytest.mark.parametrize("call", CREATES)
def test_what_stays_unseen_for_a_minute_is_refused(
    hosting: SageMakerHosting, aws: CannedAws, clock: FakeClock, call: Call
) -> None:
    aws.refuse("ValidationException", NO_CONFIG)
    assert call(hosting) == Creation(Made.REFUSED, "ValidationException", NO_CONFIG)
    assert sum(clock.slept) == 60


def test_jitter_takes_up_to_half_of_a_pause_away(aws: CannedAws, clock: FakeClock) -> None:
    runtime: Any = None
    hasty = SageMakerHosting(sagemaker(), runtime, clock, jitter=lambda: 1.0)
    aws.refuse("ValidationException", NO_ROLE)
    hasty.create_model(MODEL)
    assert sum(clock.slept) == 30


def test_an_update_of_an_endpoint_that_is_not_there_is_refused_at_once(
    hosting: SageMakerHosting, aws: CannedAws, clock: FakeClock
) -> None:
    aws.refuse("ValidationException", NO_ENDPOINT)
    assert hosting.update_endpoint(ENDPOINT) == Creation(Made.REFUSED, "ValidationException", NO_ENDPOINT)
    assert clock.slept == []


@pytest.mark.parametrize(("call", "text"), DELETES)
def test_a_delete_of_what_is_gone_is_done(
    hosting: SageMakerHosting, aws: CannedAws, clock: FakeClock, call: Call, text: str
) -> None:
    aws.refuse("ValidationException", text)
    assert call(hosting) == Creation(Made.CREATED)
    assert clock.slept == []


@pytest.mark.parametrize(("call", "text"), DELETES)
def test_a_delete_that_aws_refuses_is_refused(hosting: SageMakerHosting, aws: CannedAws, call: Call, text: str) -> None:
    aws.refuse("ValidationException", BUSY)
    assert call(hosting) == Creation(Made.REFUSED, "ValidationException", BUSY)


PASSING = [("ThrottlingException", 400), ("InternalFailure", 500), ("ServiceUnavailable", 503), ("Whatever", 429)]


@pytest.mark.parametrize(("code", "status"), PASSING)
@pytest.mark.parametrize(("call", "_text"), DESCRIBES[:3])
def test_a_look_that_the_service_does_not_answer_says_nothing_about_the_thing(
    hosting: SageMakerHosting, aws: CannedAws, call: Call, _text: str, code: str, status: int
) -> None:
    aws.refuse(code, "Rate exceeded", status)
    with pytest.raises(UnavailableError, match="Rate exceeded"):
        call(hosting)


def test_a_look_on_a_broken_line_says_nothing_either(hosting: SageMakerHosting, aws: CannedAws) -> None:
    aws.break_with(EndpointConnectionError(endpoint_url="https://sagemaker"))
    with pytest.raises(UnavailableError):
        hosting.describe_endpoint("churn")


def test_a_look_that_is_forbidden_is_no_passing_trouble(hosting: SageMakerHosting, aws: CannedAws) -> None:
    aws.refuse("AccessDeniedException", "not authorized to perform: sagemaker:DescribeEndpoint")
    with pytest.raises(ClientError, match="AccessDenied"):
        hosting.describe_endpoint("churn")
