"""`smtop demo`: the screen on a simulated fleet, or only the simulated AWS for any client."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from smtop.metrics.clock import Clock, ScaledClock, SystemClock
from smtop.metrics.config import Directories
from smtop.tui.cli.common import Common
from smtop.tui.cli.options import common_of, common_options
from smtop.tui.cli.screen import open_monitor, open_several, show
from smtop.tui.cli.simulated import Site, simulated_accounts, simulated_aws
from smtop.tui.cli.simulated import serve as serve_simulator

_FEWER = 12
"""How many endpoints the second account has."""

_EXAMPLE = (
    "\b\nExample: smtop on a fleet in which provisioned concurrency runs out\n"
    "  smtop demo --scenario pc-exhausted\n\n"
    "\b\nExample: something goes wrong, and smtop does not tell what: find it, mend it, and be graded\n"
    "  smtop demo --drill --seed 7\n\n"
    "\b\nExample: two accounts in one table, of which one denies a part\n"
    "  smtop demo --wide\n\n"
    "\b\nExample: the AWS CLI on the simulated AWS\n"
    "  smtop demo --serve --port 4566 &\n"
    "  eval \"$(printf '%s\\n' ...)\"   # the export lines that it prints\n"
    "  aws sagemaker list-endpoints"
)


@click.command(epilog=_EXAMPLE)
@click.option("--scenario", "scenarios", metavar="S", multiple=True, help="What goes wrong; may be repeated.")
@click.option("--endpoints", metavar="N", type=click.IntRange(0, 5000), help="How many endpoints.")
@click.option("--seed", metavar="K", type=int, default=0, show_default=True, help="Another seed, another noise.")
@click.option(
    "--speed",
    metavar="X",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Simulated seconds a second.",
)
@click.option("--drill", is_flag=True, help="Practise: what smtop finds is hidden, and you are graded.")
@click.option("--wide", is_flag=True, help="Two accounts in two regions, one of which denies some of what is asked.")
@click.option("--serve", is_flag=True, help="Only the simulated AWS, in the foreground, until Ctrl-C.")
@click.option("--port", metavar="P", type=click.IntRange(0, 65535), default=0, help="With --serve: port on loopback.")
@click.option("--view", metavar="NAME", help="Begin with this view of the configuration file.")
@common_options
@click.pass_context
def demo(
    context: click.Context,
    /,
    scenarios: tuple[str, ...],
    endpoints: int | None,
    seed: int,
    speed: float,
    drill: bool,
    wide: bool,
    serve: bool,
    port: int,
    **common: Any,
) -> int:
    """The screen on a simulated fleet: no AWS account, no network.

    With --drill one or two things go wrong within minutes, drawn by the seed or named by --scenario, and others only
    look like it. :diagnose NAME RULE answers, :give-up ends it, and a report is printed when the screen has closed.
    """
    said = common_of(context, **common)
    if drill + wide + serve > 1:
        raise click.UsageError("--drill, --wide and --serve do not go together.")
    epoch = time.time()
    arguments = _arguments(scenarios, endpoints, seed, speed, epoch) + ["--exercise"] * drill
    if serve:
        serve_simulator([*arguments, f"--port={port}"])
    if port:
        raise click.UsageError("--port goes with --serve.")
    clock: Clock = SystemClock() if speed == 1 else ScaledClock(epoch, speed)
    if wide:
        fewer = _FEWER if endpoints is None else endpoints
        denied = (*(scenarios or ("default",)), "denied")
        other = [*_arguments(denied, fewer, seed + 1, speed, epoch), "--region=eu-west-1"]
        return _show_wide(said, arguments, other, clock)
    with tempfile.TemporaryDirectory(prefix="smtop-demo-") as folder, simulated_aws(arguments):
        settings = said.settings(_own_directories(Path(folder)))
        if drill:
            from smtop.tui.cli.drill import practise

            return practise(said, settings, clock, speed)
        return show(lambda: open_monitor(settings, clock), said, settings, clock, place="simulated")


def _show_wide(said: Common, arguments: Sequence[str], other: Sequence[str], clock: Clock) -> int:
    """The fleets of two accounts, each by the arguments of its simulator."""
    sites = [Site("payments", "123456789012", arguments), Site("search", "444455556666", other)]
    with tempfile.TemporaryDirectory(prefix="smtop-demo-") as name, simulated_accounts(sites, Path(name)):
        settings = said.settings(_own_directories(Path(name)), spanning=True)
        settings = settings._replace(profiles=tuple(site.profile for site in sites), regions=())
        return show(lambda: open_several(settings, clock), said, settings, clock, place="2 simulated accounts")


def _arguments(scenarios: tuple[str, ...], endpoints: int | None, seed: int, speed: float, epoch: float) -> list[str]:
    chosen = [f"--scenario={scenario}" for scenario in scenarios]
    count = [] if endpoints is None else [f"--endpoints={endpoints}"]
    return [*chosen, *count, f"--seed={seed}", f"--speed={speed}", f"--epoch={epoch}"]


def _own_directories(folder: Path) -> Directories:
    return Directories(folder / "config", folder / "state", folder / "cache", folder / "data")
