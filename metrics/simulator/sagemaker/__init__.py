"""SageMaker's control plane in one region: models, configurations, endpoints, inference components, tags."""
