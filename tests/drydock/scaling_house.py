"""Application Auto Scaling without a cloud: fleets, alarms and a clock that a test moves by hand."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drydock.autoscaling.service import TARGET_PREFIX, AutoScalingService
from drydock.autoscaling.surroundings import AlarmSight, VariantSight
from drydock.sagemaker.errors import in_progress
from drydock.sagemaker.operations.permissions import Denial, Permission
from drydock.sagemaker.place import Tempo

RESOURCE = "endpoint/churn/variant/main"
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": RESOURCE,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
PREDEFINED = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}


class FakeFleets:
    """One endpoint `churn` with one variant `main`; instances come at once while nothing holds them."""

    def __init__(self) -> None:
        self.count = 2
        self.updating = False
        """Whether an update is under way: rescaling is refused."""
        self.provisioning = False
        """Whether instances that were asked for are still coming."""
        self.there = True
        self.instance_type = "ml.m5.large"
        self.scaled: dict[tuple[str, str], str] = {}

    def look(self, endpoint: str, variant: str) -> VariantSight | None:
        if not self.there or (endpoint, variant) != ("churn", "main"):
            return None
        return VariantSight(self.count, not self.updating and not self.provisioning, self.instance_type)

    async def rescale(self, endpoint: str, variant: str, count: int) -> None:
        if self.updating:
            raise in_progress(f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint}")
        self.count = count

    def mark(self, scaled: Mapping[tuple[str, str], str]) -> None:
        self.scaled = dict(scaled)


class FakeCloud:
    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.ringing: dict[str, float] = {}
        """Name of an alarm → the value it rings for."""
        self.metrics: list[tuple[str, float]] = []
        self.events: list[dict[str, Any]] = []

    def put_alarm(self, request: Mapping[str, Any]) -> str:
        self.alarms[request["AlarmName"]] = dict(request)
        return f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{request['AlarmName']}"

    def delete_alarms(self, names: Iterable[str]) -> None:
        for name in names:
            self.alarms.pop(name, None)

    def alarms_calling(self, action: str) -> Sequence[AlarmSight]:
        return [
            AlarmSight(name, name in self.ringing, alarm["Threshold"], self.ringing.get(name))
            for name, alarm in self.alarms.items()
            if action in alarm["AlarmActions"]
        ]

    def put_metric(
        self, namespace: str, name: str, dimension_sets: Iterable[Mapping[str, str]], value: float, unit: str
    ) -> None:
        self.metrics.append((name, value))

    def publish_scaling(self, detail_type: str, detail: dict[str, Any]) -> None:
        self.events.append(detail)


class RefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class House:
    """The service, asked over its wire; `forbidden` are the actions that no caller has."""

    def __init__(self) -> None:
        self.fleets, self.cloud = FakeFleets(), FakeCloud()
        self.time = 1_700_000_000.0
        self.forbidden: set[str] = set()
        self.service = AutoScalingService(
            self.fleets, self.cloud, tempo=Tempo(60.0), now=lambda: self.time, judge=self._judge
        )

    def _judge(self, headers: Mapping[str, str], permission: Permission) -> Denial | None:
        return Denial("arn:aws:iam::000000000000:user/u", False) if permission.action in self.forbidden else None

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        headers = {"X-Amz-Target": TARGET_PREFIX + operation}
        body = json.dumps(request).encode()
        status, _, content = asyncio.run(self.service.handle("POST", "/", headers, body, {}))
        answer: dict[str, Any] = json.loads(content)
        if status != 200:
            raise RefusedError(answer["__type"], answer["message"])
        return answer

    def register(self, low: int = 1, high: int = 4, **more: Any) -> str:
        answer = self.ask("RegisterScalableTarget", **VARIANT, MinCapacity=low, MaxCapacity=high, **more)
        return str(answer["ScalableTargetARN"])

    def track(self, target: float = 100.0, name: str = "p", **settings: Any) -> list[str]:
        """Put a target tracking policy; the names of its alarms, high then low."""
        wanted = {"TargetValue": target, "PredefinedMetricSpecification": PREDEFINED, **settings}
        answer = self.ask(
            "PutScalingPolicy",
            **VARIANT,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=wanted,
        )
        return [alarm["AlarmName"] for alarm in answer["Alarms"]]

    def step(self, *adjustments: dict[str, Any], kind: str = "ChangeInCapacity", **settings: Any) -> str:
        """Put a step policy and an alarm of the user's that calls for it; the alarm's name."""
        answer = self.ask(
            "PutScalingPolicy",
            **VARIANT,
            PolicyName="steps",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={"AdjustmentType": kind, "StepAdjustments": list(adjustments), **settings},
        )
        self.cloud.put_alarm({"AlarmName": "mine", "Threshold": 50.0, "AlarmActions": [answer["PolicyARN"]]})
        return "mine"

    def look(self, minutes: float = 1.1) -> int:
        """Let minutes of AWS pass and the scaler look twice: once to begin, once to see it through."""
        for _ in range(2):
            self.time += minutes
            asyncio.run(self.service.scaler.look())
        return self.fleets.count

    def activities(self) -> list[dict[str, Any]]:
        return list(self.ask("DescribeScalingActivities", ServiceNamespace="sagemaker")["ScalingActivities"])
