"""Practising: what went wrong on a simulated fleet is to be found by somebody, and smtop keeps silent about it."""
