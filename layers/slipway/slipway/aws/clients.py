"""The clients of one process: one session, so that the service models are looked up once; each client made once.

Where the calls go (region, credentials, AWS_ENDPOINT_URL) is botocore's own business. The clients are those of
boto3; its resources and transfer manager, which nothing here uses, are not imported: they double a cold start.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

USER_AGENT = "slipway"
ATTEMPTS = 4
"""How often a call is sent in all while AWS answers with throttling or 5xx (standard mode backs off up to 20 s)."""

CONNECT_SECONDS = 5
READ_SECONDS = 20
COPY_SECONDS = 300
"""CopyObject answers when the bytes are copied; one call copies up to 5 GB (API_CopyObject)."""

BRIEF_SECONDS = 3
BRIEF_ATTEMPTS = 2
"""An announcement that does not get through is given up after at most some 12 s, far within any function's time."""

INVOKE_SECONDS = 70
"""A model may take 60 s; AWS advises a socket timeout of 70 s (API_runtime_InvokeEndpoint)."""

AT_ONCE = 16
"""Connections of the runtime's client: as many as a smoke case may have requests on their way."""


@cache
def client(service: str) -> Any:
    """Give the process's client of a service, by its name in boto3."""
    read_seconds = COPY_SECONDS if service == "s3" else READ_SECONDS
    session: Any = _session()
    return session.create_client(service, config=_config(read_seconds, ATTEMPTS))


@cache
def runtime_client() -> Any:
    """Give the client that invokes endpoints: it sends once, since a repeated inference is not the same inference."""
    once = _config(INVOKE_SECONDS, attempts=1).merge(Config(max_pool_connections=AT_ONCE))
    return _session().create_client("sagemaker-runtime", config=once)


@cache
def brief_client(service: str) -> Any:
    """Give a client for what must not hold anybody up: it gives up within seconds."""
    brief = _config(BRIEF_SECONDS, BRIEF_ATTEMPTS).merge(Config(connect_timeout=BRIEF_SECONDS))
    return _session().create_client(service, config=brief)


@cache
def _session() -> Session:
    return get_session()


def _config(read_seconds: int, attempts: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=USER_AGENT,
    )
