"""How true each operation of Application Auto Scaling is to AWS; plain data."""

from drydock.sagemaker.operations.fidelity import Fidelity

_ONLY_VARIANTS = "service namespaces other than sagemaker, and inference components"

SCALING: dict[str, Fidelity] = {
    "RegisterScalableTarget": Fidelity(
        stored=("RoleARN",),
        refused=(_ONLY_VARIANTS,),
        inferred=(
            "texts for limits, for a variant that is not there, for burstable instances",
            "a capacity outside of new limits is brought between them within a minute",
            "texts of activities on provisioned concurrency",
        ),
    ),
    "DescribeScalableTargets": Fidelity(),
    "DeregisterScalableTarget": Fidelity(),
    "PutScalingPolicy": Fidelity(
        stored=("StepScalingPolicyConfiguration.MetricAggregationType",),
        refused=(
            "PredictiveScalingPolicyConfiguration (AWS has none for SageMaker either)",
            "predefined metrics other than SageMakerVariantInvocationsPerInstance, which a serverless variant lacks",
        ),
        inferred=(
            "texts of the rules between fields",
            "tracking wants instances in proportion to the newest minute of the metric, rounded up, out and in",
            "while the endpoint is updated an activity ends Failed with SageMaker's refusal, once a minute",
        ),
    ),
    "DescribeScalingPolicies": Fidelity(),
    "DeleteScalingPolicy": Fidelity(),
    "DescribeScalingActivities": Fidelity(stored=("IncludeNotScaledActivities",)),
    "PutScheduledAction": Fidelity(
        refused=("L, W and # in cron expressions",),
        inferred=("`rate` passes with the time scale, `at` and `cron` are times of day",),
    ),
    "DescribeScheduledActions": Fidelity(),
    "DeleteScheduledAction": Fidelity(),
    "TagResource": Fidelity(),
    "ListTagsForResource": Fidelity(),
    "UntagResource": Fidelity(),
}
"""Every operation of Application Auto Scaling that is offered; GetPredictiveScalingForecast is not."""
