"""How soon something is on the screen: smtop with what it remembers of forty endpoints, and a bare Textual app.

`python -m benchmarks.start` writes the cache that smtop finds.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.terminal import environment, terminal

ENDPOINTS = 40
SEEN = b"endpoint-00"
SMTOP = str(Path(sys.executable).with_name("smtop"))
NOWHERE = "http://127.0.0.1:9"


def starts_ms(rounds: int) -> dict[str, list[float]]:
    """Milliseconds from the start of a process to its first words, taken in turns."""
    taken: dict[str, list[float]] = {"smtop": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        folders = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), folder)
        access = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1"}
        variables = folders | access | {"AWS_ENDPOINT_URL": NOWHERE, "AWS_MAX_ATTEMPTS": "1"}
        subprocess.run([sys.executable, "-m", "benchmarks.start"], env=environment(variables), check=True)
        for _ in range(rounds):
            taken["smtop"].append(_start_ms([SMTOP], variables))
            taken["bare"].append(_start_ms([str(Path(__file__).with_name("bare.py"))], variables))
    return taken


def _start_ms(arguments: list[str], variables: dict[str, str]) -> float:
    began_at = time.perf_counter()
    with terminal(arguments, variables=variables) as screen:
        screen.until(SEEN)
        return (time.perf_counter() - began_at) * 1000


def remember() -> None:
    """Saves an inventory where smtop looks for it in this environment."""
    from benchmarks.busy import BEGIN_S, snapshot
    from smtop.metrics.cache import InventoryCache
    from smtop.metrics.config import load_settings

    fleet = snapshot(ENDPOINTS, 0)
    assert fleet.identity is not None
    endpoints = [view.endpoint for view in fleet.endpoints]
    if not InventoryCache(load_settings()).save(fleet.identity, endpoints, BEGIN_S):
        raise SystemExit("The cache cannot be written.")


if __name__ == "__main__":
    remember()
