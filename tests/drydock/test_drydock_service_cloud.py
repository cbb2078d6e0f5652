"""Deployments on the local cloud: real model processes, real buckets, real alarms."""

import io
import json
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hosting_support import rolling, stepwise
from ministack_kit import Kit, eventually

pytestmark = pytest.mark.cloud

INFERENCE = """
def model_fn(model_dir):
    return None

def input_fn(data, content_type):
    return data

def predict_fn(data, model):
    return {text!r}

def output_fn(prediction, accept):
    return prediction
"""
SIZE = {"Type": "INSTANCE_COUNT", "Value": 1}


class Endpoint:
    """One endpoint with two configurations, whose models answer `old` and `new`."""

    def __init__(self, kit: Kit) -> None:
        self.sagemaker, self.s3 = kit.client("sagemaker"), kit.client("s3")
        self.runtime, self.cloudwatch = kit.client("sagemaker-runtime"), kit.client("cloudwatch")
        self.name = kit.name("served")
        self.s3.create_bucket(Bucket=self.name)
        role = kit.client("iam").create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        for text in ("old", "new"):
            self.config(text, role)
        self.sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=f"{self.name}-old")
        assert self.settled() == f"{self.name}-old"

    def config(self, text: str, role: str) -> None:
        name = f"{self.name}-{text}"
        self.s3.put_object(Bucket=self.name, Key=f"{text}.tar.gz", Body=archive(INFERENCE.format(text=text)))
        container = {"Image": "model", "ModelDataUrl": f"s3://{self.name}/{text}.tar.gz"}
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        variant = {"VariantName": "main", "ModelName": name, "InitialInstanceCount": 2, "InstanceType": "ml.m5.large"}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": f"s3://{self.name}/captured",
                "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
            },
        )

    def remove(self) -> None:
        """Delete the endpoint: other tests share the cloud."""
        self.sagemaker.delete_endpoint(EndpointName=self.name)
        listed = self.sagemaker.list_endpoints
        eventually(lambda: not listed(NameContains=self.name)["Endpoints"], 20)

    def update(self, policy: dict[str, Any]) -> None:
        self.sagemaker.update_endpoint(
            EndpointName=self.name, EndpointConfigName=f"{self.name}-new", DeploymentConfig=policy
        )

    def settled(self) -> str:
        """Wait until it is InService and give its configuration."""

        def look() -> str:
            seen = self.sagemaker.describe_endpoint(EndpointName=self.name)
            assert seen["EndpointStatus"] in ("Creating", "Updating", "InService"), seen
            return str(seen["EndpointConfigName"]) if seen["EndpointStatus"] == "InService" else ""

        return eventually(look, 30)

    def bakes(self) -> None:
        """Wait until it bakes with one instance."""

        def look() -> bool:
            seen = self.sagemaker.describe_endpoint(EndpointName=self.name)
            return "canary capacity of 1 instance(s)." in str(seen) and "Baking" in str(seen)

        eventually(look, 20)

    def answers(self, number: int) -> Counter[str]:
        return Counter(
            self.runtime.invoke_endpoint(EndpointName=self.name, Body=b"1", ContentType="text/csv")["Body"]
            .read()
            .decode()
            for _ in range(number)
        )

    def captured(self) -> list[dict[str, Any]]:
        found = self.s3.list_objects_v2(Bucket=self.name, Prefix="captured/").get("Contents", [])
        bodies = [self.s3.get_object(Bucket=self.name, Key=item["Key"])["Body"].read() for item in found]
        return [json.loads(line) for body in bodies for line in body.splitlines()]


def archive(inference: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(inference.encode())
        tar.addfile(member, io.BytesIO(inference.encode()))
    return packed.getvalue()


@pytest.fixture
def endpoint(kit: Kit) -> Iterator[Endpoint]:
    made = Endpoint(kit)
    yield made
    made.remove()


def test_a_rolling_deployment_splits_traffic_between_real_models(endpoint: Endpoint) -> None:
    endpoint.update(rolling(1, 240))
    endpoint.bakes()
    assert endpoint.answers(20) == {"old": 10, "new": 10}
    assert endpoint.settled() == f"{endpoint.name}-new"
    assert endpoint.answers(4) == {"new": 4}


def test_an_alarm_turns_a_canary_back(endpoint: Endpoint) -> None:
    alarm = f"{endpoint.name}-guard"
    endpoint.cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Own",
        MetricName="Bad",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )
    endpoint.update(stepwise("CANARY", 3600, 0, alarm, CanarySize=SIZE))
    endpoint.bakes()
    began = time.monotonic()
    endpoint.cloudwatch.put_metric_data(Namespace="Own", MetricData=[{"MetricName": "Bad", "Value": 1.0}])
    assert endpoint.settled() == f"{endpoint.name}-old"
    assert time.monotonic() - began < 20
    assert endpoint.answers(4) == {"old": 4}


def test_requests_and_answers_are_captured_in_the_bucket(endpoint: Endpoint) -> None:
    endpoint.answers(2)
    stream = endpoint.runtime.invoke_endpoint_with_response_stream(
        EndpointName=endpoint.name, Body=b"1", ContentType="text/csv", Accept="text/csv"
    )
    assert [event["PayloadPart"]["Bytes"] for event in stream["Body"]] == [b"old"]
    records = eventually(lambda: found if len(found := endpoint.captured()) == 3 else [])
    data = records[0]["captureData"]
    assert (data["endpointInput"]["data"], data["endpointInput"]["encoding"]) == ("1", "CSV")
    assert data["endpointOutput"]["mode"] == "OUTPUT"


def test_an_answer_that_comes_later_is_in_the_bucket_and_told_to_a_topic(kit: Kit, endpoint: Endpoint) -> None:
    name = f"{endpoint.name}-later"
    topic = kit.client("sns").create_topic(Name=name)["TopicArn"]
    queue = kit.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    account = topic.split(":")[4]
    kit.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{topic.split(':')[3]}:{account}:{name}"
    )
    variant = {"VariantName": "main", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    endpoint.sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{**variant, "ModelName": f"{endpoint.name}-new"}],
        AsyncInferenceConfig={
            "OutputConfig": {
                "S3OutputPath": f"s3://{endpoint.name}/later",
                "NotificationConfig": {"SuccessTopic": topic},
            }
        },
    )
    endpoint.sagemaker.update_endpoint(EndpointName=endpoint.name, EndpointConfigName=name)
    assert endpoint.settled() == name
    endpoint.s3.put_object(Bucket=endpoint.name, Key="input.csv", Body=b"1")
    taken = endpoint.runtime.invoke_endpoint_async(
        EndpointName=endpoint.name, InputLocation=f"s3://{endpoint.name}/input.csv", ContentType="text/csv"
    )
    receive = kit.client("sqs").receive_message
    [message] = eventually(lambda: receive(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []), 20)
    notice = json.loads(json.loads(message["Body"])["Message"])
    assert (notice["invocationStatus"], notice["inferenceId"]) == ("Completed", taken["InferenceId"])
    key = taken["OutputLocation"].removeprefix(f"s3://{endpoint.name}/")
    assert endpoint.s3.get_object(Bucket=endpoint.name, Key=key)["Body"].read() == b"new"
