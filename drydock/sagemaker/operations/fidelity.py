"""How true each operation is to AWS: what has no effect, what is refused, what nobody has seen AWS do; plain data."""

from dataclasses import dataclass
from typing import NamedTuple


class Switched(NamedTuple):
    """Something inferred that can be had the other way."""

    text: str
    """What Drydock does."""
    switch: str
    """The rule (of `rules`) or the kind of fault (of `faults`) that changes it."""


@dataclass(frozen=True)
class Fidelity:
    """One operation's standing; a member that is not named does what AWS documents."""

    stored: tuple[str, ...] = ()
    """Members that are checked, kept and described, and have no effect here; a dot leads into a structure."""
    refused: tuple[str, ...] = ()
    """Members and features answered with `Drydock does not support …`."""
    inferred: tuple[str | Switched, ...] = ()
    """What AWS's answer is not known for, and what Drydock does; texts have no switch."""


_SAME_FOR_LISTS = Fidelity()
_TAG_TEXT = "the text for a resource that is not there, and for more than 50 tags"

CONTROL: dict[str, Fidelity] = {
    "CreateModel": Fidelity(
        stored=(
            "VpcConfig",
            "PrimaryContainer.ImageConfig",
            "PrimaryContainer.ContainerMetricsConfig",
        ),
        refused=("model data that is one file which is not packed",),
        inferred=(
            "texts for containers that do not go together, and for an Environment above 32 KB",
            "the models of a multi-model container are looked for when a request names them, not before",
            Switched("an unapproved model package is accepted", "refuse_unapproved_package"),
            Switched("images are not pulled, so `cannot pull` comes where it is planned only", "error"),
        ),
    ),
    "DescribeModel": Fidelity(inferred=("a model from a package shows the image and data taken from it",)),
    "ListModels": _SAME_FOR_LISTS,
    "DeleteModel": Fidelity(
        inferred=(
            Switched("a model in use is deleted, as on AWS; fleets that run keep what they have", "deletion_in_use"),
        )
    ),
    "CreateEndpointConfig": Fidelity(
        stored=(
            "KmsKeyId",
            "VpcConfig",
            "EnableNetworkIsolation",
            "ExecutionRoleArn",
            "MetricsConfig",
            "AsyncInferenceConfig.OutputConfig.KmsKeyId",
            "ProductionVariants.AcceleratorType",
            "ProductionVariants.CoreDumpConfig",
            "ProductionVariants.VolumeSizeInGB",
            "ProductionVariants.EnableSSMAccess",
            "ProductionVariants.ManagedInstanceScaling",
            "ProductionVariants.RoutingConfig",
            "ProductionVariants.InferenceAmiVersion",
        ),
        refused=(
            "ExplainerConfig",
            "InstancePools",
            "inference components",
        ),
        inferred=(
            "the text for a variant without instance type or count",
            "the texts of the rules for ShadowProductionVariants and ServerlessConfig",
            "the FailureReason after ModelDataDownloadTimeoutInSeconds; without it a download may take any time",
            "shadow variants count for no guardrail's exclusion",
        ),
    ),
    "DescribeEndpointConfig": Fidelity(),
    "ListEndpointConfigs": _SAME_FOR_LISTS,
    "DeleteEndpointConfig": Fidelity(
        inferred=(Switched("an update that needs the configuration breaks", "deletion_in_use"),)
    ),
    "CreateEndpoint": Fidelity(
        inferred=(
            "texts of the rules between fields of DeploymentConfig",
            Switched("instances are unlimited; what counts against a quota", "quotas"),
            Switched("a DeploymentConfig for a serverless endpoint is refused", "serverless_deployment_config_ignored"),
        )
    ),
    "DescribeEndpoint": Fidelity(
        inferred=(
            Switched("EndpointConfigName changes when the deployment ends", "config_name_flips"),
            Switched("the FailureReason after an alarm, a timeout or a rollback; it may be missing", "missing_reason"),
            "ResolvedImage is a digest of the image's name: nothing is pulled",
        )
    ),
    "ListEndpoints": _SAME_FOR_LISTS,
    "UpdateEndpoint": Fidelity(
        inferred=(
            Switched("the current configuration again is accepted and deployed", "refuse_same_config"),
            Switched("an alarm that is in ALARM already rolls back at the first bake", "alarms_watched"),
            Switched("an alarm that does not exist never rolls back", "missing_alarm"),
            Switched("DeploymentConfig together with RetainDeploymentConfig is refused", "both_deployment_configs"),
            Switched("a quota counts the whole new fleet, in a rolling deployment its first batch", "quotas"),
            "a package is known for one of AWS Marketplace by the ProductId of its container",
        )
    ),
    "UpdateEndpointWeightsAndCapacities": Fidelity(
        inferred=(
            "more ProvisionedConcurrency is told as done before the containers run",
            "the text for capacity of the wrong kind",
        )
    ),
    "DeleteEndpoint": Fidelity(),
    "CreateModelPackageGroup": Fidelity(stored=("ManagedConfiguration",)),
    "DescribeModelPackageGroup": Fidelity(inferred=("CreatedBy is empty",)),
    "ListModelPackageGroups": Fidelity(inferred=("no group of another account is ever shared",)),
    "DeleteModelPackageGroup": Fidelity(inferred=("the text of ConflictException",)),
    "CreateModelPackage": Fidelity(
        stored=(
            "ValidationSpecification",
            "SourceAlgorithmSpecification",
            "ModelCard",
            "SecurityConfig",
            "ClientToken",
        ),
        inferred=("it is Completed at once, whatever is to be validated", "the text for a name that is taken"),
    ),
    "DescribeModelPackage": Fidelity(
        stored=("IncludedData",), inferred=("ModelPackageName of a version is its group's name",)
    ),
    "ListModelPackages": _SAME_FOR_LISTS,
    "UpdateModelPackage": Fidelity(
        stored=("ClientToken",), inferred=(Switched("every call publishes an event", "package_event_on_every_update"),)
    ),
    "DeleteModelPackage": Fidelity(inferred=("a version's number is never given out again",)),
    "AddTags": Fidelity(inferred=(_TAG_TEXT,)),
    "ListTags": Fidelity(inferred=(_TAG_TEXT,)),
    "DeleteTags": Fidelity(inferred=(_TAG_TEXT,)),
}
"""Every operation of the control plane that is offered; any other of AWS's answers UnknownOperationException."""

