"""`python -m smtop.metrics.simulator`: prints what an AWS client needs, then serves until it is told to stop."""

import argparse
import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import Sequence

from aiohttp import web

from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.drills import open_drawn
from smtop.metrics.simulator.exercise import open_exercise
from smtop.metrics.simulator.fleet import SCENARIOS, Fleet, open_fleet
from smtop.metrics.simulator.server import HOST, REGION, build_app, serve, watch_parent
from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, ACCOUNT_ID, SECRET_ACCESS_KEY

_DRILLED = 40
_PRACTISED = 24


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulated AWS; the exit code."""
    options = _parser().parse_args(arguments)
    clock = SimulatedClock(time.time() if options.epoch is None else options.epoch, options.speed)
    try:
        fleet = _fleet(options, clock.now())
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    app = build_app(fleet, clock, options.latency_ms, options.region, dict(options.link))
    try:
        asyncio.run(_run(app, options.port, options.region, options.parent_pipe))
    except KeyboardInterrupt:  # before the signal handlers were in place
        return 0
    except OSError as problem:
        sys.stderr.write(f"{_refusal(options.port, problem)}\n")
        return 2
    return 0


def _link(text: str) -> tuple[str, str]:
    account, _, url = text.partition("=")
    if len(account) != 12 or not account.isdecimal() or account == ACCOUNT_ID or not url.startswith("http://"):
        raise argparse.ArgumentTypeError("a link is another account's number and URL: 444455556666=http://127.0.0.1:80")
    return account, url.rstrip("/")


def _fleet(options: argparse.Namespace, now: float) -> Fleet:
    if options.exercise:
        return open_exercise(
            _PRACTISED if options.endpoints is None else options.endpoints, options.seed, now, options.scenario
        )
    if options.drills is None:
        return open_fleet(options.scenario, options.endpoints, options.seed, now)
    if options.scenario:
        raise ValueError("drills are drawn by the seed, not named as scenarios")
    return open_drawn(_DRILLED if options.endpoints is None else options.endpoints, options.seed, now, options.drills)


def _parser() -> argparse.ArgumentParser:
    scenarios = "\n".join(f"  {name:24} {meaning}" for name, meaning in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m smtop.metrics.simulator",
        description="An AWS with SageMaker endpoints that runs on loopback.",
        epilog=f"scenarios:\n{scenarios}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME", help="may be given more than once")
    parser.add_argument("--endpoints", type=int, metavar="N", help="how many endpoints the fleet has")
    parser.add_argument(
        "--drills", type=float, metavar="HOURS", help="another fleet, to which things happen within so many hours"
    )
    parser.add_argument(
        "--exercise", action="store_true", help="another fleet, on which one or two things go wrong within minutes"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, another fleet's noise")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds a second")
    parser.add_argument("--epoch", type=float, help="unix time at which simulated time equals real time; default now")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="wait before every answer")
    parser.add_argument("--region", default=REGION, help="where the fleet is; every other region is empty")
    parser.add_argument(
        "--link",
        action="append",
        default=[],
        type=_link,
        metavar="ACCOUNT=URL",
        help="a source account's simulated AWS",
    )
    parser.add_argument("--parent-pipe", action="store_true", help="exit when standard input reaches its end")
    return parser


async def _run(app: web.Application, port: int, region: str, parent_pipe: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    watcher = asyncio.create_task(watch_parent(stop)) if parent_pipe else None
    try:
        await serve(app, port, stop, ready=lambda port: _announce(port, region))
    finally:
        if watcher is not None:
            watcher.cancel()


def _announce(port: int, region: str) -> None:
    exports = {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    sys.stdout.write("".join(f"export {name}={value}\n" for name, value in exports.items()))
    sys.stdout.flush()


def _refusal(port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} is already in use."
    return f"Cannot listen on {HOST}:{port}: {os.strerror(problem.errno or 0)}."


if __name__ == "__main__":
    sys.exit(main())
