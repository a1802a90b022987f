"""An AWS that runs on loopback: real wire protocols, simulated endpoints. Imports nothing else of smtop."""
