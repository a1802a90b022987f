"""The series that the serverless rules read."""

CALLS = "Invocations.Sum"
CLIENT_ERRORS = "Invocation4XXErrors.Sum"
SERVER_ERRORS = "Invocation5XXErrors.Sum"

USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"
CONCURRENCY = "ServerlessConcurrentExecutionsUtilization.Maximum"

COLD_STARTS = "ModelSetupTime.SampleCount"
SETUP_US = "ModelSetupTime.Average"
MODEL_US = "ModelLatency.Average"

MEMORY = "MemoryUtilization.Maximum"
