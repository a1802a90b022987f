"""SageMaker Runtime: invocations of what is deployed."""
