"""An instance of several containers: a pipeline, or containers that are called directly.

Source: developer guide, "Host models along with pre-processing logic as serial inference pipeline" and "Multi-container
endpoints". Inferred: only the last container of a pipeline gets the caller's Accept, all of them its custom attributes;
the time of an invocation is that of all containers together.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drydock.sagemaker.answers import ContainerAnswer, ContainerCall, ContainerStream
from drydock.sagemaker.fleets.multi_model import TARGET_MODEL
from drydock.sagemaker.surroundings import Instance

TARGET_CONTAINER = "X-Amzn-SageMaker-Target-Container-Hostname"


@dataclass(frozen=True)
class Member:
    """One container of an instance."""

    hostname: str
    instance: Instance
    multi_model: bool = False


class Ensemble:
    """Several containers that make one instance; an `Instance` of the surroundings.

    Args:
        members: its containers, in the order of a pipeline.
        direct: whether requests name the one that is to answer.
    """

    def __init__(self, members: Sequence[Member], *, direct: bool) -> None:
        self._members = members
        self._direct = direct
        self._healthy = [True] * len(members)

    @property
    def alive(self) -> bool:
        """Whether all of them run."""
        return all(member.instance.alive for member in self._members)

    async def ping(self) -> bool:
        """Ask each of them."""
        self._healthy = await asyncio.gather(*(member.instance.ping() for member in self._members))
        return all(self._healthy)

    @property
    def culprit(self) -> str:
        """The hostname of the first that does not run or did not answer its last ping; empty where all are well."""
        seen = zip(self._members, self._healthy, strict=True)
        return next((member.hostname for member, well in seen if not well or not member.instance.alive), "")

    async def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerAnswer:
        """Send the request to the container it names, or through all of them."""
        ends = time.perf_counter() + timeout
        *before, last = self._called(headers)
        passed = await self._pass_through(before, ContainerAnswer(200, body, _type_of(headers)), headers, ends)
        if not _is_good(passed):
            return passed
        return await self._call(last, passed, _for_last(headers, passed, last), ends)

    async def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> ContainerStream:
        """Do the same, and give the answer of the last container while it comes."""
        ends = time.perf_counter() + timeout
        *before, last = self._called(headers)
        passed = await self._pass_through(before, ContainerAnswer(200, body, _type_of(headers)), headers, ends)
        if not _is_good(passed):
            return ContainerStream.of(passed)
        began = time.perf_counter()
        coming = await last.instance.stream(passed.body, _for_last(headers, passed, last), ends - began)
        call = ContainerCall(last.hostname, coming.status, time.perf_counter() - began)
        return replace(coming, calls=(*passed.calls, call), loading=passed.loading or coming.loading)

    async def stop(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(member.instance.stop() for member in self._members))

    def _called(self, headers: Mapping[str, str]) -> list[Member]:
        if not self._direct:
            return list(self._members)
        return [member for member in self._members if member.hostname == headers[TARGET_CONTAINER]]

    async def _pass_through(
        self, members: Sequence[Member], passed: ContainerAnswer, headers: Mapping[str, str], ends: float
    ) -> ContainerAnswer:
        for member in members:
            sent = {name: value for name, value in _for_last(headers, passed, member).items() if name != "Accept"}
            passed = await self._call(member, passed, sent, ends)
            if not _is_good(passed):
                break
        return passed

    async def _call(
        self, member: Member, passed: ContainerAnswer, headers: Mapping[str, str], ends: float
    ) -> ContainerAnswer:
        began = time.perf_counter()
        answer = await member.instance.invoke(passed.body, headers, max(ends - began, 0.0))
        call = ContainerCall(member.hostname, answer.status, time.perf_counter() - began)
        return replace(answer, calls=(*passed.calls, call), loading=passed.loading or answer.loading)


def _for_last(headers: Mapping[str, str], passed: ContainerAnswer, member: Member) -> dict[str, str]:
    """Give the headers for a container: the type is that of what is passed on."""
    own = {TARGET_CONTAINER, "Content-Type", *(() if member.multi_model else (TARGET_MODEL,))}
    return {**{name: value for name, value in headers.items() if name not in own}, **_type_of(passed.headers)}


def _type_of(headers: Mapping[str, str]) -> dict[str, str]:
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return {"Content-Type": found} if found else {}


def _is_good(answer: ContainerAnswer) -> bool:
    return 200 <= answer.status < 300
