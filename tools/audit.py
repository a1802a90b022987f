"""Asks whether a pinned package has a known vulnerability: `make audit`, which runs it beside pip-audit.

Exit codes: 0 none is known, 1 one is known, 3 not all could be asked (0 with `--if-answered`, and says so).
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

FILES = ("requirements.txt", "requirements-dev.txt")
_OPTIONS = ("--format", "json", "--progress-spinner", "off", "--disable-pip", "--no-deps")
_PATIENCE_S = 60

Package = dict[str, Any]


def asked() -> list[Package] | None:
    """What pip-audit found of each package; None where it found nothing out at all."""
    files = [word for name in FILES for word in ("--requirement", name)]
    words = [sys.executable, "-m", "pip_audit", *_OPTIONS, *files]
    try:
        told = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        packages: list[Package] = json.loads(told.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return packages


def vulnerable(packages: Sequence[Package]) -> Iterator[str]:
    """A line for each known vulnerability."""
    for package in packages:
        for found in package.get("vulns", ()):
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {found['id']}, mended in {mended}"


def verdict(packages: Sequence[Package] | None, *, if_answered: bool) -> tuple[int, list[str]]:
    """The exit code, and what to say."""
    found = list(vulnerable(packages or ()))
    unasked = [package["name"] for package in packages or () if "skip_reason" in package]
    if found:
        return 1, found
    if packages is None or unasked:
        who = "Nothing" if packages is None or len(unasked) == len(packages) else f"Not all ({', '.join(unasked)})"
        return 0 if if_answered else 3, [f"{who} could be audited: the advisories of packages cannot be reached."]
    return 0, [f"No vulnerability is known of {len(packages)} packages."]


def main(arguments: Sequence[str]) -> int:
    """Prints what is known; the exit code says it too."""
    code, lines = verdict(asked(), if_answered="--if-answered" in arguments)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
