"""Snapshots and view state as text and small style names. Pure: no terminal, no Textual."""
