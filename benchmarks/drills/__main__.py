"""`python -m benchmarks.drills`: what smtop finds in simulated fleets, as Markdown tables.

Fleets, troubles and noise follow from the seeds, which are printed: the same arguments give the same table.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context

from benchmarks.drills import fleets, plumbing
from benchmarks.drills.run import Plan, Result, run
from benchmarks.drills.table import below_the_bar, markdown
from benchmarks.drills.wire import over_the_wire

_DAY_ENDPOINTS = 100
_CAUSE_HELP = "this cause alone: 32 of it in each of the --rounds and --tiered fleets, and nothing else"
_QUICK_FLEETS = 3
"""So many go through all causes that are quick, about once each as mild and as severe."""


def plans(wanted: argparse.Namespace) -> list[Plan]:
    """The longest first, so that the workers end together."""
    seed = wanted.seed
    if wanted.cause:
        untiered = fleets.only(wanted.cause, seed, wanted.rounds)
        return [*untiered, *fleets.only(wanted.cause, seed, wanted.tiered, tiered=True)]
    made = [*fleets.days(seed, wanted.days, _DAY_ENDPOINTS, wanted.step)]
    made += fleets.slow(seed, wanted.rounds)
    made += fleets.quick(seed, _QUICK_FLEETS * wanted.rounds)
    made += fleets.slow(seed, wanted.tiered, tiered=True)
    made += fleets.quick(seed, _QUICK_FLEETS * wanted.tiered, tiered=True)
    made += fleets.groups(seed, wanted.groups)
    return made


def main(arguments: Sequence[str]) -> int:
    """Runs the drills; 1 where `--check` finds something below the bar."""
    wanted = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the workers end with it
    results: list[Result] = []
    ends = time.monotonic() + wanted.minutes * 60
    with get_context("spawn").Pool(wanted.workers) as pool:
        made = plans(wanted)
        for result in pool.imap_unordered(run, made):
            results.append(result)
            _note(f"{len(results)} of {len(made)}: {result.plan.name}, seed {result.plan.seed}, {result.cpu_s:.0f} s")
            if time.monotonic() >= ends:
                break
    if len(results) < len(made):
        _note(f"{len(made) - len(results)} of {len(made)} fleets were left out: the time was over.")
    results.sort(key=lambda one: (one.plan.name, one.plan.tiered, one.plan.seed))
    if wanted.wire:
        results.append(over_the_wire(wanted.seed))
    for line in markdown(results):
        _say(line)
    below = below_the_bar(results)
    if not wanted.no_plumbing:
        mishaps = list(plumbing.verdicts(wanted.seed))
        for line in plumbing.markdown(mishaps):
            _say(line)
        below += [f"{one.name} was not told as it is" for one in mishaps if not one.is_right]
    for sentence in below:
        _note(f"Below the bar: {sentence}.")
    return 1 if wanted.check and below else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make drills ARGS=...", description="What smtop finds in simulated fleets.")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--cause", choices=(*fleets.QUICK, *fleets.SLOW), metavar="NAME", help=_CAUSE_HELP)
    parser.add_argument("--rounds", type=int, default=10, help="rounds of all causes: 4 fleets of 40 a minute apart")
    parser.add_argument("--tiered", type=int, default=3, help="rounds with default tiers and budget")
    parser.add_argument("--groups", type=int, default=12, help="fleets of 40, some of which fall ill together")
    parser.add_argument("--days", type=int, default=10, help="fleets of 100 that are well for four days")
    parser.add_argument("--step", type=int, default=900, help="seconds between two looks at fleets that are well")
    parser.add_argument("--wire", action="store_true", help="also one fleet over HTTP, which takes six minutes")
    parser.add_argument("--no-plumbing", action="store_true", help="without what goes wrong between smtop and AWS")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with two simulated accounts")
    parser.add_argument("--minutes", type=float, default=240, help="no further fleet after so long (default: 240)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if something is below the bar")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
