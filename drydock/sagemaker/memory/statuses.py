"""The statuses of an endpoint, and what each of them allows."""

from enum import StrEnum


class Status(StrEnum):
    """EndpointStatus, all nine."""

    CREATING = "Creating"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    DELETING = "Deleting"
    FAILED = "Failed"
    OUT_OF_SERVICE = "OutOfService"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


IN_MOTION = {Status.CREATING, Status.UPDATING, Status.SYSTEM_UPDATING, Status.ROLLING_BACK, Status.DELETING}
"""Statuses in which update, rescale and delete are refused."""
SERVING = {
    Status.IN_SERVICE,
    Status.UPDATING,
    Status.SYSTEM_UPDATING,
    Status.ROLLING_BACK,
    Status.UPDATE_ROLLBACK_FAILED,
}
"""Statuses in which an endpoint answers invocations."""
