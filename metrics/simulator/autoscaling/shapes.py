"""The requests of Application Auto Scaling's operations, with the bounds of its API reference."""

from smtop.metrics.simulator.wire.shapes import Flag, Listing, Moment, Number, Record, Shape, Text

VARIANT_COUNT = "sagemaker:variant:DesiredInstanceCount"
VARIANT_PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
COMPONENT_COPIES = "sagemaker:inference-component:DesiredCopyCount"

SERVICE = Text(choices=("sagemaker", "ecs", "ec2", "dynamodb", "lambda", "custom-resource"))
RESOURCE = Text(most=1600, least=1)
DIMENSION = Text(choices=(VARIANT_COUNT, VARIANT_PROVISIONED, COMPONENT_COPIES))
NAME = Text(most=256, least=1)
TOKEN = Text()
COOLDOWN_S = Number(0)

WHERE: dict[str, Shape] = {"ServiceNamespace": SERVICE, "ResourceId": RESOURCE, "ScalableDimension": DIMENSION}
PREDEFINED = Record(
    {
        "PredefinedMetricType": Text(
            choices=(
                "SageMakerVariantInvocationsPerInstance",
                "SageMakerVariantProvisionedConcurrencyUtilization",
                "SageMakerVariantConcurrentRequestsPerModelHighResolution",
                "SageMakerInferenceComponentInvocationsPerCopy",
                "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
            )
        ),
        "ResourceLabel": Text(most=1023, least=1),
    },
    ("PredefinedMetricType",),
)
CUSTOMIZED = Record(
    {
        "MetricName": Text(),
        "Namespace": Text(),
        "Dimensions": Listing(Record({"Name": Text(), "Value": Text()}, ("Name", "Value"))),
        "Statistic": Text(choices=("Average", "Minimum", "Maximum", "SampleCount", "Sum")),
        "Unit": Text(),
    }
)
TARGET_TRACKING = Record(
    {
        "TargetValue": Number(whole=False),
        "PredefinedMetricSpecification": PREDEFINED,
        "CustomizedMetricSpecification": CUSTOMIZED,
        "ScaleOutCooldown": COOLDOWN_S,
        "ScaleInCooldown": COOLDOWN_S,
        "DisableScaleIn": Flag(),
    },
    ("TargetValue",),
)
STEP = Record(
    {
        "MetricIntervalLowerBound": Number(whole=False),
        "MetricIntervalUpperBound": Number(whole=False),
        "ScalingAdjustment": Number(),
    },
    ("ScalingAdjustment",),
)
STEP_SCALING = Record(
    {
        "AdjustmentType": Text(choices=("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity")),
        "StepAdjustments": Listing(STEP),
        "MinAdjustmentMagnitude": Number(),
        "Cooldown": COOLDOWN_S,
        "MetricAggregationType": Text(choices=("Average", "Minimum", "Maximum")),
    }
)
SUSPENDED = Record(
    {
        "DynamicScalingInSuspended": Flag(),
        "DynamicScalingOutSuspended": Flag(),
        "ScheduledScalingSuspended": Flag(),
    }
)


def _describe(most: int, **members: Shape) -> Record:
    filters: dict[str, Shape] = {**WHERE, "MaxResults": Number(1, most), "NextToken": TOKEN}
    return Record(filters | members, ("ServiceNamespace",))


def _change(*required: str, **members: Shape) -> Record:
    return Record(WHERE | members, (*WHERE, *required))


REQUESTS = {
    "RegisterScalableTarget": _change(
        MinCapacity=Number(0), MaxCapacity=Number(0), RoleARN=Text(most=1600, least=1), SuspendedState=SUSPENDED
    ),
    "DeregisterScalableTarget": _change(),
    "DescribeScalableTargets": Record(
        {
            "ServiceNamespace": SERVICE,
            "ResourceIds": Listing(RESOURCE),
            "ScalableDimension": DIMENSION,
            "MaxResults": Number(1, 50),
            "NextToken": TOKEN,
        },
        ("ServiceNamespace",),
    ),
    "PutScalingPolicy": _change(
        "PolicyName",
        PolicyName=NAME,
        PolicyType=Text(choices=("StepScaling", "TargetTrackingScaling")),
        StepScalingPolicyConfiguration=STEP_SCALING,
        TargetTrackingScalingPolicyConfiguration=TARGET_TRACKING,
    ),
    "DeleteScalingPolicy": _change("PolicyName", PolicyName=NAME),
    "DescribeScalingPolicies": _describe(10, PolicyNames=Listing(RESOURCE)),
    "PutScheduledAction": _change(
        "ScheduledActionName",
        ScheduledActionName=NAME,
        Schedule=RESOURCE,
        Timezone=RESOURCE,
        StartTime=Moment(),
        EndTime=Moment(),
        ScalableTargetAction=Record({"MinCapacity": Number(0), "MaxCapacity": Number(0)}),
    ),
    "DeleteScheduledAction": _change("ScheduledActionName", ScheduledActionName=NAME),
    "DescribeScheduledActions": _describe(50, ScheduledActionNames=Listing(RESOURCE)),
    "DescribeScalingActivities": _describe(50, IncludeNotScaledActivities=Flag()),
}
