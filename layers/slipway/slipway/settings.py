"""What a deployed function is told by its environment; the one place that reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from slipway.errors import SettingMissingError

if TYPE_CHECKING:
    from slipway.intake.policy_rules import Policy


@dataclass(frozen=True)
class Settings:
    """Typed view of the environment; read when used, so that each function needs only its own variables."""

    environment: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> Settings:
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
    def source_buckets(self) -> tuple[str, ...]:
        """Names of the buckets besides the artifact bucket that artifacts may stand in; given as ARNs."""
        return tuple(arn.rpartition(":")[2] for arn in self._list("SOURCE_BUCKETS"))

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

    @property
    def region(self) -> str:
        """Where everything is; an ARN tells it."""
        return self.state_machine_arn.split(":")[3]

    @cached_property
    def endpoint_deadline_seconds(self) -> int:
        """How long an endpoint may take to be created."""
        return int(self._read("ENDPOINT_DEADLINE_SECONDS"))

    @cached_property
    def keep_releases(self) -> int:
        """How many releases of an endpoint that went live can be gone back to."""
        return int(self._read("KEEP_RELEASES"))

    @cached_property
    def policy(self) -> Policy:
        """What the stack's parameters allow; only two functions ask."""
        from slipway.intake.policy_rules import Pickles, Policy
        from slipway.intake.vpc_policy import VpcRules

        return Policy(
            allowed_images=self._list("ALLOWED_IMAGES"),
            image_digest_required=self._read("IMAGE_DIGEST_REQUIRED") == "true",
            allowed_instance_types=self._list("ALLOWED_INSTANCE_TYPES"),
            instance_count_cap=int(self._read("MAX_INSTANCES")),
            endpoint_prefix=self.environment.get("SLIPWAY_ENDPOINT_PREFIX", ""),
            network_isolation_required=self._read("NETWORK_ISOLATION_REQUIRED") == "true",
            vpc=VpcRules(possible=self.models_in_vpc),
            approval_required=self._read("APPROVAL_REQUIRED"),
            approval_by_another=self._read("APPROVAL_BY_ANOTHER") == "true",
            pickles=Pickles(self._read("PICKLES")),
        )

    @property
    def models_in_vpc(self) -> bool:
        """Whether the models' role may put them into a VPC."""
        return self._read("MODELS_IN_VPC") == "true"

    @cached_property
    def policy_parameter(self) -> str:
        """Name of the SSM parameter that holds the policy document; empty where there is none."""
        return self.environment.get("SLIPWAY_POLICY_PARAMETER", "")

    @cached_property
    def signing_keys(self) -> tuple[str, ...]:
        """ARNs of the KMS keys whose signatures count; without any nobody looks for signatures."""
        return self._list("SIGNING_KEYS")

    def _list(self, name: str) -> tuple[str, ...]:
        """Read a list with commas; one that is empty is no rule."""
        entries = self.environment.get(f"SLIPWAY_{name}", "").split(",")
        return tuple(entry.strip() for entry in entries if entry.strip())

    @cached_property
    def stack_defaults(self) -> dict[str, Any]:
        """The lowest layer of every spec; a stack without a default image leaves it to each spec to name one."""
        return {
            "serve": {
                "image": self.environment.get("SLIPWAY_DEFAULT_IMAGE", ""),
                "instance_type": self._read("DEFAULT_INSTANCE_TYPE"),
                "instance_count": int(self._read("DEFAULT_INSTANCE_COUNT")),
                "vpc": {
                    "subnets": list(self._list("DEFAULT_SUBNETS")),
                    "security_groups": list(self._list("DEFAULT_SECURITY_GROUPS")),
                },
            },
            "rollout": {"bake_seconds": int(self._read("DEFAULT_BAKE_SECONDS"))},
            "watch": {"seconds": int(self._read("DEFAULT_WATCH_SECONDS"))},
            "approval": {
                "before": self._read("APPROVAL_REQUIRED"),
                "by_another": self._read("APPROVAL_BY_ANOTHER") == "true",
            },
        }
