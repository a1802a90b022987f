"""The requests of SageMaker's operations, with the bounds of its API reference."""

from smtop.metrics.simulator.wire.shapes import Flag, Listing, Moment, Number, Record, Shape, Text, Words

NAME = Text(most=63, pattern=r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
NAME_PART = Text(most=63, pattern=r"[a-zA-Z0-9-]+")
ARN = Text(most=256, pattern=r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+")
ROLE = Text(most=2048, least=20, pattern=r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")
URL = Text(most=1024, pattern=r"(https|s3)://([^/]+)/?(.*)")
S3_URI = Text(most=512, pattern=r"(https|s3)://([^/])/?(.*)")
KMS_KEY = Text(most=2048, pattern=r"[a-zA-Z0-9:/_-]*")
# AWS lists every instance type that it has; the form of the name and a few examples tell the same.
INSTANCE_TYPE = Text(
    pattern=r"ml\.[a-z]+[0-9]+[a-z0-9-]*\.(medium|large|[0-9]*xlarge|metal)",
    listed=("ml.t2.medium", "ml.m5.large", "ml.c6i.xlarge", "ml.g5.xlarge", "ml.g6.2xlarge", "ml.p4d.24xlarge"),
)
TAGS = Listing(Record({"Key": Text(most=128, least=1), "Value": Text(most=256)}, ("Key", "Value")), most=50)
SECONDS = Number(0, 3600)
START_UP_S = Number(60, 3600)
EXECUTION_S = Number(600, 28800)

SERVERLESS = Record(
    {
        "MemorySizeInMB": Number(choices=(1024, 2048, 3072, 4096, 5120, 6144)),
        "MaxConcurrency": Number(1, 200),
        "ProvisionedConcurrency": Number(1, 200),
    },
    ("MemorySizeInMB", "MaxConcurrency"),
)
MANAGED_SCALING = Record(
    {
        "Status": Text(choices=("ENABLED", "DISABLED")),
        "MinInstanceCount": Number(0),
        "MaxInstanceCount": Number(1),
    }
)
ROUTING = Record({"RoutingStrategy": Text(choices=("LEAST_OUTSTANDING_REQUESTS", "RANDOM"))}, ("RoutingStrategy",))
VARIANT = Record(
    {
        "VariantName": NAME,
        "ModelName": NAME,
        "InitialInstanceCount": Number(1),
        "InstanceType": INSTANCE_TYPE,
        "InitialVariantWeight": Number(0, whole=False),
        "ServerlessConfig": SERVERLESS,
        "VolumeSizeInGB": Number(1, 512),
        "ModelDataDownloadTimeoutInSeconds": START_UP_S,
        "ContainerStartupHealthCheckTimeoutInSeconds": START_UP_S,
        "EnableSSMAccess": Flag(),
        "ManagedInstanceScaling": MANAGED_SCALING,
        "RoutingConfig": ROUTING,
    },
    ("VariantName",),
)
ASYNC = Record(
    {
        "ClientConfig": Record({"MaxConcurrentInvocationsPerInstance": Number(1, 1000)}),
        "OutputConfig": Record({"S3OutputPath": S3_URI, "S3FailurePath": S3_URI, "KmsKeyId": KMS_KEY}),
    },
    ("OutputConfig",),
)
DATA_CAPTURE = Record(
    {
        "EnableCapture": Flag(),
        "InitialSamplingPercentage": Number(0, 100),
        "DestinationS3Uri": S3_URI,
        "KmsKeyId": KMS_KEY,
        "CaptureOptions": Listing(Record({"CaptureMode": Text()}, ("CaptureMode",)), 1, 32),
    },
    ("InitialSamplingPercentage", "DestinationS3Uri", "CaptureOptions"),
)


def _capacity(*units: str) -> Record:
    return Record({"Type": Text(choices=units), "Value": Number(1)}, ("Type", "Value"))


INSTANCES = _capacity("INSTANCE_COUNT", "CAPACITY_PERCENT")
COPIES = _capacity("COPY_COUNT", "CAPACITY_PERCENT")
ROLLBACK_ALARMS = Record(
    {"Alarms": Listing(Record({"AlarmName": Text(most=255, least=1, pattern=r"(?!\s*$).+")}), 1, 10)}
)


def _rolling(batch: Shape) -> Record:
    return Record(
        {
            "MaximumBatchSize": batch,
            "WaitIntervalInSeconds": SECONDS,
            "MaximumExecutionTimeoutInSeconds": EXECUTION_S,
            "RollbackMaximumBatchSize": batch,
        },
        ("MaximumBatchSize", "WaitIntervalInSeconds"),
    )


BLUE_GREEN = Record(
    {
        "TrafficRoutingConfiguration": Record(
            {
                "Type": Text(choices=("ALL_AT_ONCE", "CANARY", "LINEAR")),
                "WaitIntervalInSeconds": SECONDS,
                "CanarySize": INSTANCES,
                "LinearStepSize": INSTANCES,
            },
            ("Type", "WaitIntervalInSeconds"),
        ),
        "TerminationWaitInSeconds": SECONDS,
        "MaximumExecutionTimeoutInSeconds": EXECUTION_S,
    },
    ("TrafficRoutingConfiguration",),
)
DEPLOYMENT = Record(
    {
        "BlueGreenUpdatePolicy": BLUE_GREEN,
        "RollingUpdatePolicy": _rolling(INSTANCES),
        "AutoRollbackConfiguration": ROLLBACK_ALARMS,
    }
)
CONTAINER = Record(
    {
        "ContainerHostname": NAME,
        "Image": Text(most=255, pattern=r"[\S]+"),
        "Mode": Text(choices=("SingleModel", "MultiModel")),
        "ModelDataUrl": URL,
        "Environment": Words(),
    }
)
SPECIFICATION = Record(
    {
        "ModelName": NAME,
        "Container": Record({"Image": Text(most=255, pattern=r"[\S]+"), "ArtifactUrl": URL, "Environment": Words()}),
        "StartupParameters": Record(
            {
                "ModelDataDownloadTimeoutInSeconds": START_UP_S,
                "ContainerStartupHealthCheckTimeoutInSeconds": START_UP_S,
            }
        ),
        "ComputeResourceRequirements": Record(
            {
                "NumberOfCpuCoresRequired": Number(0.25, whole=False),
                "NumberOfAcceleratorDevicesRequired": Number(1, whole=False),
                "MinMemoryRequiredInMb": Number(128),
                "MaxMemoryRequiredInMb": Number(128),
            },
            ("MinMemoryRequiredInMb",),
        ),
        "BaseInferenceComponentName": NAME,
    }
)
COPY_COUNT = Record({"CopyCount": Number(0)}, ("CopyCount",))


def _named(member: str) -> Record:
    return Record({member: NAME}, (member,))


def _listing(sort_keys: tuple[str, ...], **members: Shape) -> Record:
    common: dict[str, Shape] = {
        "SortBy": Text(choices=sort_keys),
        "SortOrder": Text(choices=("Ascending", "Descending")),
        "NextToken": Text(most=8192),
        "MaxResults": Number(1, 100),
        "NameContains": NAME_PART,
        "CreationTimeBefore": Moment(),
        "CreationTimeAfter": Moment(),
    }
    return Record(common | members)


_STATUSES = ("OutOfService", "Creating", "Updating", "SystemUpdating", "RollingBack", "InService", "Deleting", "Failed")
_MODIFIED: dict[str, Shape] = {"LastModifiedTimeBefore": Moment(), "LastModifiedTimeAfter": Moment()}
_BY_STATUS = ("Name", "CreationTime", "Status")

REQUESTS = {
    "CreateModel": Record(
        {
            "ModelName": NAME,
            "PrimaryContainer": CONTAINER,
            "Containers": Listing(CONTAINER, most=15),
            "InferenceExecutionConfig": Record({"Mode": Text(choices=("Serial", "Direct"))}, ("Mode",)),
            "ExecutionRoleArn": ROLE,
            "Tags": TAGS,
            "EnableNetworkIsolation": Flag(),
        },
        ("ModelName",),
    ),
    "DescribeModel": _named("ModelName"),
    "DeleteModel": _named("ModelName"),
    "ListModels": _listing(("Name", "CreationTime")),
    "CreateEndpointConfig": Record(
        {
            "EndpointConfigName": NAME,
            "ProductionVariants": Listing(VARIANT, 1, 10),
            "ShadowProductionVariants": Listing(VARIANT, 1, 10),
            "AsyncInferenceConfig": ASYNC,
            "DataCaptureConfig": DATA_CAPTURE,
            "KmsKeyId": KMS_KEY,
            "ExecutionRoleArn": ROLE,
            "Tags": TAGS,
            "EnableNetworkIsolation": Flag(),
        },
        ("EndpointConfigName", "ProductionVariants"),
    ),
    "DescribeEndpointConfig": _named("EndpointConfigName"),
    "DeleteEndpointConfig": _named("EndpointConfigName"),
    "ListEndpointConfigs": _listing(("Name", "CreationTime")),
    "CreateEndpoint": Record(
        {"EndpointName": NAME, "EndpointConfigName": NAME, "DeploymentConfig": DEPLOYMENT, "Tags": TAGS},
        ("EndpointName", "EndpointConfigName"),
    ),
    "DescribeEndpoint": _named("EndpointName"),
    "DeleteEndpoint": _named("EndpointName"),
    "ListEndpoints": _listing(_BY_STATUS, StatusEquals=Text(choices=(*_STATUSES, "UpdateRollbackFailed")), **_MODIFIED),
    "UpdateEndpoint": Record(
        {
            "EndpointName": NAME,
            "EndpointConfigName": NAME,
            "RetainAllVariantProperties": Flag(),
            "ExcludeRetainedVariantProperties": Listing(
                Record(
                    {
                        "VariantPropertyType": Text(
                            choices=("DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig")
                        )
                    },
                    ("VariantPropertyType",),
                ),
                most=3,
            ),
            "DeploymentConfig": DEPLOYMENT,
            "RetainDeploymentConfig": Flag(),
        },
        ("EndpointName", "EndpointConfigName"),
    ),
    "UpdateEndpointWeightsAndCapacities": Record(
        {
            "EndpointName": NAME,
            "DesiredWeightsAndCapacities": Listing(
                Record(
                    {
                        "VariantName": NAME,
                        "DesiredWeight": Number(0, whole=False),
                        "DesiredInstanceCount": Number(0),
                        "ServerlessUpdateConfig": Record(
                            {"MaxConcurrency": Number(1, 200), "ProvisionedConcurrency": Number(1, 200)}
                        ),
                    },
                    ("VariantName",),
                ),
                least=1,
            ),
        },
        ("EndpointName", "DesiredWeightsAndCapacities"),
    ),
    "CreateInferenceComponent": Record(
        {
            "InferenceComponentName": NAME,
            "EndpointName": NAME,
            "VariantName": NAME,
            "Specification": SPECIFICATION,
            "RuntimeConfig": COPY_COUNT,
            "Tags": TAGS,
        },
        ("InferenceComponentName", "EndpointName", "Specification"),
    ),
    "DescribeInferenceComponent": _named("InferenceComponentName"),
    "DeleteInferenceComponent": _named("InferenceComponentName"),
    "UpdateInferenceComponent": Record(
        {
            "InferenceComponentName": NAME,
            "Specification": SPECIFICATION,
            "RuntimeConfig": COPY_COUNT,
            "DeploymentConfig": Record(
                {"RollingUpdatePolicy": _rolling(COPIES), "AutoRollbackConfiguration": ROLLBACK_ALARMS},
                ("RollingUpdatePolicy",),
            ),
        },
        ("InferenceComponentName",),
    ),
    "UpdateInferenceComponentRuntimeConfig": Record(
        {"InferenceComponentName": NAME, "DesiredRuntimeConfig": COPY_COUNT},
        ("InferenceComponentName", "DesiredRuntimeConfig"),
    ),
    "ListInferenceComponents": _listing(
        _BY_STATUS,
        StatusEquals=Text(choices=("InService", "Creating", "Updating", "Failed", "Deleting")),
        EndpointNameEquals=NAME,
        VariantNameEquals=NAME,
        **_MODIFIED,
    ),
    "ListTags": Record({"ResourceArn": ARN, "NextToken": Text(most=8192), "MaxResults": Number(50)}, ("ResourceArn",)),
    "AddTags": Record({"ResourceArn": ARN, "Tags": TAGS}, ("ResourceArn", "Tags")),
    "DeleteTags": Record(
        {"ResourceArn": ARN, "TagKeys": Listing(Text(most=128, least=1), 1, 50)}, ("ResourceArn", "TagKeys")
    ),
}
