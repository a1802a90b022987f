"""A little of S3: enough for the inputs and outputs of asynchronous inference."""
