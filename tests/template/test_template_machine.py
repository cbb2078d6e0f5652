"""The machine of the template: logged, traced, complete, and started by nothing that can lose an event."""

import json
import re
from fnmatch import fnmatchcase

import pytest

from tests.template.cloud_template import ROOT, deployed, listed, of_type, statements, written

RULES = sorted(of_type("AWS::Events::Rule"))
DEFINITION = ROOT / "statemachine/release.asl.json"


def machine() -> dict:
    (found,) = of_type("AWS::StepFunctions::StateMachine").values()
    return dict(found["Properties"])


def test_every_transition_is_logged_but_no_payload_is() -> None:
    logging = machine()["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    (destination,) = logging["Destinations"]
    assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == {
        "Fn::GetAtt": ["ReleaseStateMachineLogGroup", "Arn"]
    }


def test_the_machine_is_a_traced_standard_one() -> None:
    assert machine()["TracingConfiguration"] == {"Enabled": True}
    assert machine()["StateMachineType"] == "STANDARD"


def test_every_substitution_of_the_definition_is_supplied_and_none_is_left_over() -> None:
    wanted = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    assert set(machine()["DefinitionSubstitutions"]) == wanted


def test_every_substitution_is_the_arn_that_its_name_says() -> None:
    for name, value in machine()["DefinitionSubstitutions"].items():
        assert value == {"Fn::GetAtt": [name.removesuffix("Arn"), "Arn"]}


def test_the_machine_may_invoke_exactly_the_functions_of_its_definition() -> None:
    invoke = next(s for s in statements("ReleaseStateMachineRole") if "lambda:InvokeFunction" in listed(s["Action"]))
    assert invoke["Resource"] == list(machine()["DefinitionSubstitutions"].values())


def test_the_functions_know_the_machine_by_the_name_that_it_has() -> None:
    variables = deployed()["Resources"]["WakeFunction"]["Properties"]["Environment"]["Variables"]
    name = machine()["StateMachineName"]["Fn::Sub"]
    assert variables["SLIPWAY_STATE_MACHINE_ARN"]["Fn::Sub"].endswith(f":stateMachine:{name}")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_retries_and_keeps_what_it_cannot_deliver(name: str) -> None:
    (target,) = of_type("AWS::Events::Rule")[name]["Properties"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["LostEventsQueue", "Arn"]}}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] >= 1
    assert 60 <= target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 86400


def test_the_queue_takes_lost_events_from_exactly_these_rules() -> None:
    (statement,) = deployed()["Resources"]["LostEventsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sorted(source["Fn::GetAtt"][0] for source in sources) == RULES


@pytest.mark.parametrize(
    ("key", "starts"),
    [
        ("models/churn/1/model.tar.gz", True),
        ("models/churn/1/output/model.tar.gz", True),
        ("models/churn/1/release.yaml", True),
        ("models/churn/release.json", True),
        ("models/model.tar.gz", True),
        ("models/churn/1/output/output.tar.gz", True),
        ("models/churn/1/notes.yaml", False),
        ("frozen/sha256/ab/model.tar.gz", False),
        ("reports/churn/r/report.json", False),
    ],
)
def test_a_drop_starts_the_machine_when_its_key_is_one_of_an_artifact_or_a_spec(key: str, starts: bool) -> None:
    detail = of_type("AWS::Events::Rule")["ReleaseStateMachineDrop"]["Properties"]["EventPattern"]["detail"]
    assert detail["bucket"]["name"] == [{"Ref": "ArtifactBucket"}]
    assert any(fnmatchcase(key, matcher["wildcard"]) for matcher in detail["object"]["key"]) is starts


def test_the_machine_is_started_by_a_request_too() -> None:
    pattern = of_type("AWS::Events::Rule")["ReleaseStateMachineRequest"]["Properties"]["EventPattern"]
    assert pattern == {"source": ["slipway.releases"], "detail-type": ["Release Requested", "Release Approval"]}


def test_the_machine_is_started_by_an_approval_and_only_where_that_is_wanted() -> None:
    rule = of_type("AWS::Events::Rule")["ReleaseStateMachineApproval"]["Properties"]
    assert rule["EventPattern"]["detail-type"] == ["SageMaker Model Package State Change"]
    assert rule["EventPattern"]["detail"] == {"ModelApprovalStatus": ["Approved"]}
    assert rule["State"] == {"Fn::If": ["TakesApprovals", "ENABLED", "DISABLED"]}


def test_what_waits_is_woken_by_endpoints_deployments_and_ringing_alarms() -> None:
    rules = of_type("AWS::Events::Rule")
    assert rules["WakeFunctionEndpointChange"]["Properties"]["EventPattern"]["detail-type"] == [
        "SageMaker Endpoint State Change",
        "SageMaker Endpoint Deployment State Change",
    ]
    alarm = rules["WakeFunctionAlarmRinging"]["Properties"]["EventPattern"]
    assert (alarm["source"], alarm["detail"]) == (["aws.cloudwatch"], {"state": {"value": ["ALARM"]}})


def test_the_janitor_comes_every_minute_and_whenever_an_execution_of_ours_dies() -> None:
    rules = of_type("AWS::Events::Rule")
    assert rules["JanitorFunctionEveryMinute"]["Properties"]["ScheduleExpression"] == "rate(1 minute)"
    died = rules["JanitorFunctionReleaseDied"]["Properties"]["EventPattern"]["detail"]
    assert died["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert died["stateMachineArn"][0]["Fn::Sub"].endswith(":stateMachine:${AWS::StackName}-release")


def test_the_definition_is_json_since_the_local_cloud_reads_no_yaml() -> None:
    assert (
        written()["Resources"]["ReleaseStateMachine"]["Properties"]["DefinitionUri"] == "statemachine/release.asl.json"
    )
    assert json.loads(DEFINITION.read_text())["StartAt"]
