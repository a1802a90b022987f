"""What stands around endpoints, collected at a slower pace than metrics."""
