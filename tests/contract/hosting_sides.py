"""The sides of hosting's contract: the fake, and SageMaker by Drydock with real models behind it."""

import io
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from slipway.aws.hosting import SageMakerHosting
from slipway.exchanges import Item
from slipway.ports import Hosting
from tests.fakes.clock import FakeClock
from tests.fakes.hosting import FakeHosting

REGION = "us-east-1"
PATIENCE_SECONDS = 90.0
PENDING = ("Creating", "Updating", "Deleting", "RollingBack", "SystemUpdating")

GOOD = """
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return '{"ok": true}', "application/json"
"""
CRASHING = """
def model_fn(model_dir):
    raise RuntimeError("this model cannot be loaded")
"""


@dataclass(frozen=True)
class Side:
    """One implementation, with models to name and somebody who waits."""

    hosting: Hosting
    name: str
    """A name that no other test uses."""
    role: str
    settle: Callable[[str], None]
    """Wait until what is under way has ended as it does by itself."""
    roll_back: Callable[[str], None]
    """Wait until an update to a model that cannot be loaded has ended."""
    good: str
    crashing: str

    def model(self, name: str, data: str) -> Item:
        """Ask for a model."""
        image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/sklearn:1.2"
        container = {"Image": image, "ModelDataUrl": data, "Environment": {"LEVEL": "1"}}
        return {"ModelName": name, "PrimaryContainer": container, "ExecutionRoleArn": self.role}

    def config(self, name: str, model: str) -> Item:
        """Ask for a config of one instance."""
        variant = {"VariantName": "main", "ModelName": model, "InstanceType": "ml.m5.large"}
        counted = {**variant, "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
        return {"EndpointConfigName": name, "ProductionVariants": [counted]}

    def serverless(self, name: str, model: str) -> Item:
        """Ask for a config without instances."""
        container = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
        variant = {"VariantName": "main", "ModelName": model, "ServerlessConfig": container}
        return {"EndpointConfigName": name, "ProductionVariants": [variant]}

    def prepare(self, suffix: str = "1", data: str = "") -> str:
        """Make a model and a config; returns the name of both."""
        name = f"{self.name}-{suffix}"
        self.hosting.create_model(self.model(name, data or self.good))
        self.hosting.create_config(self.config(name, name))
        return name

    def serve(self) -> str:
        """Bring an endpoint into service; returns the name of its config."""
        config = self.prepare()
        self.hosting.create_endpoint({"EndpointName": self.name, "EndpointConfigName": config})
        self.settle(self.name)
        return config

    def described(self) -> Item:
        """Describe the endpoint, which is there."""
        described = self.hosting.describe_endpoint(self.name)
        assert described is not None
        return described

    def update(self, config: str) -> Item:
        """Ask for an update of the endpoint."""
        return {"EndpointName": self.name, "EndpointConfigName": config}


def fake_side(name: str) -> Side:
    hosting = FakeHosting()

    def roll_back(endpoint: str) -> None:
        hosting.roll_back(endpoint, "The primary container did not pass the ping health check.")

    role = "arn:aws:iam::123456789012:role/model"
    return Side(hosting, name, role, hosting.settle, roll_back, "s3://models/good.tar.gz", "s3://models/bad.tar.gz")


def drydock_side(name: str, url: str) -> Side:
    hosting = SageMakerHosting(client("sagemaker", url), client("sagemaker-runtime", url), FakeClock())
    role = client("iam", url).create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    s3 = client("s3", url)
    s3.create_bucket(Bucket=name)
    for key, code in {"good.tar.gz": GOOD, "bad.tar.gz": CRASHING}.items():
        s3.put_object(Bucket=name, Key=key, Body=_archive(code))

    def settle(endpoint: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (hosting.describe_endpoint(endpoint) or {}).get("EndpointStatus") in PENDING:
            assert time.monotonic() < deadline, f"{endpoint} does not settle"
            time.sleep(0.1)

    return Side(hosting, name, role, settle, settle, f"s3://{name}/good.tar.gz", f"s3://{name}/bad.tar.gz")


@cache
def client(service: str, url: str) -> Any:
    """Give a client of a local cloud, which all contracts share."""
    session: Any = boto3.Session()
    return session.client(service, region_name=REGION, endpoint_url=url)


def _archive(code: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(code.encode())
        tar.addfile(member, io.BytesIO(code.encode()))
    return packed.getvalue()
