"""InvokeEndpointWithResponseStream: the parts of an answer go on to the caller while the model still computes.

Source: InvokeEndpointWithResponseStream in the runtime's API reference; 8 minutes (SageMaker hosting FAQ).
Inferred: the texts of the errors in a stream, that it is measured at its end and captured as a whole.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from drydock.sagemaker.answers import BrokenStreamError, ContainerAnswer, ContainerStream
from drydock.sagemaker.runtime.addressing import Address
from drydock.sagemaker.runtime.exchange import Exchange
from drydock.sagemaker.runtime.measuring import Call
from drydock.sagemaker.runtime.sending import answer_headers, forwarded
from drydock.sagemaker.wire import event_stream

LONGER = 8
"""How much longer than an answer at once a stream may take."""
_LATE = {"ErrorCode": "ModelInvocationTimeExceeded", "Message": "The model took too long to end its response."}
_BROKEN = {"ErrorCode": "StreamBroken", "Message": "The model broke off its response."}


class Streamer:
    """Sends requests to the containers of endpoints and hands on what they answer.

    Args:
        exchange: begins invocations and accounts for them.
        timeout_seconds: real seconds that a model has for the whole answer.
    """

    def __init__(self, exchange: Exchange, timeout_seconds: float) -> None:
        self._exchange = exchange
        self._timeout_seconds = timeout_seconds

    async def stream(self, request: Mapping[str, Any]) -> tuple[dict[str, str], AsyncIterator[bytes]]:
        """Answer an invocation.

        Args:
            request: members of InvokeEndpointWithResponseStream, validated.

        Returns:
            Headers of a 200, and the messages of its event stream as they come.

        Raises:
            ServiceError: ValidationError, ServiceUnavailable or ModelError.
        """
        began = time.perf_counter()
        address, (slot, instance) = self._exchange.begin(request)
        with contextlib.ExitStack() as on_failure:
            slot.borrow()
            on_failure.callback(slot.give_back, broken=True)
            sent = time.perf_counter()
            coming = await instance.stream(request["Body"], forwarded(request), self._timeout_seconds)
            on_failure.callback(coming.close)
            if not 200 <= coming.status < 300:
                raise await self._model_error(address, coming, began, sent)
            on_failure.pop_all()
        self._exchange.note_session(address, request, coming)
        headers = answer_headers(coming.headers, address.way.variant.name)
        return headers, self._events(address, coming, request, began, sent)

    async def _model_error(self, address: Address, coming: ContainerStream, began: float, sent: float) -> Exception:
        try:
            body = await coming.read()
        except BrokenStreamError:
            body = b""
        self._measure(address, coming, coming.status, began, sent)
        timed_out = time.perf_counter() - sent >= self._timeout_seconds
        answer = ContainerAnswer(coming.status, body, calls=coming.calls)
        return self._exchange.failed(address, answer, timed_out=timed_out)

    async def _events(
        self, address: Address, coming: ContainerStream, request: Mapping[str, Any], began: float, sent: float
    ) -> AsyncIterator[bytes]:
        status, answered = coming.status, bytearray()
        try:
            async for part in coming.parts:
                if address.way.fleet.capture:
                    answered += part
                for event in event_stream.payload_parts(part):
                    yield event
        except BrokenStreamError as error:
            status = 0
            yield event_stream.error("ModelStreamError", _LATE if error.late else _BROKEN)
        finally:
            coming.close()
            if address.picked:
                address.picked[0].give_back(broken=status == 0)
            self._measure(address, coming, status, began, sent)
        if status:
            answer = ContainerAnswer(status, bytes(answered), coming.headers)
            self._exchange.capture(address, request, answer)

    def _measure(self, address: Address, coming: ContainerStream, status: int, began: float, sent: float) -> None:
        ended = time.perf_counter()
        self._exchange.measure(address, Call(status, ended - began, ended - sent), coming)
