"""What draws view models. Knows lines, cells and keys, nothing of AWS."""
