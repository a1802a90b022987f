"""Application Auto Scaling, as far as it scales SageMaker."""
