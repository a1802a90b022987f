"""smtop's engine: the fleet, its metrics, what is wrong with it, what can be done about it."""
