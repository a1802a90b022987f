"""How the simulated AWS speaks: protocols, request shapes, error answers, throttling. Knows no service."""
