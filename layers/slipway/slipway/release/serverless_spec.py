"""How a user may ask for a model that runs without instances (ProductionVariant.ServerlessConfig)."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, MultipleOf

from slipway.release.closed import Closed

KIND = "serverless"
"""What stands for an instance type where types are allowed and priced."""


@dataclass(frozen=True, kw_only=True)
class Serverless(Closed):
    """Containers that come with the requests, instead of instances."""

    memory_mb: Annotated[int, Ge(1024), Le(6144), MultipleOf(1024)]
    """Memory of a container in steps of 1024 (MemorySizeInMB)."""
    max_concurrency: Annotated[int, Ge(1), Le(200)]
    """Most requests at once; what comes beyond is throttled (MaxConcurrency)."""
    provisioned_concurrency: Annotated[int, Ge(1), Le(200)] | None = None
    """Containers that are always ready, at most `max_concurrency` (ProvisionedConcurrency); without it none is."""

    @property
    def request(self) -> dict[str, int]:
        """The ServerlessConfig."""
        config = {"MemorySizeInMB": self.memory_mb, "MaxConcurrency": self.max_concurrency}
        if self.provisioned_concurrency is not None:
            config["ProvisionedConcurrency"] = self.provisioned_concurrency
        return config

    @property
    def most_gigabytes(self) -> float:
        """Memory of all containers that may run at once, in GB."""
        return self.memory_mb / 1024 * self.max_concurrency
