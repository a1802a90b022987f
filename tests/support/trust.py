"""Whom a client of these tests trusts: nobody."""

from pathlib import Path

_NOBODY = str(Path(__file__).with_name("nobody.pem"))

QUICK_TRUST = {"AWS_CA_BUNDLE": _NOBODY, "SSL_CERT_FILE": _NOBODY}
"""One certificate, whose key nobody has. Every client reads all that the SDK trusts, and every process that imports
aiohttp all that the system trusts, for a hundredth of a second and more; every AWS of these tests speaks plain HTTP."""
