"""The simulated AWS for a drill in another process: a moved clock, many series at once, no network."""
