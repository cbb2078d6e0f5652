"""The hosting service through real boto3 clients."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hosting_support import (
    DATA,
    ROLE,
    FakeLauncher,
    FakeSurroundings,
    LocalHosting,
    all_at_once,
    production_variant,
)

from drydock.sagemaker.service import HostingService


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        yield running


@pytest.fixture
def live(hosting: LocalHosting) -> LocalHosting:
    """An endpoint `churn` InService on config `one`."""
    hosting.config("one")
    hosting.endpoint("churn", "one")
    return hosting


def test_a_created_endpoint_gets_in_service_and_answers(hosting: LocalHosting) -> None:
    hosting.config("one", instances=2)
    described = hosting.endpoint("churn", "one")
    assert described["EndpointStatus"] == "InService"
    assert described["EndpointArn"] == "arn:aws:sagemaker:us-east-1:000000000000:endpoint/churn"
    assert "PendingDeploymentSummary" not in described and "FailureReason" not in described
    (variant,) = described["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    assert "@sha256:" in variant["DeployedImages"][0]["ResolvedImage"]
    answer = hosting.runtime.invoke_endpoint(EndpointName="churn", Body=b"1,2", ContentType="text/csv")
    assert answer["Body"].read() == b"1,2"
    assert answer["InvokedProductionVariant"] == "main"
    assert answer["ResponseMetadata"]["RequestId"]


def test_an_endpoint_is_creating_while_its_container_is_not_healthy(hosting: LocalHosting) -> None:
    hosting.config("one", image="model:deaf", ContainerStartupHealthCheckTimeoutInSeconds=300)
    hosting.sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="one")
    described = hosting.sagemaker.describe_endpoint(EndpointName="churn")
    assert described["EndpointStatus"] == "Creating"
    assert described["EndpointConfigName"] == "one"
    (variant,) = described["PendingDeploymentSummary"]["ProductionVariants"]
    assert variant["VariantStatus"][0]["StatusMessage"] == "Launching 1 instance(s)."


@pytest.mark.parametrize("image", ["model:deaf", "model:crash"])
def test_a_container_that_never_answers_ping_fails_the_endpoint(hosting: LocalHosting, image: str) -> None:
    hosting.config("one", image=image, ContainerStartupHealthCheckTimeoutInSeconds=60)
    described = hosting.endpoint("churn", "one")
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"] == (
        "The primary container for production variant main did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    hosting.sagemaker.delete_endpoint(EndpointName="churn")


def test_a_launch_error_is_the_failure_reason(hosting: LocalHosting) -> None:
    hosting.config("one", image="model:lost")
    assert DATA in hosting.endpoint("churn", "one")["FailureReason"]


def test_an_update_bakes_with_both_fleets_and_ends_on_the_new_config(live: LocalHosting) -> None:
    live.config("two", image="model:new", instances=2)
    live.sagemaker.update_endpoint(
        EndpointName="churn", EndpointConfigName="two", DeploymentConfig=all_at_once(600, "guard")
    )
    baking = live.wait("churn", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    assert (baking["EndpointStatus"], baking["EndpointConfigName"]) == ("Updating", "one")
    assert baking["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    (variant,) = baking["PendingDeploymentSummary"]["ProductionVariants"]
    assert variant["VariantStatus"][0]["StatusMessage"] == (
        "Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of 2 instance(s)."
    )
    assert (len(live.launcher.running("model:good")), len(live.launcher.running("model:new"))) == (1, 2)
    settled = live.settled("churn")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "two")
    assert settled["LastDeploymentConfig"] == all_at_once(600, "guard")
    assert settled["LastModifiedTime"] > baking["CreationTime"]
    _eventually(lambda: not live.launcher.running("model:good"))


def test_an_alarm_in_the_bake_puts_the_old_config_back(live: LocalHosting) -> None:
    live.config("two", image="model:new")
    live.sagemaker.update_endpoint(
        EndpointName="churn", EndpointConfigName="two", DeploymentConfig=all_at_once(3600, "guard")
    )
    live.wait("churn", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    live.surroundings.alarms["guard"] = "ALARM"
    settled = live.settled("churn")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "one")
    assert "guard" in settled["FailureReason"]
    assert live.runtime.invoke_endpoint(EndpointName="churn", Body=b"x")["Body"].read() == b"x"
    _eventually(lambda: not live.launcher.running("model:new"))
    assert live.launcher.running("model:good")


def test_the_next_good_update_clears_the_failure_reason(live: LocalHosting) -> None:
    live.config("two", image="model:crash", ContainerStartupHealthCheckTimeoutInSeconds=60)
    live.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two")
    rolled_back = live.settled("churn")
    assert rolled_back["EndpointConfigName"] == "one"
    assert "ping health check" in rolled_back["FailureReason"]
    live.config("three")
    live.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="three")
    settled = live.settled("churn")
    assert settled["EndpointConfigName"] == "three"
    assert "FailureReason" not in settled


def test_an_update_that_takes_longer_than_its_timeout_is_rolled_back(live: LocalHosting) -> None:
    live.config("two", image="model:deaf")
    live.sagemaker.update_endpoint(
        EndpointName="churn",
        EndpointConfigName="two",
        DeploymentConfig=all_at_once(0, MaximumExecutionTimeoutInSeconds=600),
    )
    live.service.state.endpoints["churn"].deployment.started -= 1.0  # type: ignore[union-attr]
    settled = live.settled("churn")
    assert settled["EndpointConfigName"] == "one"
    assert "MaximumExecutionTimeoutInSeconds" in settled["FailureReason"]


def test_no_request_is_lost_in_an_update(live: LocalHosting) -> None:
    failures: list[Exception] = []
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            try:
                live.runtime.invoke_endpoint(EndpointName="churn", Body=b"x")
            except ClientError as error:
                failures.append(error)

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    for name in ("two", "three"):
        live.config(name, image="model:new", instances=2)
        live.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName=name, DeploymentConfig=all_at_once(30))
        live.settled("churn")
    stop.set()
    for caller in callers:
        caller.join(10)
    assert not failures


def test_the_old_fleet_stops_only_after_its_requests_have_ended(hosting: LocalHosting) -> None:
    hosting.config("one", image="model:slow")
    hosting.endpoint("churn", "one")
    answers: list[bytes] = []

    def call() -> None:
        answers.append(hosting.runtime.invoke_endpoint(EndpointName="churn", Body=b"late")["Body"].read())

    caller = threading.Thread(target=call)
    caller.start()
    (old,) = hosting.launcher.running()
    _eventually(lambda: bool(old.seen))
    hosting.config("two")
    hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two")
    assert hosting.settled("churn")["EndpointConfigName"] == "two"
    assert not old.stopped
    old.gate.set()
    caller.join(10)
    assert answers == [b"late"]
    _eventually(lambda: old.stopped)


def test_an_instance_that_dies_is_replaced(live: LocalHosting) -> None:
    (dead,) = live.launcher.running()
    dead.alive = False
    with pytest.raises(ClientError, match="ModelError"):
        live.runtime.invoke_endpoint(EndpointName="churn", Body=b"x")
    _eventually(lambda: len(live.launcher.running()) == 1 and live.launcher.running() != [dead])
    _eventually(lambda: live.service.state.endpoints["churn"].fleet.ready)  # type: ignore[union-attr]
    assert live.runtime.invoke_endpoint(EndpointName="churn", Body=b"x")["Body"].read() == b"x"
    assert len({instance.spec.instance_id for instance in live.launcher.instances}) == 2


def test_a_deleted_endpoint_is_gone_with_its_instances(live: LocalHosting) -> None:
    live.sagemaker.delete_endpoint(EndpointName="churn")
    live.sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName="churn", WaiterConfig={"Delay": 0, "MaxAttempts": 1000}
    )
    assert not live.launcher.running()
    live.endpoint("churn", "one")


def test_weights_and_capacities_change_in_service(live: LocalHosting) -> None:
    live.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="churn", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 3}]
    )
    settled = live.settled("churn")
    assert settled["ProductionVariants"][0]["CurrentInstanceCount"] == 3
    assert len(live.launcher.running()) == 3
    live.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="churn",
        DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 1, "DesiredWeight": 5}],
    )
    assert live.settled("churn")["ProductionVariants"][0]["CurrentWeight"] == 5
    _eventually(lambda: len(live.launcher.running()) == 1)


def test_provisioning_takes_its_time() -> None:
    with LocalHosting(provisioning_seconds=120.0) as slow:
        slow.config("one")
        began = time.monotonic()
        slow.endpoint("churn", "one")
        assert time.monotonic() - began >= 120 / 600


def test_a_model_needs_its_role_and_its_data(hosting: LocalHosting) -> None:
    role = "arn:aws:iam::000000000000:role/nobody"
    with pytest.raises(ClientError) as refused:
        hosting.sagemaker.create_model(
            ModelName="one", ExecutionRoleArn=role, PrimaryContainer={"Image": "i", "ModelDataUrl": DATA}
        )
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
    }
    with pytest.raises(ClientError, match=r"Could not find model data at s3://artifacts/no\.tar\.gz\.$"):
        hosting.model("one", ModelDataUrl="s3://artifacts/no.tar.gz")


def test_what_was_created_is_described_listed_and_deleted(hosting: LocalHosting) -> None:
    hosting.config("one")
    client = hosting.sagemaker
    model = client.describe_model(ModelName="one")
    assert (model["ExecutionRoleArn"], model["PrimaryContainer"]["ModelDataUrl"]) == (ROLE, DATA)
    config = client.describe_endpoint_config(EndpointConfigName="one")
    assert config["ProductionVariants"] == [production_variant("one", InitialVariantWeight=1.0)]
    assert [item["ModelName"] for item in client.list_models()["Models"]] == ["one"]
    assert [item["EndpointConfigName"] for item in client.list_endpoint_configs()["EndpointConfigs"]] == ["one"]
    hosting.endpoint("churn", "one")
    assert [item["EndpointStatus"] for item in client.list_endpoints()["Endpoints"]] == ["InService"]
    client.delete_endpoint_config(EndpointConfigName="one")
    client.delete_model(ModelName="one")
    with pytest.raises(ClientError, match="Could not find model"):
        client.describe_model(ModelName="one")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        client.describe_endpoint_config(EndpointConfigName="one")


def test_tags_are_added_listed_and_deleted(live: LocalHosting) -> None:
    arn = live.sagemaker.describe_endpoint(EndpointName="churn")["EndpointArn"]
    live.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    live.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert live.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_nothing_runs_after_close() -> None:
    with LocalHosting() as hosting:
        hosting.config("one", instances=3)
        hosting.endpoint("churn", "one")
    assert not hosting.launcher.running()


def test_close_does_not_wait_for_a_request_that_hangs() -> None:
    with LocalHosting() as hosting:
        hosting.config("one", image="model:slow")
        hosting.endpoint("churn", "one")
        (old,) = hosting.launcher.running()
        caller = threading.Thread(target=_call_in_vain, args=[hosting])
        caller.start()
        _eventually(lambda: bool(old.seen))
        hosting.config("two")
        hosting.sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two")
        hosting.settled("churn")
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert old.stopped
    caller.join(10)


def test_a_driver_that_died_is_not_hidden() -> None:
    def break_down(names: Iterable[str]) -> dict[str, str]:
        raise RuntimeError("CloudWatch is gone")

    with pytest.raises(RuntimeError, match="CloudWatch is gone"), LocalHosting() as hosting:
        hosting.config("one")
        hosting.endpoint("churn", "one")
        hosting.config("two")
        hosting.surroundings.alarm_states = break_down  # type: ignore[method-assign]
        hosting.sagemaker.update_endpoint(
            EndpointName="churn", EndpointConfigName="two", DeploymentConfig=all_at_once(600, "guard")
        )
        with pytest.raises(BotoCoreError):
            hosting.settled("churn")
    assert not hosting.launcher.running()


def test_the_event_loop_is_never_held_long(live: LocalHosting, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the processor's time of each turn; what only one of three deployments shows is the machine's, not ours: its
    caches, or the collection of other tests' garbage. Each turn that is too long by itself is so in all of them."""
    holds: list[tuple[float, str]] = []
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began, what = time.thread_time(), repr(handle)
        run(handle)
        holds.append((time.thread_time() - began, what))

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    worst = []
    for name in ("two", "three", "four"):
        holds.clear()
        live.config(name, instances=5)
        live.sagemaker.update_endpoint(
            EndpointName="churn", EndpointConfigName=name, DeploymentConfig=all_at_once(60, "guard")
        )
        live.settled("churn")
        assert len(holds) > 20
        worst.append(max(holds))
    assert min(worst)[0] < 0.010, worst


def _call_in_vain(hosting: LocalHosting) -> None:
    with contextlib.suppress(BotoCoreError, ClientError):
        hosting.runtime.invoke_endpoint(EndpointName="churn", Body=b"x")


def _eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("turns", range(5))
def test_a_service_that_is_woken_while_it_closes_ends(turns: int) -> None:
    async def scenario() -> None:
        service = HostingService(FakeLauncher(), FakeSurroundings())
        service._driver._pause = lambda: 60.0  # type: ignore[method-assign]
        await service.start()
        await asyncio.sleep(0.01)
        service._driver.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        closing = asyncio.create_task(service.close())
        done, _ = await asyncio.wait([closing], timeout=5)
        assert done

    asyncio.run(scenario())