RUNTIME: dict[str, Fidelity] = {
    "InvokeEndpoint": Fidelity(
        stored=("PrefixAwareId",),
        refused=("InferenceComponentName", "EnableExplanations"),
        inferred=(
            Switched(
                "a body above 6 MiB (the service model's limit; the guide says 25 MB) answers 413", "largest_body"
            ),
            Switched("an endpoint that does not serve yet answers as if it were not there", "before_service"),
            Switched("only answers of status 2xx are captured", "capture_failures"),
            Switched(
                "a container of a serverless variant has one request at a time and ends 10 minutes after its last",
                "serverless_idle_seconds",
            ),
            "what a serverless variant answers above 4 MB is a ModelError of status 413; the text of its throttling",
            "503 when no instance is healthy",
            "texts of the refusals for headers that the endpoint has no use for, or lacks, but for TargetModel's",
            "texts of ModelNotReadyException and of a multi-model endpoint's ValidationErrors",
            (
                "a multi-model container holds 10 models (`SAGEMAKER_MULTI_MODEL_MAX_MODELS` in its environment), then "
                "the one that rested longest makes room; with ModelCacheSetting Disabled a model goes after its request"
            ),
            "requests for one model stay with one instance",
            "of a pipeline only the last container gets Accept, all get CustomAttributes",
            "a session that is not open, or whose instance is gone, answers ValidationError",
            (
                "a shadow variant gets copies by its weight over that of the production variant, 256 at once at most; "
                "its captures lie under its own name"
            ),
        ),
    ),
    "InvokeEndpointWithResponseStream": Fidelity(
        stored=("PrefixAwareId",),
        refused=("InferenceComponentName",),
        inferred=(
            "texts of the errors that end a stream",
            "a stream is measured when it ends, and captured as a whole",
            "a part is what the container writes at once, 64 KiB at most",
        ),
    ),
    "InvokeEndpointAsync": Fidelity(
        inferred=(
            "texts of the refusals, and of failure reasons but for a model's error",
            "how outputs are named: Filename as it is, below S3OutputPathExtension; else a number of its own",
            "an instance takes 4 requests at once where MaxConcurrentInvocationsPerInstance says nothing",
            "what waits is lost when the endpoint is deleted, or the service ends that keeps no state",
            "the execution role's permissions for S3 and SNS are not asked for; nothing is captured",
            "the time in the queue passes with the time scale, InvocationTimeoutSeconds does not",
        ),
    ),
}
"""Operations of the runtime."""
