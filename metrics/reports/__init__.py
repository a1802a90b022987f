"""What looks into an account and tells, without watching it."""
