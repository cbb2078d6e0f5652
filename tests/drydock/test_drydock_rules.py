"""What nobody has shown of AWS has a switch; both positions of each work."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from engine_house import House
from hosting_support import DATA, ROLE, LocalHosting, all_at_once, eventually, production_variant, stepwise

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.deployment.describe import describe
from drydock.sagemaker.driving.sighting import look
from drydock.sagemaker.rules import (
    BothConfigs,
    InvalidRulesError,
    MissingAlarm,
    NameFlips,
    Rules,
    Watch,
    about_rules,
    read_rules,
)

CANARY = stepwise("CANARY", 60, 60, "guard", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1})


@pytest.fixture
def hosting() -> Iterator[LocalHosting]:
    with LocalHosting() as running:
        yield running


def live(**rules: Any) -> House:
    return House(rules=Rules(**rules)).live()


def test_every_rule_has_a_test_here_or_where_its_subject_is() -> None:
    folder = Path(__file__).parent
    told = "\n".join(path.read_text() for path in folder.glob("test_*.py"))
    assert [name for name, *_ in about_rules() if name not in told] == []


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ([], "Rules are an object of"),
        ({"unknown": 1}, "Rules are an object of"),
        ({"refuse_same_config": 1}, "refuse_same_config is true or false."),
        ({"alarms_watched": "never"}, "alarms_watched is one of in_bakes, throughout."),
        ({"largest_body": True}, "largest_body is a whole number."),
        ({"largest_body": -1}, "largest_body is a whole number."),
        ({"quotas": [1]}, "quotas is an object of whole numbers."),
        ({"quotas": {"ml.m5.large": "2"}}, "quotas is an object of whole numbers."),
    ],
)
def test_what_is_no_rule_is_refused(document: object, text: str) -> None:
    with pytest.raises(InvalidRulesError, match=text):
        read_rules(document, Rules())


def test_rules_read_what_they_write_and_keep_what_is_not_named() -> None:
    rules = read_rules({"alarms_watched": "throughout", "quotas": {"ml.m5.large": 4}}, Rules(refuse_same_config=True))
    assert (rules.alarms_watched, rules.refuse_same_config, rules.quotas) == (
        Watch.THROUGHOUT,
        True,
        {"ml.m5.large": 4},
    )
    assert read_rules(rules.document(), Rules()) == rules


def test_rules_survive_a_restart_where_the_state_does(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with LocalHosting(memory=file) as first:
        first.ask("POST", "rules", {"quotas": {"ml.m5.large": 4}, "config_name_flips": "at_full_traffic"})
    with LocalHosting(memory=file) as second:
        rules = second.ask("GET", "rules")
        assert (rules["quotas"], rules["config_name_flips"]) == ({"ml.m5.large": 4}, "at_full_traffic")
        assert second.service.state.rules.config_name_flips is NameFlips.AT_FULL_TRAFFIC


@pytest.mark.parametrize(
    ("flips", "named"),
    [(NameFlips.AT_THE_END, ["one", "one", "one"]), (NameFlips.AT_FULL_TRAFFIC, ["one", "two", "one"])],
)
def test_the_name_of_the_config_flips_at_the_end_or_with_the_traffic(flips: NameFlips, named: list[str]) -> None:
    house = live(config_name_flips=flips)
    house.update(CANARY)
    house.up()

    def shown() -> str:
        house.go()
        return str(describe(house.endpoint, house.state.rules)["EndpointConfigName"])

    seen = [shown()]
    house.time += 6.1
    seen.append(shown())
    house.go(("guard",))
    assert [*seen, shown()] == named
    assert house.state.outbox[-1].detail["EndpointConfigName"] == "one"


@pytest.mark.parametrize(("watched", "status"), [(Watch.IN_BAKES, "provisioning"), (Watch.THROUGHOUT, "InService")])
def test_an_alarm_that_rings_before_the_first_bake_counts_where_alarms_are_watched_throughout(
    watched: Watch, status: str
) -> None:
    house = live(alarms_watched=watched)
    house.update(CANARY)
    assert house.go(("guard",)) == status
    assert house.endpoint.config_name == "one"


class Alarms:
    """Knows alarms that are all there and all well."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def may_read_alarms(self, role: str) -> bool:
        return True

    def alarm_states(self, names: Any) -> dict[str, str]:
        return {name: "OK" for name in names if name in self.names}


