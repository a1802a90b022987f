"""smtop as a whole against a simulated AWS in bad weather, and what must be true afterwards."""
