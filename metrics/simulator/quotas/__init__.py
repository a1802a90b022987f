"""Service Quotas: what the account may use of SageMaker."""
