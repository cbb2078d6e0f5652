"""Five hundred deployments one after the other: nothing is left of them."""

import asyncio
import gc
import json
import sys
from typing import Any

from hosting_support import ROLE, FakeInstance, FakeLauncher, FakeSurroundings, all_at_once, production_variant, rolling

from drydock.sagemaker.service import HostingService
from drydock.sagemaker.surroundings import ContainerSpec

DEPLOYMENTS = 500
FIRST = 100
"""Deployments after which everything that is made once has been made."""


class ForgetfulLauncher(FakeLauncher):
    """Keeps no list of what it started."""

    async def launch(self, spec: ContainerSpec) -> FakeInstance:
        self.instances = [instance for instance in self.instances if not instance.stopped]
        return await super().launch(spec)


class Soak:
    """The service, called without a network."""

    def __init__(self) -> None:
        self.launcher = ForgetfulLauncher()
        self.surroundings = FakeSurroundings()
        self.service = HostingService(self.launcher, self.surroundings, scale=6000.0)

    async def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"SageMaker.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        status, _, body = await self.service.handle("POST", "/", headers, json.dumps(request).encode(), {})
        assert status == 200, body
        return dict(json.loads(body)) if body else {}

    async def config(self, name: str) -> None:
        container = {"Image": "model:good", "ModelDataUrl": "s3://artifacts/model.tar.gz"}
        await self.ask("CreateModel", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        variants = [production_variant(name, 2)]
        await self.ask("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants)

    async def drop(self, name: str) -> None:
        await self.ask("DeleteEndpointConfig", EndpointConfigName=name)
        await self.ask("DeleteModel", ModelName=name)

    async def settled(self, name: str) -> str:
        while True:
            seen = await self.ask("DescribeEndpoint", EndpointName=name)
            if seen["EndpointStatus"] not in ("Creating", "Updating"):
                return str(seen["EndpointConfigName"])
            await asyncio.sleep(0.001)

    async def deploy(self, number: int) -> None:
        """Deploy a new configuration in one of several ways, answer a request and clean up."""
        new, old = f"c-{number}", f"c-{number - 1}"
        await self.config(new)
        self.surroundings.alarms["guard"] = "ALARM" if number % 5 == 4 else "OK"
        policy = [all_at_once(6, "guard"), rolling(1, 6, 0, "guard")][number % 2]
        await self.ask("UpdateEndpoint", EndpointName="e", EndpointConfigName=new, DeploymentConfig=policy)
        expected = old if number % 5 == 4 else new
        assert await self.settled("e") == expected
        status, _, body = await self.service.handle("POST", "/endpoints/e/invocations", {}, b"x", {})
        assert (status, body) == (200, b"x")
        if expected == old:
            await self.ask("UpdateEndpoint", EndpointName="e", EndpointConfigName=new)
            assert await self.settled("e") == new
        await self.drop(old)

    async def size(self) -> dict[str, int]:
        """Count what could grow."""
        while self.service._driver._retiring:
            await asyncio.sleep(0.001)
        self.surroundings.events.clear()
        self.surroundings.metrics.clear()
        state, driver, runtime = self.service.state, self.service._driver, self.service._runtime
        addresses = runtime.queues._addresses
        return {
            "tasks": len(asyncio.all_tasks()),
            "instances": len(self.launcher.running()),
            "fleets": len(driver._running),
            "struck": len(driver._struck),
            "resources": len(state.models) + len(state.configs) + len(state.endpoints) + len(state.tags),
            "outbox": len(state.outbox),
            "splitters": len(addresses._splitters),
            "sessions": len(addresses.sessions._open),
            "queues": len(runtime.queues._queues),
        }


async def soak() -> tuple[dict[str, int], dict[str, int], int]:
    """Run all deployments.

    Returns:
        The sizes after the first ones and after all, and the pieces of memory that were added between.
    """
    house = Soak()
    try:
        await house.config("c-0")
        await house.ask("CreateEndpoint", EndpointName="e", EndpointConfigName="c-0")
        await house.settled("e")
        for number in range(1, FIRST + 1):
            await house.deploy(number)
        first = await house.size()
        gc.collect()
        before = sys.getallocatedblocks()
        for number in range(FIRST + 1, DEPLOYMENTS + 1):
            await house.deploy(number)
        last = await house.size()
        gc.collect()
        return first, last, sys.getallocatedblocks() - before
    finally:
        await house.service.close()


def test_five_hundred_deployments_leave_nothing_behind() -> None:
    first, last, grown = asyncio.run(soak())
    assert first == last
    assert grown < DEPLOYMENTS - FIRST, f"a deployment keeps {grown / (DEPLOYMENTS - FIRST):.1f} pieces of memory"
