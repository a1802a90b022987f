"""ECR: the account's own registry, with the images that its models name."""
