"""Who may do what: nothing that a step does not do, on nothing wider than it must be."""

import json

import pytest

from tests.template.cloud_template import (
    ROOT,
    actions,
    deployed,
    folder,
    functions,
    listed,
    managed,
    of_type,
    statements,
    text,
)
from tests.template.step_reach import reach

ROLES = sorted(of_type("AWS::IAM::Role"))
FUNCTIONS = sorted(functions())
AWS_MANAGED = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
}
WITHOUT_RESOURCE = {
    # CloudWatch shows composite alarms only to those who may describe all alarms.
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DescribeAlarmHistory",
    # These have no resource type in IAM.
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:PutMetricData",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "ecr:GetAuthorizationToken",
    "sagemaker:ListEndpoints",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
LEDGER = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"}
READ = {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
NEEDS = {
    "alarms.count": {"cloudwatch:GetMetricStatistics"},
    "alarms.hourly": {"cloudwatch:GetMetricStatistics"},
    "alarms.delete": {"cloudwatch:DeleteAlarms"},
    "alarms.describe": {"cloudwatch:DescribeAlarms"},
    "alarms.named": {"cloudwatch:DescribeAlarms"},
    "alarms.publish": {"cloudwatch:PutMetricData"},
    "alarms.put": {"cloudwatch:PutMetricAlarm"},
    "alarms.rang": {"cloudwatch:DescribeAlarmHistory"},
    "alarms.set_state": {"cloudwatch:SetAlarmState"},
    "announcer.announce": {"sns:Publish", "events:PutEvents"},
    "artifacts.children": {"s3:ListBucket"},
    "artifacts.delete": {"s3:DeleteObject"},
    "artifacts.freeze": READ | {"s3:PutObject", "s3:AbortMultipartUpload"},
    "artifacts.head": READ,
    "artifacts.read": READ,
    "artifacts.stream": READ,
    "artifacts.under": {"s3:ListBucketVersions"},
    "artifacts.written": {"s3:ListBucketVersions"},
    "artifacts.write": {"s3:PutObject"},
    "executions.life": {"states:DescribeExecution"},
    "executions.signal": {"states:SendTaskSuccess"},
    "executions.start": {"states:StartExecution"},
    "hosting.create_config": {"sagemaker:CreateEndpointConfig", "sagemaker:AddTags"},
    "hosting.create_endpoint": {"sagemaker:CreateEndpoint", "sagemaker:AddTags"},
    "hosting.create_model": {"sagemaker:CreateModel", "sagemaker:AddTags", "iam:PassRole"},
    "hosting.delete_config": {"sagemaker:DeleteEndpointConfig"},
    # Whoever deletes an endpoint deregisters what scales it (developer guide).
    "hosting.delete_endpoint": {"sagemaker:DeleteEndpoint", "application-autoscaling:DeregisterScalableTarget"},
    "hosting.delete_model": {"sagemaker:DeleteModel"},
    "hosting.describe_config": {"sagemaker:DescribeEndpointConfig"},
    "hosting.describe_endpoint": {"sagemaker:DescribeEndpoint"},
    "hosting.describe_model": {"sagemaker:DescribeModel"},
    "hosting.describe_package": {"sagemaker:DescribeModelPackage"},
    "hosting.invoke": {"sagemaker:InvokeEndpoint"},
    "hosting.endpoint_names": {"sagemaker:ListEndpoints"},
    "hosting.tag": {"sagemaker:AddTags"},
    "logs.lines": {"logs:FilterLogEvents"},
    "hosting.update_endpoint": {"sagemaker:UpdateEndpoint"},
    "scaling.deregister": {"application-autoscaling:DeregisterScalableTarget", "cloudwatch:DeleteAlarms"},
    "scaling.describe": {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
    },
    # Application Auto Scaling asks SageMaker, CloudWatch and IAM whether its caller may do there what it will do
    # (user guide, "Permissions validation"; SageMaker developer guide, "Auto scaling prerequisites").
    "scaling.register": {
        "application-autoscaling:RegisterScalableTarget",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "iam:CreateServiceLinkedRole",
    },
    "scaling.track": {
        "application-autoscaling:PutScalingPolicy",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DeleteAlarms",
    },
    "scaling.untrack": {"application-autoscaling:DeleteScalingPolicy", "cloudwatch:DeleteAlarms"},
    "parameters.read": {"ssm:GetParameter"},
    "signatures.verify": {"kms:Verify"},
}
"""What each question to a tool costs in permissions."""


def waiting_functions() -> set[str]:
    states = json.loads((ROOT / "statemachine/release.asl.json").read_text())["States"].values()
    waiting = [state for state in states if state.get("Resource", "").endswith(".waitForTaskToken")]
    return {state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}") for state in waiting}


def needed(function: str) -> set[str]:
    """Give what a function has to be allowed, from what its step asks of the world."""
    asked = reach(folder(function))
    found = set().union(*(NEEDS[question] for question in asked if not question.startswith("ledger.")))
    if function in waiting_functions():
        found |= NEEDS["executions.signal"]
    if function in ("WakeFunction", "JanitorFunction"):
        found |= {"sqs:SendMessage"}
    return found | LEDGER


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_exactly_what_its_step_does(function: str) -> None:
    assert actions(f"{function}Role") == needed(function)


def test_only_who_looks_for_open_releases_reads_their_index() -> None:
    readers = {
        function
        for function in FUNCTIONS
        if any(
            text(resource).endswith("/index/open")
            for s in statements(f"{function}Role")
            for resource in listed(s["Resource"])
        )
    }
    assert readers == {function for function in FUNCTIONS if "ledger.open_releases" in reach(folder(function))}


@pytest.mark.parametrize("role", ROLES)
def test_no_statement_allows_everything_of_a_service(role: str) -> None:
    assert not [action for action in actions(role) if "*" in action]
    assert all(statement["Effect"] == "Allow" for statement in statements(role))


@pytest.mark.parametrize("role", ROLES)
def test_only_what_cannot_be_narrowed_is_allowed_on_every_resource(role: str) -> None:
    wide = [statement for statement in statements(role) if "*" in listed(statement["Resource"])]
    assert {action for statement in wide for action in listed(statement["Action"])} <= WITHOUT_RESOURCE


def test_the_list_of_what_cannot_be_narrowed_holds_nothing_that_nobody_uses() -> None:
    used = {
        action
        for role in ROLES
        for s in statements(role)
        if "*" in listed(s["Resource"])
        for action in listed(s["Action"])
    }
    assert used == WITHOUT_RESOURCE


@pytest.mark.parametrize("role", ROLES)
def test_metrics_are_published_to_a_named_namespace_only(role: str) -> None:
    for statement in statements(role):
        if "cloudwatch:PutMetricData" in listed(statement["Action"]):
            assert "cloudwatch:namespace" in str(statement["Condition"])


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_managed_policy_of_aws_but_those_for_logs_and_traces(role: str) -> None:
    assert {attached for attached in managed(role) if isinstance(attached, str)} <= AWS_MANAGED


def test_source_buckets_are_read_by_who_reads_drops_and_by_nobody_else() -> None:
    attached = {role for role in ROLES if {"Ref": "SourcePolicy"} in managed(role)}
    assert attached == {"ReadReleaseFunctionRole", "VerifyArtifactFunctionRole"}


def test_one_function_may_pass_one_role_to_one_service() -> None:
    passing = [
        (role, statement)
        for role in ROLES
        for statement in statements(role)
        if "iam:PassRole" in listed(statement["Action"])
    ]
    ((role, statement),) = passing
    assert role == "CreateModelFunctionRole"
    assert statement["Resource"] == {"Fn::GetAtt": ["ModelExecutionRole", "Arn"]}
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "ModelExecutionRole"])
def test_what_is_removed_from_sagemaker_was_made_by_a_release(role: str) -> None:
    for statement in statements(role):
        if any(action.startswith("sagemaker:Delete") for action in listed(statement["Action"])):
            assert statement["Condition"] == {"StringLike": {"aws:ResourceTag/slipway:release": "*"}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_changed_in_sagemaker_has_the_prefix_that_was_chosen(function: str) -> None:
    for statement in statements(f"{function}Role"):
        changing = [
            action
            for action in listed(statement["Action"])
            if action.startswith("sagemaker:") and not action.startswith(("sagemaker:Describe", "sagemaker:List"))
        ]
        for resource in listed(statement["Resource"]) if changing else []:
            kind = text(resource).split(":")[-1]
            foreign_config = kind == "endpoint-config/*" and changing == ["sagemaker:UpdateEndpoint"]
            assert kind.endswith("/${EndpointPrefix}*") or foreign_config


@pytest.mark.parametrize("function", FUNCTIONS)
def test_alarms_are_changed_only_where_slipway_made_them(function: str) -> None:
    changes = {"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:SetAlarmState"}
    for statement in statements(f"{function}Role"):
        if changes & set(listed(statement["Action"])):
            ours = (":alarm:slipway-*", ":alarm:TargetTracking-endpoint/${EndpointPrefix}*")
            assert text(statement["Resource"]).endswith(ours)


@pytest.mark.parametrize("role", ROLES)
def test_scaling_is_for_sagemaker_alone_and_makes_one_role(role: str) -> None:
    for statement in statements(role):
        changes = [action for action in listed(statement["Action"]) if action.startswith("application-autoscaling:")]
        if changes and not all(":Describe" in action for action in changes):
            assert statement["Condition"] == {
                "StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}
            }
        if "iam:CreateServiceLinkedRole" in listed(statement["Action"]):
            service = "sagemaker.application-autoscaling.amazonaws.com"
            assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": service}}
            assert f"/{service}/" in text(statement["Resource"])


def test_events_are_put_on_the_default_bus_in_slipways_name_only() -> None:
    putting = [s for role in ROLES for s in statements(role) if "events:PutEvents" in listed(s["Action"])]
    assert putting
    for statement in putting:
        assert text(statement["Resource"]).endswith(":event-bus/default")
        assert statement["Condition"] == {"StringEquals": {"events:source": "slipway"}}


def test_every_write_to_the_bucket_goes_to_one_folder() -> None:
    folders = {
        (role, text(resource))
        for role in ROLES
        for statement in statements(role)
        if "s3:PutObject" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert folders == {
        ("VerifyArtifactFunctionRole", "${ArtifactBucket.Arn}/frozen/*"),
        ("CreateConfigFunctionRole", "${ArtifactBucket.Arn}/reports/*"),
        ("CloseReleaseFunctionRole", "${ArtifactBucket.Arn}/reports/*"),
        ("ModelExecutionRole", "${ArtifactBucket.Arn}/captured/*"),
    }


def test_the_model_runs_under_a_role_that_sagemaker_takes_for_this_account_only() -> None:
    (trust,) = deployed()["Resources"]["ModelExecutionRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_model_reads_verified_bytes_only_and_writes_nothing_but_logs_metrics_and_captured_traffic() -> None:
    reading = [s for s in statements("ModelExecutionRole") if "s3:GetObject" in listed(s["Action"])]
    assert [text(statement["Resource"]) for statement in reading] == ["${ArtifactBucket.Arn}/frozen/*"]
    verbs = ("Put", "Delete", "Update", "Create", "Start", "Invoke", "Publish", "Send", "Pass")
    writing = {action for action in actions("ModelExecutionRole") if action.split(":")[1].startswith(verbs)}
    logs = {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert writing == logs | {"cloudwatch:PutMetricData", "s3:PutObject"}


def test_a_guardrail_can_read_its_alarms_with_the_models_role() -> None:
    assert "cloudwatch:DescribeAlarms" in actions("ModelExecutionRole")


@pytest.mark.parametrize("rule", sorted(of_type("AWS::Lambda::Permission")))
def test_a_function_is_invoked_by_its_own_rule_only(rule: str) -> None:
    permission = of_type("AWS::Lambda::Permission")[rule]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": [rule.removesuffix("Permission"), "Arn"]}


def test_a_role_that_lists_under_a_condition_lists_what_it_needs_and_no_more() -> None:
    """A condition in the wrong role would go unseen: the actions alone are the same."""
    found = {
        role: listed(statement["Condition"]["StringLike"]["s3:prefix"])
        for role in ROLES
        for statement in statements(role)
        if "s3:prefix" in statement.get("Condition", {}).get("StringLike", {})
    }
    assert found == {"ModelExecutionRole": ["frozen/*"], "JanitorFunctionRole": ["frozen/*", "models/*"]}
