"""The functions of the template: each stands alone, with its own role, log group and time limit."""

import json
import re

import pytest

from tests.template.cloud_template import ROOT, deployed, folder, functions, of_type, written

SETTINGS = {
    "SLIPWAY_LEDGER_TABLE",
    "SLIPWAY_ARTIFACT_BUCKET",
    "SLIPWAY_SOURCE_BUCKETS",
    "SLIPWAY_MODEL_ROLE_ARN",
    "SLIPWAY_TOPIC_ARN",
    "SLIPWAY_STATE_MACHINE_ARN",
    "SLIPWAY_DEFAULT_IMAGE",
    "SLIPWAY_DEFAULT_INSTANCE_TYPE",
    "SLIPWAY_DEFAULT_INSTANCE_COUNT",
    "SLIPWAY_DEFAULT_SUBNETS",
    "SLIPWAY_DEFAULT_SECURITY_GROUPS",
    "SLIPWAY_MODELS_IN_VPC",
    "SLIPWAY_DEFAULT_BAKE_SECONDS",
    "SLIPWAY_DEFAULT_WATCH_SECONDS",
    "SLIPWAY_ENDPOINT_DEADLINE_SECONDS",
    "SLIPWAY_KEEP_RELEASES",
    "SLIPWAY_ENDPOINT_PREFIX",
    "SLIPWAY_ALLOWED_IMAGES",
    "SLIPWAY_IMAGE_DIGEST_REQUIRED",
    "SLIPWAY_ALLOWED_INSTANCE_TYPES",
    "SLIPWAY_MAX_INSTANCES",
    "SLIPWAY_NETWORK_ISOLATION_REQUIRED",
    "SLIPWAY_PICKLES",
    "SLIPWAY_APPROVAL_REQUIRED",
    "SLIPWAY_APPROVAL_BY_ANOTHER",
    "SLIPWAY_POLICY_PARAMETER",
    "SLIPWAY_SIGNING_KEYS",
}
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
FUNCTIONS = sorted(functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_that_no_other_has(name: str) -> None:
    role = functions()[name]["Role"]
    assert role == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_writes_json_to_its_own_log_group_which_is_kept_for_a_while(name: str) -> None:
    logging = functions()[name]["LoggingConfig"]
    group = name.replace("Function", "LogGroup")
    assert (logging["LogFormat"], logging["LogGroup"]) == ("JSON", {"Ref": group})
    properties = deployed()["Resources"][group]["Properties"]
    assert properties["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert properties["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{functions()[name]['FunctionName']['Fn::Sub']}"


def test_no_log_filter_of_lambda_can_drop_the_metrics() -> None:
    assert {function["LoggingConfig"]["ApplicationLogLevel"] for function in functions().values()} == {"DEBUG"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_limited_traced_and_runs_python_3_13_on_arm64_with_the_layer(name: str) -> None:
    function = functions()[name]
    assert 3 < function["Timeout"] <= 900
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    (layer,) = function["Layers"]
    assert layer["Ref"] in of_type("AWS::Lambda::LayerVersion")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_lies_in_the_folder_of_its_name_and_is_not_built(name: str) -> None:
    source = written()["Resources"][name]
    assert source["Properties"]["CodeUri"] == f"functions/{folder(name)}/"
    assert source["Metadata"] == {"SkipBuild": True}
    assert functions()[name]["Handler"] == "app.lambda_handler"
    assert functions()[name]["FunctionName"]["Fn::Sub"] == "${AWS::StackName}-" + folder(name).replace("_", "-")


def test_every_function_folder_is_deployed_and_no_other() -> None:
    there = {path.parent.name for path in ROOT.glob("functions/*/app.py")}
    assert there == {folder(name) for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_environment_holds_exactly_what_settings_and_powertools_read(name: str) -> None:
    assert set(functions()[name]["Environment"]["Variables"]) == SETTINGS | POWERTOOLS


def test_slipway_reads_no_setting_that_the_template_does_not_set() -> None:
    source = (ROOT / "layers/slipway/slipway/settings.py").read_text()
    read = {f"SLIPWAY_{name}" for name in re.findall(r'_(?:read|list)\("(\w+)"\)', source)}
    assert read
    assert read <= SETTINGS


def test_a_plain_task_outlives_its_function_so_that_a_retry_never_runs_beside_it() -> None:
    states = json.loads((ROOT / "statemachine/release.asl.json").read_text())["States"]
    plain = {name: state for name, state in states.items() if state.get("Resource", "").endswith("lambda:invoke")}
    assert plain
    for name, state in plain.items():
        function = state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("Arn}")
        assert functions()[function]["Timeout"] <= state["TimeoutSeconds"], name


def test_the_smoke_has_time_for_several_invocations_of_a_minute_each() -> None:
    assert functions()["RunSmokeInvocationsFunction"]["Timeout"] >= 300


@pytest.mark.parametrize("name", ["WakeFunction", "JanitorFunction"])
def test_what_is_invoked_by_an_event_keeps_the_event_when_it_keeps_failing(name: str) -> None:
    assert functions()[name]["DeadLetterConfig"] == {"TargetArn": {"Fn::GetAtt": ["LostEventsQueue", "Arn"]}}
