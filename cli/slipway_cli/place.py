"""Which cloud a command talks to: the local one where it runs, else AWS."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from slipway_cli.checkout import demand_root, find_root, state_folder
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode

if TYPE_CHECKING:
    from drydock.cloud import Cloud

LOCAL_POLL_SECONDS = 0.2
AWS_POLL_SECONDS = 3.0


class Place(StrEnum):
    """Where the stack is."""

    LOCAL = "local"
    AWS = "aws"


def open_desk(place: Place | None, stack: str) -> Desk:
    """Sit down where the stack is.

    Args:
        place: where; None for the local cloud if that of this checkout runs, else AWS.
        stack: the stack's name.

    Raises:
        CommandError: the local cloud was asked for and does not run.
    """
    cloud = None if place is Place.AWS else _local_cloud()
    if cloud is not None:
        return _local_desk(cloud, stack)
    if place is Place.LOCAL:
        demand_root()
        why = "the local cloud of this checkout does not run"
        raise CommandError("Nothing was asked.", why, "slipway up --detach", ExitCode.NOT_FOUND)
    return _aws_desk(stack)


def _local_cloud() -> Cloud | None:
    root = find_root()
    if root is None or not (state_folder(root) / "cloud.json").exists():
        return None
    from drydock.cloud import running

    return running(state_folder(root))


def _local_desk(cloud: Cloud, stack: str) -> Desk:
    import boto3

    from slipway_cli.aws_desk import AwsDesk

    session = boto3.Session("local", "local", region_name="us-east-1")
    return AwsDesk(session, cloud.endpoint, stack, f"local cloud, {cloud.endpoint}", LOCAL_POLL_SECONDS)


def _aws_desk(stack: str) -> Desk:
    import boto3

    from slipway_cli.aws_desk import AwsDesk

    session = boto3.Session()
    return AwsDesk(session, None, stack, f"AWS, {session.region_name or 'no region'}, stack {stack}", AWS_POLL_SECONDS)
