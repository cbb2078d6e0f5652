"""How a user may ask for a model to be served."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from slipway.release.closed import Closed
from slipway.release.container_spec import MOST_CONTAINERS, Container, container_from
from slipway.release.serverless_spec import KIND, Serverless
from slipway.release.vpc_spec import Vpc, vpc_from


@dataclass(frozen=True, kw_only=True)
class Serve(Closed):
    """How the model is served."""

    image: Annotated[str, MinLen(1), MaxLen(255)]
    """Container image (ContainerDefinition.Image); or `framework` and its version choose AWS's."""
    framework: Literal["sklearn", "xgboost", "pytorch", "tensorflow", "huggingface"] | None = None
    """Framework whose image for inference on CPUs AWS keeps in this region, instead of `image`."""
    framework_version: Annotated[str, MaxLen(60)] | None = None
    """Exact version of it as AWS counts, such as `1.2-1` of sklearn or `4.51.3-pytorch2.6.0` of huggingface."""
    instance_type: Annotated[str, MinLen(1)] = "ml.m5.large"
    """Instance type of the fleet (ProductionVariant.InstanceType)."""
    instance_count: Annotated[int, Ge(1), Le(100)] = 1
    """Instances of the fleet (ProductionVariant.InitialInstanceCount)."""
    serverless: Serverless | None = None
    """Containers that come with the requests, instead of `instance_type` and `instance_count`."""
    environment: Annotated[dict[str, str], MaxLen(100)] = field(default_factory=dict)
    """Environment of the container (ContainerDefinition.Environment)."""
    health_check_timeout_seconds: Annotated[int, Ge(60), Le(3600)] = 300
    """How long the container may take to answer /ping (ContainerStartupHealthCheckTimeoutInSeconds)."""
    download_timeout_seconds: Annotated[int, Ge(60), Le(3600)] = 600
    """How long an instance may take to fetch the model (ModelDataDownloadTimeoutInSeconds)."""
    network_isolation: bool = True
    """Whether the container is cut off from the network (CreateModel.EnableNetworkIsolation)."""
    vpc: Vpc = field(default_factory=Vpc)
    """The VPC that the model's containers are in."""
    containers: Annotated[tuple[Container, ...], MaxLen(MOST_CONTAINERS)] = ()
    """Several containers instead of one (CreateModel.Containers), two at least."""
    execution: Literal["serial", "direct"] = "serial"
    """Whether each container gets the answer of the one before it, or a request names the one that answers it."""
    multi_model: bool = False
    """Whether the artifact is a folder of archives, of which the container loads those that requests name."""

    @property
    def kind(self) -> str:
        """What the model runs on: an instance type, or what stands for none."""
        return KIND if self.serverless else self.instance_type

    @property
    def instances(self) -> int:
        """Instances to begin with; a serverless variant counts as one."""
        return 1 if self.serverless else self.instance_count

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """The containers as they are made: each with its image, and with all of its environment."""
        if not self.containers:
            return (Container(name="", image=self.image, environment=self.environment),)
        return tuple(
            replace(each, image=each.image or self.image, environment={**self.environment, **each.environment})
            for each in self.containers
        )


def serve_from(item: dict[str, Any]) -> Serve:
    """Read the section back from its ledger form."""
    serverless, vpc = item.get("serverless"), item.get("vpc")
    parts = {"serverless": Serverless(**serverless) if serverless else None, "vpc": vpc_from(vpc) if vpc else Vpc()}
    containers = tuple(container_from(each) for each in item.get("containers", ()))
    return Serve(**{**item, **parts, "containers": containers})
