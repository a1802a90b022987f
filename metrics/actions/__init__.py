"""Changing the fleet: plans, the gate that writes pass, carrying plans out, and following what comes of it."""
