"""Somebody who means harm, and what has to hold whatever they do."""

import contextlib
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from slipway.release.phases import Phase
from slipway.release.release import Live, Release
from slipway.release.verdicts import Answer, Outcome
from tests.scenarios.one_story import assert_one_story
from tests.scenarios.person import LOOK_EVERY, Person, until

GRACE_SECONDS = 10.0
"""How long the last step of a release may take after its outcome is written."""


def processes() -> Iterator[tuple[int, str]]:
    """Give what runs on this machine: process id, and where it works or what it was started with."""
    if Path("/proc").is_dir():
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                yield int(entry.name), str((entry / "cwd").readlink())
        return
    listing = ["ps", "-axww", "-o", "pid=,args="]
    listed = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    yield from ((int(line.split()[0]), line) for line in listed)


class Attacker(Person):
    """A person with a hammer: plans faults, stops executions, changes endpoints behind Slipway's back."""

    def __init__(self, url: str, outputs: dict[str, str], examples: dict[str, Path], state: Path) -> None:
        super().__init__(url, outputs, examples)
        self._state = state

    def kill(self, function: str) -> None:
        """Kill what runs a function of this cloud, as a host that goes down does."""
        mark = f"-lambda-slipway-{function}-"
        found = [pid for pid, place in processes() if f"{self._state}/" in place and mark in place]
        assert found, f"nothing runs {function}"
        for process in found:
            os.kill(process, signal.SIGKILL)

    def plan(self, kind: str, **fault: Any) -> str:
        """Plan a fault of the hosting service; returns its id."""
        answer = self._door("POST", {"kind": kind, **fault})
        return str(answer["id"])

    def await_strike(self, fault: str) -> None:
        """Wait until a planned fault has struck."""

        def struck() -> bool:
            return any(planned["id"] == fault and planned["chances"] for planned in self._door("GET")["faults"])

        until(struck, f"{fault} to strike")

    def heal(self) -> None:
        """Forget every fault."""
        self._door("DELETE")

    def _door(self, method: str, fault: dict[str, Any] | None = None) -> dict[str, Any]:
        body = json.dumps(fault).encode() if fault else None
        request = urllib.request.Request(f"{self.url}/_drydock/faults", body, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the loopback
            read: dict[str, Any] = json.loads(answer.read())
        return read

    def request(self, **detail: str) -> None:
        """Put a `Release Requested` event."""
        entry = {"Source": "slipway.releases", "DetailType": "Release Requested", "Detail": json.dumps(detail)}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def announce(self, key: str, version: str = "") -> None:
        """Deliver the event of an upload once more, or of one that never was."""
        thing = {"key": key, **({"version-id": version} if version else {})}
        detail = {"bucket": {"name": self.bucket}, "object": thing}
        event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
        self._executions.start_execution(stateMachineArn=self.machine, input=json.dumps(event))

    def reached(self, endpoint: str, phase: Phase, since: str = "") -> Release:
        """Wait until the newest open release of an endpoint, claimed later than another one, has begun a phase."""
        after = self.ledger.release(since).requested_at if since else ""

        def seen() -> Release | None:
            found = [r for r in self.ledger.open_releases() if r.endpoint == endpoint and r.requested_at > after]
            release = self.ledger.release(found[-1].id) if found else None
            return release if release and phase in release.phases else None

        found: Release = until(seen, f"{endpoint} to reach {phase.state}")
        return found

    def stop(self, execution: str) -> None:
        """Abort an execution, as an operator does in the console."""
        self._executions.stop_execution(executionArn=execution)

    def ended(self, endpoint: str, count: int = 1) -> list[Release]:
        """Wait until so many releases of an endpoint have ended and nothing of it is open; newest first."""

        def seen() -> list[Release] | None:
            history = self.ledger.history(endpoint)
            is_open = any(release.endpoint == endpoint for release in self.ledger.open_releases())
            if is_open or len(history) < count:
                return None
            past = [self.ledger.release(line["release"]) for line in history]
            return sorted(past, key=lambda release: release.requested_at, reverse=True)

        ended: list[Release] = until(seen, f"{count} releases of {endpoint} to end", every=LOOK_EVERY)
        return ended

    def release_1(self, endpoint: str) -> Live:
        """Make version 1 live."""
        release = self.release_of(self.drop("good", endpoint, "1"))
        assert release.outcome is Outcome.LIVE, release.reason
        return self.live(endpoint)

    def alarms(self, endpoint: str) -> list[str]:
        """Name the alarms that were made for an endpoint's releases."""
        found = self.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"slipway-{endpoint}-")
        return [alarm["AlarmName"] for alarm in found["MetricAlarms"]]

    def configs(self, endpoint: str) -> list[str]:
        """Name the configs of an endpoint's releases."""
        found = self.sagemaker.list_endpoint_configs(NameContains=f"{endpoint}-", MaxResults=100)
        return [config["EndpointConfigName"] for config in found["EndpointConfigs"]]

    def models(self, endpoint: str) -> list[str]:
        """Name the models of an endpoint's releases."""
        found = self.sagemaker.list_models(NameContains=f"{endpoint}-", MaxResults=100)
        return [model["ModelName"] for model in found["Models"]]

    def exists(self, endpoint: str) -> bool:
        """Whether there is such an endpoint."""
        found = self.sagemaker.list_endpoints(NameContains=endpoint, MaxResults=100)["Endpoints"]
        return endpoint in [one["EndpointName"] for one in found]

    def _is_forgotten(self, release: str) -> bool:
        return not self.ledger.tokens(release)

    def assert_all_is_well(self, endpoint: str) -> None:
        """Hold the invariants: turn free, alarms gone, nobody waits, ledger, machine and endpoint say the same."""
        until(lambda: not self._open(endpoint), f"every release of {endpoint} to be closed", GRACE_SECONDS)
        turn = self.ledger.turn(endpoint)
        assert turn is None or not turn.holder, f"the turn of {endpoint} is still with {turn.holder}"
        assert self.alarms(endpoint) == []
        for line in self.ledger.history(endpoint):
            release = self.ledger.release(line["release"])
            assert (line["outcome"], line["reason"]) == (release.outcome, release.reason)
            until(partial(self._is_forgotten, release.id), f"nobody to wait for {release.id}")
            self._assert_execution_agrees(release)
        self._assert_endpoint_agrees(endpoint)

    def _open(self, endpoint: str) -> list[str]:
        return [release.id for release in self.ledger.open_releases() if release.endpoint == endpoint]

    def _assert_execution_agrees(self, release: Release) -> None:
        ended = self.execution(release.execution)
        assert release.outcome is not None
        if ended["status"] == "ABORTED":
            assert release.answer(Phase.CLOSE_RELEASE) is Answer.CLOSED
        else:
            assert_one_story(self, release, disturbed=True)

    def _assert_endpoint_agrees(self, endpoint: str) -> None:
        """What serves is what the ledger calls live, and no config or model lies about that nobody goes back to."""
        live = self.ledger.live(endpoint)
        past = [self.ledger.release(line["release"]) for line in self.ledger.history(endpoint)]
        if any(release.outcome is Outcome.NEEDS_HUMAN for release in past):
            return
        assert self.exists(endpoint) is (live is not None)
        once_live = {r.fact(Phase.CREATE_CONFIG, "config") for r in past if r.outcome is Outcome.LIVE}
        assert set(self.configs(endpoint)) <= once_live
        if live is not None:
            assert self.serving(endpoint) == live.config
