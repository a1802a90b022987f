"""Who calls, and what they may do: STS and a little of IAM."""
