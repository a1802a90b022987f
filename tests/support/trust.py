"""Whom a client of these tests trusts: nobody."""

from pathlib import Path

QUICK_TRUST = {"AWS_CA_BUNDLE": str(Path(__file__).with_name("nobody.pem"))}
"""One certificate, whose key nobody has. Every client reads all that the SDK trusts, for a hundredth of a second and
more, and every AWS of these tests speaks plain HTTP."""
