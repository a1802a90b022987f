"""A process of its own that carries a change out: it outlives the terminal that the change was confirmed in.

`python -m smtop.metrics.hand` reads a JSON document from standard input (`Errand`), leaves the process that started it,
and goes on alone. All that it does and meets stands in the journal.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from smtop.metrics.clock import Clock, ScaledClock, SystemClock
from smtop.metrics.config import Directories, load_settings
from smtop.metrics.errand import Errand
from smtop.metrics.errors import SmtopError
from smtop.metrics.journal import Journal

LONGEST_S = 9 * 3600.0
"""How long it follows a change: AWS gives a rollout eight hours at most."""
_LOOK_S = 5.0


def main() -> None:
    """Takes the errand and carries it out, apart from whoever started it."""
    errand = Errand(**json.loads(sys.stdin.read()))
    if os.fork() > 0:
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.environ.update(errand.credentials)
    asyncio.run(_carry_out(errand))


async def _carry_out(errand: Errand) -> None:
    directories = Directories(**{name: Path(folder) for name, folder in errand.directories.items()})
    clock = SystemClock() if errand.speed is None else ScaledClock(errand.epoch, errand.speed)
    journal = Journal(directories.state, clock)
    carrying = asyncio.ensure_future(_carry_out_there(errand, directories, clock, journal))
    while not carrying.done():
        if not journal.has(errand.change_id):  # as after a demo, which leaves nothing behind
            carrying.cancel()
        await asyncio.wait((carrying,), timeout=_LOOK_S)
    with suppress(asyncio.CancelledError, OSError):
        carrying.result()


async def _carry_out_there(errand: Errand, directories: Directories, clock: Clock, journal: Journal) -> None:
    from smtop.metrics.operator import operating  # the SDK: not before whoever waits for this process is let go

    try:
        file = Path(errand.config) if errand.config else None
        profiles, regions = ((one,) if one else () for one in (errand.profile, errand.region))
        settings = load_settings(file, directories=directories, profiles=profiles, regions=regions)
        async with operating(settings, clock) as operator:
            operator.gate.open()  # as it was for whoever confirmed the change; what is forbidden stays forbidden
            await operator.go_on(errand.change_id, LONGEST_S)
    except SmtopError as error:
        journal.note(errand.change_id, "interrupted", error=str(error))


if __name__ == "__main__":
    main()
