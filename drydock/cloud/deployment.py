"""Deploy a stack to the local cloud with the real SAM, and start its functions beforehand."""

import json
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from drydock.cloud.folder import Cloud, CloudError, Folder
from drydock.cloud.lifecycle import Say, silent
from drydock.cloud.sources import Record, fingerprint
from drydock.ministack.environment import DUMMY, REGION

STACK = "slipway"
WARM = "/_drydock/warm"
"""Where a local cloud is asked to start beforehand what it forks containers from."""
_WARM_THREADS = 2
_LOG_LINES = 30


def deploy(
    cloud: Cloud,
    root: Path | None = None,
    stack: str = STACK,
    say: Say = silent,
    parameters: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Build and deploy the template with the `local` section of its samconfig.toml, unless nothing has changed since.

    Args:
        cloud: where to.
        root: the folder of template.yaml; default the checkout the cloud was started for.
        stack: the stack's name.
        say: hears the progress.
        parameters: of the stack, over those of that section.

    Returns:
        The outputs of the stack.

    Raises:
        CloudError: SAM failed; the message holds the end of what it said.
    """
    source, build = root or Path(cloud.root), Folder(Path(cloud.state)).build
    overrides = _overrides(source, parameters or {})
    record, now = Record(client(cloud, "ssm"), stack), " ".join([fingerprint(source), *overrides[1:]])
    if record.read() == now:
        say("The stack is deployed as it is in this folder")
        return outputs(cloud, stack)
    record.clear()
    say("Building the stack")
    _sam(cloud, source, "build", "--build-dir", str(build))
    say("Deploying the stack")
    template = str(build / "template.yaml")
    _sam(cloud, source, "deploy", "--template-file", template, "--stack-name", stack, "--region", REGION, *overrides)
    record.write(now)
    return outputs(cloud, stack)


def outputs(cloud: Cloud, stack: str = STACK) -> dict[str, str]:
    """Give the outputs of a deployed stack by name."""
    found = client(cloud, "cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def warm(cloud: Cloud, stack: str = STACK, say: Say = silent) -> None:
    """Let what is needed later run already: containers' zygote, and each function by invoking it with {"warm": true}.

    Raises:
        CloudError: functions that failed, each with what it said.
    """
    say("Starting the functions")
    with urllib.request.urlopen(f"{cloud.endpoint}{WARM}", b"", timeout=10):  # noqa: S310 - the loopback
        pass  # it goes on beside the functions
    functions = client(cloud, "lambda")

    def invoke(name: str) -> str:
        answer = functions.invoke(FunctionName=name, Payload=b'{"warm": true}')
        said = answer["Payload"].read().decode()
        return f"{name}: {json.loads(said).get('errorMessage', said)}" if "FunctionError" in answer else ""

    with ThreadPoolExecutor(_WARM_THREADS) as pool:
        failures = [failure for failure in pool.map(invoke, _function_names(cloud, stack)) if failure]
    if failures:
        raise CloudError("Functions that do not start:\n" + "\n".join(failures))


def client(cloud: Cloud, service: str) -> Any:
    """Make a boto3 client that talks to this cloud, whatever the caller's own settings are."""
    config = Config(read_timeout=120, retries={"max_attempts": 1}, inject_host_prefix=False)
    return _session().client(service, endpoint_url=cloud.endpoint, config=config)  # type: ignore[call-overload]


@cache
def _session() -> boto3.Session:
    """Give the session of all clients: each session would read AWS's endpoints and service models anew."""
    return boto3.Session(aws_access_key_id=DUMMY, aws_secret_access_key=DUMMY, region_name=REGION)


def _overrides(source: Path, parameters: Mapping[str, str]) -> list[str]:
    """Give SAM's option for parameters, which replaces the whole list of its configuration; nothing for none."""
    if not parameters:
        return []
    config = tomllib.loads((source / "samconfig.toml").read_text())
    configured = config["local"]["deploy"]["parameters"].get("parameter_overrides", [])
    return ["--parameter-overrides", *configured, *(f"{name}={value}" for name, value in parameters.items())]


def _function_names(cloud: Cloud, stack: str) -> Iterator[str]:
    pages = client(cloud, "cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                yield resource["PhysicalResourceId"]


def _sam(cloud: Cloud, source: Path, verb: str, *options: str) -> None:
    command = [str(Path(sys.executable).parent / "sam"), verb, "--config-env", "local"]
    command += ["--config-file", str(source / "samconfig.toml"), *options]
    # SAM leaves temporary folders and its settings behind; in the cloud's own folder they go when it stops.
    temporary = str(Folder(Path(cloud.state)).temporary)
    own = {"LAYER_TARGET": "host", "TMPDIR": temporary, "__SAM_CLI_APP_DIR": temporary}
    done = subprocess.run(  # noqa: S603 - the sam of our own environment
        command,
        cwd=source,
        env=cloud.environment() | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LOG_LINES:])
        raise CloudError(f"sam {verb} failed:\n{tail}")