@pytest.mark.parametrize(
    ("missing", "status"), [(MissingAlarm.IGNORED, "baking"), (MissingAlarm.ROLLS_BACK, "InService")]
)
def test_an_alarm_that_does_not_exist_is_ignored_or_rolls_back(missing: MissingAlarm, status: str) -> None:
    house = live(missing_alarm=missing)
    house.update(all_at_once(300, "guard"))
    house.up()
    assert house.go() == "baking"
    seen = look(house.endpoint.deployment, [], Alarms(), house.state.rules)  # type: ignore[arg-type]
    assert house.go(missing=seen.missing) == status
    assert ("do not exist: guard" in house.endpoint.failure_reason) == (status == "InService")
    assert not look(house.endpoint.deployment, [], Alarms("guard"), house.state.rules).missing  # type: ignore[arg-type]


def test_an_alarm_that_does_not_exist_may_be_refused_at_once(hosting: LocalHosting) -> None:
    hosting.config("one")
    hosting.endpoint("e", "one")
    request = {"EndpointName": "e", "EndpointConfigName": "one", "DeploymentConfig": all_at_once(300, "guard")}
    hosting.ask("POST", "rules", {"missing_alarm": "refused"})
    with pytest.raises(ClientError, match=r'Could not find CloudWatch alarm\(s\) "guard"'):
        hosting.sagemaker.update_endpoint(**request)
    hosting.surroundings.alarms["guard"] = "OK"
    hosting.sagemaker.update_endpoint(**request)


@pytest.mark.parametrize(
    ("both", "bake"), [(BothConfigs.REFUSED, None), (BothConfigs.GIVEN_WINS, 60), (BothConfigs.RETAINED_WINS, 300)]
)
def test_a_deployment_config_beside_the_one_to_retain(both: BothConfigs, bake: int | None) -> None:
    house = live(both_deployment_configs=both)
    house.endpoint.last_deployment_config = all_at_once(300)
    if bake is None:
        with pytest.raises(Exception, match="cannot be given when RetainDeploymentConfig is true"):
            house.update(all_at_once(60), RetainDeploymentConfig=True)
        return
    house.update(all_at_once(60), RetainDeploymentConfig=True)
    assert house.endpoint.deployment
    assert house.endpoint.deployment.steps[-1].bake_seconds == bake


def package(hosting: LocalHosting, **container: Any) -> str:
    hosting.sagemaker.create_model_package_group(ModelPackageGroupName="churn")
    inference = {
        "Containers": [{"Image": "model:good", "ModelDataUrl": DATA, **container}],
        "SupportedContentTypes": [],
        "SupportedResponseMIMETypes": [],
    }
    made = hosting.sagemaker.create_model_package(ModelPackageGroupName="churn", InferenceSpecification=inference)
    return str(made["ModelPackageArn"])


def test_an_unapproved_package_is_taken_or_refused(hosting: LocalHosting) -> None:
    arn = package(hosting)
    hosting.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="PendingManualApproval")
    create = {"ExecutionRoleArn": ROLE, "Containers": [{"ModelPackageName": arn}]}
    hosting.sagemaker.create_model(ModelName="taken", **create)
    hosting.ask("POST", "rules", {"refuse_unapproved_package": True})
    with pytest.raises(ClientError, match="is not approved: its ModelApprovalStatus is PendingManualApproval"):
        hosting.sagemaker.create_model(ModelName="refused", **create)
    hosting.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    hosting.sagemaker.create_model(ModelName="approved", **create)


