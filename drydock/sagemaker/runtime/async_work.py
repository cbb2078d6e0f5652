"""What becomes of one asynchronous request: fetched, answered by a model, written to S3, told to a topic.

Source: developer guide, "Check prediction results" (the notification) and "Monitor asynchronous endpoints" (the
metrics). The failure reason of a model's error is as in notifications that users have shown; the others are inferred.
"""

import asyncio
import base64
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.place import Place, split_s3
from drydock.sagemaker.runtime.addressing import Address
from drydock.sagemaker.runtime.async_requests import LONGEST_ANSWER, AsyncRequest
from drydock.sagemaker.runtime.measuring import NAMESPACE
from drydock.sagemaker.runtime.sending import send
from drydock.sagemaker.surroundings import Now, Surroundings

LARGEST_IN_NOTICE = 128 * 1024
"""Bytes of an answer that a notification may carry."""


@dataclass(frozen=True)
class _End:
    """How a request ended."""

    reason: str = ""
    """Why it failed; empty when it went well."""
    answer: ContainerAnswer | None = None


class AsyncWork:
    """Works requests off, one at a time for each call.

    Args:
        surroundings: S3, topics, metrics, logs.
        place: whose endpoints they are.
        now: the clock, seconds since the epoch.
    """

    def __init__(self, surroundings: Surroundings, place: Place, now: Now) -> None:
        self._surroundings = surroundings
        self._place = place
        self._now = now

    async def do(self, job: AsyncRequest, address: Address) -> None:
        """Work a request off.

        Args:
            job: the request.
            address: where it goes; an instance has been picked.
        """
        variant = address.way.variant.name
        self._count(job, variant, "TimeInBacklog", (self._now() - job.received) * 1e6, "Microseconds")
        await self._finish(job, variant, await self._answer(job, address))

    async def expire(self, job: AsyncRequest, variant: str) -> None:
        """End a request that has waited too long."""
        self._count(job, variant, "ExpiredRequests", 1.0)
        await self._finish(job, variant, _End("ClientError: The request expired before it was processed."))

    async def _answer(self, job: AsyncRequest, address: Address) -> _End:
        variant = address.way.variant.name
        try:
            body = await self._input(job, variant)
        except OSError:
            self._count(job, variant, "RequestDownloadFailures", 1.0)
            return _End(f"ClientError: Failed to download the request payload from {job.request['InputLocation']}.")
        if address.picked is None:
            return _End("ServerError: No healthy instance is there.")
        began = time.perf_counter()
        timeout = float(job.request.get("InvocationTimeoutSeconds", LONGEST_ANSWER))
        request = {**job.request, "InferenceId": job.id, "Body": body}
        answer = await send(address.picked, request, timeout)
        self._count(job, variant, "ModelLatency", (time.perf_counter() - began) * 1e6, "Microseconds")
        self._count(job, variant, "Invocation4XXErrors", float(400 <= answer.status < 500), "None")
        self._count(job, variant, "Invocation5XXErrors", float(500 <= answer.status < 600), "None")
        return await self._kept(job, variant, answer)

    async def _input(self, job: AsyncRequest, variant: str) -> bytes:
        if "Body" in job.request:
            return bytes(job.request["Body"])
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="drydock-async-") as folder:
            file = Path(folder, "input")
            await self._surroundings.fetch(*split_s3(job.request["InputLocation"]), file)
            body = await asyncio.to_thread(file.read_bytes)
        self._count(job, variant, "RequestDownloadLatency", (time.perf_counter() - began) * 1e6, "Microseconds")
        return body

    async def _kept(self, job: AsyncRequest, variant: str, answer: ContainerAnswer) -> _End:
        """Write an answer to where it belongs."""
        good = 200 <= answer.status < 300
        address = job.output if good else job.failure
        if address:
            began = time.perf_counter()
            try:
                await self._surroundings.store(*split_s3(address), answer.body)
            except OSError:
                self._count(job, variant, "ResponseUploadFailures", 1.0)
                return _End(f"ClientError: Failed to upload the response to {address}.", answer)
            self._count(job, variant, "ResponseUploadLatency", (time.perf_counter() - began) * 1e6, "Microseconds")
        return _End("" if good else _reason(answer), answer)

    async def _finish(self, job: AsyncRequest, variant: str, end: _End) -> None:
        self._count(job, variant, "InvocationsProcessed", 1.0)
        if end.reason:
            self._count(job, variant, "InvocationFailures", 1.0)
        stream = (f"/aws/sagemaker/Endpoints/{job.endpoint}", f"{variant}/data-log")
        self._surroundings.log(*stream, [f"{job.id}: {end.reason or 'Inference request succeeded.'}"])
        topic = job.topic(good=not end.reason)
        if topic:
            try:
                await self._surroundings.notify(topic, json.dumps(self._notice(job, end)))
            except OSError as error:
                self._count(job, variant, "NotificationFailures", 1.0)
                self._surroundings.log(*stream, [f"{job.id}: the notification could not be published: {error}"])
        self._count(job, variant, "TotalProcessingTime", (self._now() - job.received) * 1e3, "Milliseconds")

    def _notice(self, job: AsyncRequest, end: _End) -> dict[str, Any]:
        named = {"ContentType": "contentType", "Accept": "accept", "CustomAttributes": "customAttributes"}
        asked = {name: job.request[member] for member, name in named.items() if member in job.request}
        if "InputLocation" in job.request:
            asked["inputLocation"] = job.request["InputLocation"]
        notice: dict[str, Any] = {
            "awsRegion": self._place.region,
            "eventTime": _written(self._now()),
            "receivedTime": _written(job.received),
            "invocationStatus": "Failed" if end.reason else "Completed",
            **({"failureReason": end.reason} if end.reason else {}),
            "requestParameters": {**asked, "endpointName": job.endpoint},
        }
        if end.answer and not end.reason:
            notice["responseParameters"] = {**_type_of(end.answer.headers), "outputLocation": job.output}
        if end.answer and job.includes_answer(good=not end.reason) and len(end.answer.body) <= LARGEST_IN_NOTICE:
            notice["responseBody"] = {"content": base64.b64encode(end.answer.body).decode(), "encoding": "BASE64"}
        event = {"eventVersion": "1.0", "eventSource": "aws:sagemaker", "eventName": "InferenceResult"}
        return {**notice, "inferenceId": job.id, **event}

    def _count(self, job: AsyncRequest, variant: str, name: str, value: float, unit: str = "Count") -> None:
        dimensions = {"EndpointName": job.endpoint, "VariantName": variant}
        self._surroundings.put_metric(NAMESPACE, name, [dimensions], value, unit)


def _reason(answer: ContainerAnswer) -> str:
    side = "client" if 400 <= answer.status < 500 else "server"
    return (
        f"ClientError: Received {side} error ({answer.status}) from model. See the SageMaker Endpoint logs in your "
        "account for more information."
    )


def _type_of(headers: Mapping[str, str]) -> dict[str, str]:
    found = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return {"contentType": found} if found else {}


def _written(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
