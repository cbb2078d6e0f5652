"""Deployments with fleets that really run and traffic that really splits, through boto3."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hosting_support import ROLE, LocalHosting, eventually, production_variant, rolling, stepwise

from drydock.sagemaker.answers import ContainerAnswer

ONE = {"Type": "INSTANCE_COUNT", "Value": 1}


@pytest.fixture
def live() -> Iterator[LocalHosting]:
    """An endpoint `e` with four instances that answer `old`; those of config `two` answer `new`."""
    with LocalHosting() as hosting:
        for name, text in (("one", b"old"), ("two", b"new")):
            hosting.launcher.responses[f"model:{name}"] = lambda body, headers, text=text: ContainerAnswer(200, text)  # type: ignore[misc]
            hosting.config(name, image=f"model:{name}", instances=4)
        hosting.endpoint("e", "one")
        yield hosting


def update(hosting: LocalHosting, policy: dict[str, Any], config: str = "two") -> None:
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName=config, DeploymentConfig=policy)


def answers(hosting: LocalHosting, number: int = 40) -> Counter[bytes]:
    return Counter(hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")["Body"].read() for _ in range(number))


def baking(hosting: LocalHosting, instances: int) -> None:
    text = f"capacity of {instances} instance(s)."
    hosting.wait("e", lambda seen: "Baking" in str(seen) and text in str(seen.get("PendingDeploymentSummary")))


def running(hosting: LocalHosting) -> tuple[int, int]:
    return len(hosting.launcher.running("model:one")), len(hosting.launcher.running("model:two"))


def test_a_canary_gets_its_part_of_the_traffic_then_all_of_it(live: LocalHosting) -> None:
    update(live, stepwise("CANARY", 3600, 3600, CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))
    baking(live, 1)
    assert (answers(live), running(live)) == ({b"old": 30, b"new": 10}, (4, 4))
    live.skip(3600)
    baking(live, 4)
    assert (answers(live), running(live)) == ({b"new": 40}, (4, 4))
    live.skip(3600)
    assert live.settled("e")["EndpointConfigName"] == "two"
    eventually(lambda: running(live) == (0, 4))


def test_linear_steps_shift_the_traffic_one_after_the_other(live: LocalHosting) -> None:
    update(live, stepwise("LINEAR", 3600, 0, LinearStepSize={"Type": "CAPACITY_PERCENT", "Value": 50}))
    baking(live, 2)
    assert answers(live) == {b"old": 20, b"new": 20}
    live.skip(3600)
    assert live.settled("e")["EndpointConfigName"] == "two"
    assert answers(live) == {b"new": 40}


@pytest.mark.parametrize("kind", ["CANARY", "LINEAR", "ROLLING"])
def test_an_alarm_in_any_bake_puts_all_traffic_back(live: LocalHosting, kind: str) -> None:
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {
        "CANARY": stepwise("CANARY", 3600, 0, "guard", CanarySize=size),
        "LINEAR": stepwise("LINEAR", 3600, 0, "guard", LinearStepSize=size),
        "ROLLING": rolling(1, 3600, 0, "guard"),
    }[kind]
    update(live, policy)
    baking(live, 1)
    live.surroundings.alarms["guard"] = "ALARM"
    settled = live.settled("e")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "one")
    assert answers(live) == {b"old": 40}
    eventually(lambda: running(live) == (4, 0))


def test_a_rolling_deployment_never_runs_two_whole_fleets(live: LocalHosting) -> None:
    update(live, rolling(2, 3600))
    baking(live, 2)
    assert (answers(live), running(live)) == ({b"old": 20, b"new": 20}, (4, 2))
    live.skip(3600)
    baking(live, 4)
    eventually(lambda: running(live) == (2, 4))
    assert answers(live) == {b"new": 40}
    live.skip(3600)
    assert live.settled("e")["EndpointConfigName"] == "two"
    eventually(lambda: running(live) == (0, 4))


def test_a_rolling_deployment_brings_its_old_instances_back(live: LocalHosting) -> None:
    update(live, rolling(2, 3600, 1, "guard"))
    baking(live, 2)
    live.skip(3600)
    baking(live, 4)
    eventually(lambda: running(live) == (2, 4))
    live.surroundings.alarms["guard"] = "ALARM"
    assert live.settled("e")["EndpointConfigName"] == "one"
    eventually(lambda: running(live) == (4, 0))
    assert answers(live) == {b"old": 40}


def test_a_rollback_that_fails_serves_from_both_until_the_next_update(live: LocalHosting) -> None:
    live.fault("rollback_fails", endpoint="e")
    update(live, rolling(2, 3600, 0, "guard"))
    baking(live, 2)
    live.surroundings.alarms["guard"] = "ALARM"
    settled = live.settled("e")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("UpdateRollbackFailed", "one")
    assert "guard" in settled["FailureReason"]
    assert answers(live) == {b"old": 20, b"new": 20}
    eventually(lambda: running(live) == (2, 2))
    live.surroundings.alarms.clear()
    update(live, rolling(2, 0))
    settled = live.settled("e")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "two")
    eventually(lambda: running(live) == (0, 4))


@pytest.mark.parametrize(
    "policy",
    [
        lambda wait, *alarms: stepwise("CANARY", wait, 30, *alarms, CanarySize=ONE),
        lambda wait, *alarms: stepwise("LINEAR", wait, 0, *alarms, LinearStepSize=ONE),
        lambda wait, *alarms: rolling(1, wait, 0, *alarms),
        lambda wait, *alarms: rolling(2, wait, 1, *alarms),
    ],
    ids=["canary", "linear", "rolling", "rolling by two"],
)
@pytest.mark.parametrize("alarm", [False, True], ids=["forwards", "back"])
def test_no_request_is_lost_whatever_the_policy(
    live: LocalHosting, policy: Callable[..., dict[str, Any]], alarm: bool
) -> None:
    failures: list[Exception] = []
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            try:
                live.runtime.invoke_endpoint(EndpointName="e", Body=b"x")
            except ClientError as error:
                failures.append(error)

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    update(live, policy(3600, "guard") if alarm else policy(30))
    if alarm:
        live.wait("e", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
        live.surroundings.alarms["guard"] = "ALARM"
    settled = live.settled("e")
    stop.set()
    for caller in callers:
        caller.join(10)
    assert settled["EndpointConfigName"] == ("one" if alarm else "two")
    assert not failures


def test_alarms_are_read_with_the_role_of_the_model(live: LocalHosting) -> None:
    live.surroundings.blind_roles.add(ROLE)
    update(live, stepwise("CANARY", 3600, 0, "guard", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}))
    settled = live.settled("e")
    assert settled["EndpointConfigName"] == "one"
    assert f"{ROLE} is not authorized to perform: cloudwatch:DescribeAlarms" in settled["FailureReason"]


def test_several_variants_are_shifted_side_by_side(live: LocalHosting) -> None:
    for name in ("one", "two"):
        variants = [
            production_variant(name, VariantName="a", InitialVariantWeight=3),
            production_variant(name, VariantName="b", InitialVariantWeight=1),
        ]
        live.sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-pair", ProductionVariants=variants)
    live.sagemaker.create_endpoint(EndpointName="pair", EndpointConfigName="one-pair")
    live.settled("pair")
    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    live.sagemaker.update_endpoint(
        EndpointName="pair",
        EndpointConfigName="two-pair",
        DeploymentConfig=stepwise("CANARY", 3600, 0, CanarySize=size),
    )
    live.wait("pair", lambda seen: "Baking" in str(seen.get("PendingDeploymentSummary")))
    seen = Counter(_answer(live) for _ in range(40))
    assert seen == {("a", b"old"): 15, ("a", b"new"): 15, ("b", b"old"): 5, ("b", b"new"): 5}
    assert Counter(_answer(live, TargetVariant="b") for _ in range(10)) == {("b", b"old"): 5, ("b", b"new"): 5}


def test_a_config_deleted_during_its_update_breaks_it_unless_told_otherwise(live: LocalHosting) -> None:
    update(live, rolling(2, 3600))
    baking(live, 2)
    live.sagemaker.delete_endpoint_config(EndpointConfigName="two")
    settled = live.settled("e")
    assert settled["EndpointConfigName"] == "one"
    assert settled["FailureReason"].startswith('Could not find endpoint configuration "arn:')
    assert live.ask("POST", "rules", {"deletion_in_use": "forbidden"})["deletion_in_use"] == "forbidden"
    with pytest.raises(ClientError, match="in use"):
        live.sagemaker.delete_endpoint_config(EndpointConfigName="one")


def test_a_sick_instance_is_replaced() -> None:
    with LocalHosting(ping_seconds=0.02) as hosting:
        hosting.config("one")
        hosting.endpoint("e", "one")
        (sick,) = hosting.launcher.running()
        sick.sick = True
        eventually(lambda: sick.stopped and len(hosting.launcher.running()) == 1)
        eventually(lambda: hosting.service.state.endpoints["e"].fleets[0].ready)
        assert hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"x")["Body"].read() == b"x"


def _answer(hosting: LocalHosting, **more: str) -> tuple[str, bytes]:
    answer = hosting.runtime.invoke_endpoint(EndpointName="pair", Body=b"x", **more)
    return answer["InvokedProductionVariant"], answer["Body"].read()