def test_a_package_tells_of_every_update_or_of_approvals(hosting: LocalHosting) -> None:
    arn = package(hosting)
    kind = "SageMaker Model Package State Change"

    def events(**change: Any) -> int:
        before = len(hosting.surroundings.details(kind))
        hosting.sagemaker.update_model_package(ModelPackageArn=arn, **change)
        return len(hosting.surroundings.details(kind)) - before

    assert events(ApprovalDescription="so") == 1
    hosting.ask("POST", "rules", {"package_event_on_every_update": False})
    assert events(ApprovalDescription="or so") == 0
    assert events(ModelApprovalStatus="Approved") == 1
    assert events(ModelApprovalStatus="Approved") == 0


def test_a_body_may_be_as_large_as_the_rule_says(hosting: LocalHosting) -> None:
    hosting.config("one")
    hosting.endpoint("e", "one")
    hosting.ask("POST", "rules", {"largest_body": 7 * 1024 * 1024})
    body = b"x" * (7 * 1024 * 1024)
    assert hosting.runtime.invoke_endpoint(EndpointName="e", Body=body)["Body"].read() == body
    with pytest.raises(ClientError, match="exceeds 7340032 bytes"):
        hosting.runtime.invoke_endpoint(EndpointName="e", Body=body + b"x")


def test_a_container_of_marketplace_is_updated_without_guardrails(hosting: LocalHosting) -> None:
    arn = package(hosting, ProductId="product")
    hosting.sagemaker.create_model(ModelName="bought", ExecutionRoleArn=ROLE, Containers=[{"ModelPackageName": arn}])
    hosting.config("one")
    hosting.endpoint("e", "one")
    variant = {"VariantName": "main", "ModelName": "bought", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    hosting.sagemaker.create_endpoint_config(EndpointConfigName="two", ProductionVariants=[variant])
    policy = all_at_once(3600)
    hosting.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="two", DeploymentConfig=policy)
    assert hosting.settled("e")["EndpointConfigName"] == "two", "no bake"
    assert not hosting.surroundings.details("SageMaker Endpoint Deployment State Change")


@pytest.mark.parametrize(
    ("before_service", "code"), [("not_found", "ValidationError"), ("unavailable", "ServiceUnavailable")]
)
def test_an_endpoint_that_does_not_serve_yet_is_not_there_or_unavailable(
    hosting: LocalHosting, before_service: str, code: str
) -> None:
    hosting.config("deaf", image="model:deaf")
    hosting.ask("POST", "rules", {"before_service": before_service})
    hosting.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="deaf")
    hosting.service.state.endpoint("e").deployment = None
    with pytest.raises(ClientError) as error:
        hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"")
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("capture_failures", [False, True])
def test_what_fails_is_captured_where_the_rules_want_it(hosting: LocalHosting, capture_failures: bool) -> None:
    answers = {b"": ContainerAnswer(500, b"so it is"), b"good": ContainerAnswer(200, b"well")}
    hosting.launcher.responses["model:bad"] = lambda body, headers: answers[body]
    hosting.model("bad", Image="model:bad")
    hosting.ask("POST", "rules", {"capture_failures": capture_failures})
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/prefix",
        "CaptureOptions": [{"CaptureMode": "Output"}],
    }
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[production_variant("bad")], DataCaptureConfig=capture
    )
    hosting.endpoint("e", "c")
    with pytest.raises(ClientError, match="so it is"):
        hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"")
    hosting.runtime.invoke_endpoint(EndpointName="e", Body=b"good")

    def captured() -> str:
        return "".join(body.decode() for body in hosting.surroundings.objects.values())

    eventually(lambda: base64.b64encode(b"well").decode() in captured())
    assert (base64.b64encode(b"so it is").decode() in captured()) == capture_failures
