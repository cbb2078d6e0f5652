"""Data capture: requests and answers in S3 as SageMaker writes them, JSON lines by endpoint, variant and hour.

Source: SageMaker developer guide, "Capture data from real-time endpoint"; keys are
<prefix>/<endpoint>/<variant>/yyyy/mm/dd/hh/<mm-ss-ms-id>.jsonl in UTC. How long AWS gathers before it writes is not
known. Inferred: only answers of status 2xx are captured (a rule changes that); a file that cannot be written is lost.
"""

import asyncio
import base64
import json
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.surroundings import Now, Surroundings

GATHERING_SECONDS = 0.5
"""Real seconds that captured data is gathered in before it is written."""
_DEFAULT_TYPES = {"Csv": ("text/csv",), "Json": ("application/json",)}


class _Place(NamedTuple):
    """Where the captures of one variant go."""

    destination: str
    endpoint: str
    variant: str


class Capturer:
    """Gathers what is captured and writes it.

    Args:
        surroundings: where S3 is.
        now: the clock, seconds since the epoch.
        takes_failures: says whether answers are taken that are not 2xx.
        draw: gives a number from 0 to 1 for each sample.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        now: Now,
        takes_failures: Callable[[], bool] = lambda: False,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._surroundings = surroundings
        self._takes_failures = takes_failures
        self._now = now
        self._draw = draw
        self._gathered: dict[_Place, list[str]] = {}
        self._writing: asyncio.Task[None] | None = None

    def capture(
        self,
        settings: Mapping[str, Any] | None,
        endpoint: str,
        variant: str,
        request: Mapping[str, Any],
        answer: ContainerAnswer,
    ) -> None:
        """Take an exchange, if it is in the sample; must be called on the event loop.

        Args:
            settings: the DataCaptureConfig; None where there is none.
            endpoint: its name.
            variant: its name.
            request: members of InvokeEndpoint.
            answer: what the container answered.
        """
        if not settings or not settings.get("EnableCapture"):
            return
        if not 200 <= answer.status < 300 and not self._takes_failures():
            return
        if self._draw() * 100 >= settings["InitialSamplingPercentage"]:
            return
        place = _Place(settings["DestinationS3Uri"], endpoint, variant)
        self._gathered.setdefault(place, []).append(line(settings, request, answer, self._now()))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_later())

    async def close(self) -> None:
        """Write what is gathered."""
        if self._writing:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self._write()

    async def _write_later(self) -> None:
        await asyncio.sleep(GATHERING_SECONDS)
        self._writing = None
        await self._write()

    async def _write(self) -> None:
        gathered, self._gathered = self._gathered, {}
        for place, lines in gathered.items():
            bucket, key = _address(place, self._now())
            try:
                await self._surroundings.store(bucket, key, "".join(f"{text}\n" for text in lines).encode())
            except OSError as error:
                group = f"/aws/sagemaker/Endpoints/{place.endpoint}"
                self._surroundings.log(group, f"{place.variant}/data-log", [f"Captured data is lost: {error}"])


def line(settings: Mapping[str, Any], request: Mapping[str, Any], answer: ContainerAnswer, at: float) -> str:
    """Write one exchange as a line of a capture file, without the line's end.

    Args:
        settings: the DataCaptureConfig.
        request: members of InvokeEndpoint.
        answer: what the container answered.
        at: seconds since the epoch.
    """
    modes = {option["CaptureMode"] for option in settings["CaptureOptions"]}
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _side(settings, "INPUT", request["Body"], request.get("ContentType", ""))
    if modes & {"Output", "InputAndOutput"}:
        kinds = {name.lower(): value for name, value in answer.headers.items()}
        data["endpointOutput"] = _side(settings, "OUTPUT", answer.body, kinds.get("content-type", ""))
    metadata: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if "CustomAttributes" in request:
        metadata["customAttributes"] = [request["CustomAttributes"]]
    if "InferenceId" in request:
        metadata["inferenceId"] = request["InferenceId"]
    metadata["inferenceTime"] = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"})


def _side(settings: Mapping[str, Any], mode: str, body: bytes, content_type: str) -> dict[str, str]:
    encoding = _encoding(settings.get("CaptureContentTypeHeader", {}), content_type)
    try:
        data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    except UnicodeDecodeError:
        data, encoding = base64.b64encode(body).decode(), "BASE64"
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}


def _encoding(header: Mapping[str, Iterable[str]], content_type: str) -> str:
    plain = content_type.partition(";")[0].strip().lower()
    for kind, defaults in _DEFAULT_TYPES.items():
        listed = header.get(f"{kind}ContentTypes", defaults)
        if plain in {name.lower() for name in listed}:
            return kind.upper()
    return "BASE64"


def _address(place: _Place, at: float) -> tuple[str, str]:
    """Name the file of what was gathered until `at`: its bucket and its key."""
    bucket, _, prefix = place.destination.partition("://")[2].partition("/")
    moment = datetime.fromtimestamp(at, UTC)
    name = f"{moment:%M-%S}-{moment.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
    parts = [prefix.strip("/"), place.endpoint, place.variant, f"{moment:%Y/%m/%d/%H}", name]
    return bucket, "/".join(part for part in parts if part)
