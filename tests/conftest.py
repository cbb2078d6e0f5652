"""What holds for every test: credentials are fake, and nothing but this machine can be reached."""

import gc
import os
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from tests import properties
from tests.sharing import LoadCloudScheduling

FAKE_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1,localhost",
}


properties.register()


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking all tests and modules again and again: they stay to the end."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadCloudScheduling | None:
    """Deal out the tests of a cloud together; by files otherwise, unless another way is asked for."""
    return LoadCloudScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


class OutsideWorldError(RuntimeError):
    """A test tried to leave this machine."""


@pytest.fixture(scope="session", autouse=True)
def fake_account() -> Iterator[None]:
    """Replace whatever account the environment knows, endpoint URLs included, by one that does not exist."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in FAKE_ACCOUNT.items():
            patch.setenv(name, value)
        yield


def _is_here(host: Any) -> bool:
    """Whether a host is this machine; none at all means any interface of it."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost"):
        return True
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _host_of(event: str, arguments: tuple[Any, ...]) -> Any:
    """Give the host that an audited call is about; an address that is no pair is a file of this machine."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        return address[0] if isinstance(address, tuple) else None
    return arguments[0]


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event in WATCHED and not _is_here(_host_of(event, arguments)):
        raise OutsideWorldError(f"{event} {arguments[1:] if event == 'socket.connect' else arguments}")


WATCHED = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
    }
)

sys.addaudithook(_stay_here)
