"""What a deployed function is told by its environment; the one place that reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from slipway.errors import SettingMissingError


@dataclass(frozen=True)
class Settings:
    """Typed view of the environment; read when used, so that each function needs only its own variables."""

    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings of the running function."""
        return cls(dict(os.environ))

    def _read(self, name: str) -> str:
        value = self.environment.get(f"SLIPWAY_{name}", "")
        if not value:
            raise SettingMissingError(f"the environment variable SLIPWAY_{name} is missing; deploy the template again")
        return value

    @cached_property
    def ledger_table(self) -> str:
        """Name of the ledger's table."""
        return self._read("LEDGER_TABLE")

    @cached_property
    def artifact_bucket(self) -> str:
        """Name of the bucket that takes drops and keeps frozen artifacts and reports."""
        return self._read("ARTIFACT_BUCKET")

    @cached_property
    def model_role_arn(self) -> str:
        """Execution role of the models; the only role that is ever passed."""
        return self._read("MODEL_ROLE_ARN")

    @cached_property
    def topic_arn(self) -> str:
        """Topic of the notifications."""
        return self._read("TOPIC_ARN")

    @cached_property
    def state_machine_arn(self) -> str:
        """The release machine."""
        return self._read("STATE_MACHINE_ARN")

    @cached_property
    def endpoint_deadline_seconds(self) -> int:
        """How long an endpoint may take to be created."""
        return int(self._read("ENDPOINT_DEADLINE_SECONDS"))

    @cached_property
    def stack_defaults(self) -> dict[str, Any]:
        """The lowest layer of every spec; a stack without a default image leaves it to each spec to name one."""
        return {
            "serve": {
                "image": self.environment.get("SLIPWAY_DEFAULT_IMAGE", ""),
                "instance_type": self._read("DEFAULT_INSTANCE_TYPE"),
                "instance_count": int(self._read("DEFAULT_INSTANCE_COUNT")),
            },
            "rollout": {"bake_seconds": int(self._read("DEFAULT_BAKE_SECONDS"))},
            "watch": {"seconds": int(self._read("DEFAULT_WATCH_SECONDS"))},
        }
