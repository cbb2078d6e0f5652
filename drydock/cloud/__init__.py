"""The local cloud: start it, deploy to it, warm it, stop it."""

from drydock.cloud.deployment import STACK, client, deploy, outputs, warm
from drydock.cloud.folder import Cloud, CloudError
from drydock.cloud.lifecycle import down, is_kept, running, serve, up

__all__ = [
    "STACK",
    "Cloud",
    "CloudError",
    "client",
    "deploy",
    "down",
    "is_kept",
    "outputs",
    "running",
    "serve",
    "up",
    "warm",
]
