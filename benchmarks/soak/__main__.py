"""`python -m benchmarks.soak`: smtop against a simulated AWS in bad weather, as a Markdown table; 1 on any breach.

The seed decides which calls go wrong and how, by operation and count, which endpoints are made anew, and which keys and
changes are drawn. What runs at the same time, and so how often each operation is called and what stands on the screen
when a key is pressed, is the machine's: two runs of a seed are alike, not the same.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.soak.run import Options, soak
from benchmarks.soak.table import breaches, markdown


def main(arguments: Sequence[str]) -> int:
    """Runs a soak for each seed; of several each has a process of its own, whose memory is judged alone."""
    wanted = _parser().parse_args(arguments)
    every = [Options(wanted.minutes, wanted.speed, seed, wanted.endpoints) for seed in wanted.seed or [1]]
    return _soaked(every[0]) if len(every) == 1 else max([_alone(options) for options in every])


def _alone(options: Options) -> int:
    arguments = [f"--{name}={getattr(options, name)}" for name in ("minutes", "speed", "seed", "endpoints")]
    return subprocess.run([sys.executable, "-m", "benchmarks.soak", *arguments], check=False).returncode


def _soaked(options: Options) -> int:
    _note(f"Seed {options.seed}: {options.minutes:g} minutes begin.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = soak(options, Path(folder))
    sys.stdout.write("\n".join(markdown(result)) + "\n\n")
    sys.stdout.flush()
    found = breaches(result)
    for sentence in found:
        _note(f"Seed {options.seed}: {sentence}")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make soak ARGS=...", description="smtop in bad weather.")
    parser.add_argument("--minutes", type=float, default=10.0, help="real minutes (default: 10)")
    parser.add_argument("--speed", type=float, default=60.0, help="simulated seconds a second (default: 60)")
    parser.add_argument("--seed", type=int, action="append", help="may be given more than once (default: 1)")
    parser.add_argument("--endpoints", type=int, default=400, help="how many the fleet has (default: 400)")
    return parser


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
