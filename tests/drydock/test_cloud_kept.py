"""What the local cloud holds survives its end where that is asked for, and only there."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack_kit import Kit, eventually

from drydock import cloud
from drydock.cloud import CloudError
from drydock.cloud.folder import Folder
from drydock.cloud.sources import fingerprint
from drydock.ministack import keeping
from drydock.ministack.environment import Options
from examples.packing import pack

pytestmark = pytest.mark.cloud

ROOT = Path(__file__).parents[2]
ECHO = b"def model_fn(d):\n    return None\n\ndef transform_fn(model, data, content_type, accept):\n    return data\n"
ABORTED = {"source": ["aws.states"], "detail": {"status": ["ABORTED"]}}
RINGS = {
    "AlarmName": "rings", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
    "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "ignore",
}  # fmt: skip


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    cloud.down(folder, forget=True)


class House:
    """Some of everything, in one life of a cloud; what it shows must be the same in the next."""

    def __init__(self, kit: Kit) -> None:
        self.client = kit.client

    def furnish(self, kit: Kit) -> str:
        """Make it, and give the ARN of an execution that will not have ended."""
        self._put_objects()
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
        types = [{"AttributeName": "pk", "AttributeType": "S"}]
        table = self.client("dynamodb")
        table.create_table(
            TableName="ledger", KeySchema=keys, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
        )
        table.put_item(TableName="ledger", Item={"pk": {"S": "one"}, "bytes": {"B": b"\0\1"}, "n": {"N": "1.50"}})
        self.client("cloudwatch").put_metric_alarm(**RINGS)
        self.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Errors", "Value": 5.0}])
        kit.run(kit.machine({"Done": {"Type": "Succeed"}}), {"a": 1})
        self._serve()
        return kit.start(kit.machine({"Wait": {"Type": "Wait", "Seconds": 3000, "End": True}}))

    def _put_objects(self) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket="house")
        s3.put_bucket_versioning(Bucket="house", VersioningConfiguration={"Status": "Enabled"})
        for body in (b"first", b"second" * 2000):
            s3.put_object(Bucket="house", Key="a/b", Body=body, Tagging="k=v", Metadata={"m": "1"})
        s3.put_object(Bucket="house", Key="gone", Body=b"x")
        s3.delete_object(Bucket="house", Key="gone")
        s3.put_object(Bucket="house", Key="echo.tar.gz", Body=pack({"code/inference.py": ECHO}))

    def _serve(self) -> None:
        sagemaker = self.client("sagemaker")
        role = self.client("iam").create_role(RoleName="models", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        container = {"Image": "any", "ModelDataUrl": "s3://house/echo.tar.gz"}
        sagemaker.create_model(ModelName="echo", ExecutionRoleArn=role, PrimaryContainer=container)
        variant = {"VariantName": "main", "ModelName": "echo", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(EndpointConfigName="echo", ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName="echo", EndpointConfigName="echo")
        eventually(lambda: sagemaker.describe_endpoint(EndpointName="echo")["EndpointStatus"] == "InService")

    def answer(self) -> bytes:
        runtime = self.client("sagemaker-runtime")
        return bytes(runtime.invoke_endpoint(EndpointName="echo", Body=b"hello")["Body"].read())

    def look(self) -> dict[str, Any]:
        """Show all of it, as its APIs tell it."""
        s3, states, alarms = self.client("s3"), self.client("stepfunctions"), self.client("cloudwatch")
        versions = s3.list_object_versions(Bucket="house")
        machines = sorted(found["stateMachineArn"] for found in states.list_state_machines()["stateMachines"])
        done = states.list_executions(stateMachineArn=machines[0])["executions"]
        history = states.get_execution_history(executionArn=done[0]["executionArn"])["events"]
        bodies = [s3.get_object(Bucket="house", Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
                  for each in versions["Versions"]]  # fmt: skip
        seen = {
            "versions": [versions["Versions"], versions["DeleteMarkers"], bodies],
            "tags": s3.get_object_tagging(Bucket="house", Key="a/b")["TagSet"],
            "items": self.client("dynamodb").scan(TableName="ledger")["Items"],
            "executions": [machines, done, history],
            "alarm": alarms.describe_alarms(AlarmNames=["rings"])["MetricAlarms"][0]["StateValue"],
            "rules": self.client("events").list_rules()["Rules"],
            "roles": self.client("iam").list_roles()["Roles"],
            "endpoint": self.client("sagemaker").describe_endpoint(EndpointName="echo"),
        }
        seen["endpoint"].pop("ResponseMetadata")
        return seen


def test_what_a_cloud_holds_is_there_in_its_next_life(port: int, state: Path) -> None:
    kit = Kit(cloud.up(ROOT, port=port, state=state, keep=True))
    house, heard = House(kit), kit.listen(ABORTED)
    cut_off = house.furnish(kit)
    eventually(lambda: house.look()["alarm"] == "ALARM")
    before = house.look()
    assert cloud.down(state)
    assert cloud.is_kept(state)
    assert not list(state.glob("*.log"))
    cloud.up(ROOT, port=port, state=state, keep=True)
    assert house.look() == before
    assert house.answer() == b"hello"
    # What ran when the machine was switched off has ended, and whoever listens hears of it.
    assert kit.describe(cut_off)["status"] == "ABORTED"
    (told,) = eventually(heard)
    assert told["detail"]["executionArn"] == cut_off
    with pytest.raises(CloudError, match="other settings"):
        cloud.up(ROOT, port=port, state=state)
    # What cannot be kept is said so, and what was kept before is still there.
    (state / "kept.new").touch()
    with pytest.raises(CloudError, match=r"could not be kept(.|\n)*FileExistsError"):
        cloud.down(state)
    assert cloud.is_kept(state)
    (state / "kept.new").unlink()
    assert cloud.down(state, forget=True)
    assert not state.exists()
    assert not cloud.down(state, forget=True)


def test_what_is_kept_outlives_clouds_that_do_not_keep_and_is_of_one_port(tmp_path: Path) -> None:
    options = Options(4599, tmp_path)
    options.kept.mkdir()
    (options.kept / "kept.json").write_text(json.dumps({"schema": 1, "port": 4566, "pid": 1}))
    Folder(tmp_path).clear()
    with pytest.raises(keeping.ForeignStateError, match=r"'port': 4566.*--forget"):
        keeping.recall(options, tmp_path / "hosting.json")


def test_a_stack_is_what_its_folder_holds(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("a")
    before = fingerprint(tmp_path)
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "module.pyc").write_text("x")
    assert fingerprint(tmp_path) == before
    (tmp_path / "template.yaml").write_text("ab")
    assert fingerprint(tmp_path) != before
