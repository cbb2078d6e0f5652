"""Deployments on the local cloud: real model processes, real buckets, real alarms."""

import io
import json
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
CONNECTS = """
import socket

def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    with socket.socket() as probe:
        return "reached" if probe.connect_ex(("127.0.0.1", {port})) == 0 else "cut off"
"""
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SIZE = {"Type": "INSTANCE_COUNT", "Value": 1}


class Endpoint:
    """One endpoint with two configurations, whose models answer `old` and `new`."""

    def __init__(self, kit: Kit) -> None:
        self.sagemaker, self.s3 = kit.client("sagemaker"), kit.client("s3")
        self.runtime, self.cloudwatch = kit.client("sagemaker-runtime"), kit.client("cloudwatch")
        self.name = kit.name("served")
        self.s3.create_bucket(Bucket=self.name)
        iam = kit.client("iam")
        role = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.put_role_policy(RoleName=self.name, PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
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

    def reaching(self, port: int, *, isolated: bool) -> str:
        """Serve a model that answers whether it reaches a port of this machine; give its endpoint's name."""
        name = f"{self.name}-{'isolated' if isolated else 'open'}"
        self.s3.put_object(Bucket=self.name, Key=f"{name}.tar.gz", Body=archive(CONNECTS.format(port=port)))
        container = {"Image": "model", "ModelDataUrl": f"s3://{self.name}/{name}.tar.gz"}
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=container, EnableNetworkIsolation=isolated)
        variant = {"VariantName": "main", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        eventually(lambda: self.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService")
        return name

    def usage(self, metric: str) -> list[dict[str, Any]]:
        """Give what CloudWatch knows of the use of the instances in the last hour."""
        now = datetime.now(UTC)
        found = self.cloudwatch.get_metric_statistics(
            Namespace="/aws/sagemaker/Endpoints",
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": self.name}, {"Name": "VariantName", "Value": "main"}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=["Maximum"],
        )
        return list(found["Datapoints"])

    def remove(self) -> None:
        """Delete what was made: other tests share the cloud."""
        listed = self.sagemaker.list_endpoints
        for each in listed(NameContains=self.name)["Endpoints"]:
            self.sagemaker.delete_endpoint(EndpointName=each["EndpointName"])
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
    hears = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Policy": json.dumps({"Statement": [hears]})}
    queue = kit.client("sqs").create_queue(QueueName=name, Attributes=policy)["QueueUrl"]
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


def test_a_model_reaches_the_network_unless_it_is_isolated(endpoint: Endpoint, kit: Kit) -> None:
    served = [endpoint.reaching(kit.cloud.port, isolated=isolated) for isolated in (False, True)]
    answers = [endpoint.runtime.invoke_endpoint(EndpointName=name, Body=b"1")["Body"].read() for name in served]

    assert answers == [b"reached", b"cut off" if sys.platform == "linux" else b"reached"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process uses")
def test_what_instances_use_is_read_from_cloudwatch(endpoint: Endpoint) -> None:
    memory = eventually(lambda: endpoint.usage("MemoryUtilization"))

    assert 0 < memory[0]["Maximum"] < 100
    assert all(endpoint.usage(metric) for metric in ("CPUUtilization", "DiskUtilization"))
