"""What a process of its own is told to carry out, and how it is started: it outlives whoever started it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from smtop.metrics.clock import Clock, ScaledClock
from smtop.metrics.config import Settings
from smtop.metrics.errors import RefusedError

_MODULE = "smtop.metrics.hand"


@dataclass(frozen=True)
class Errand:
    """What the process is told. `credentials` are AWS variables that it cannot come by itself, as after an MFA code.

    `speed` and `epoch` are those of a simulated AWS.
    """

    change_id: str
    directories: Mapping[str, str]
    config: str | None
    profile: str | None
    region: str | None
    credentials: Mapping[str, str] = field(default_factory=dict)
    speed: float | None = None
    epoch: float = 0.0


def send(change_id: str, settings: Settings, clock: Clock, credentials: Mapping[str, str]) -> None:
    """Starts the process; returns once it goes on alone. Raises RefusedError where it cannot be started."""
    scaled = clock if isinstance(clock, ScaledClock) else None
    file = settings.file if settings.file is not None and settings.file.exists() else None
    errand = Errand(
        change_id,
        {name: str(folder) for name, folder in settings.directories._asdict().items()},
        str(file) if file else None,
        settings.profile,
        settings.region,
        credentials,
        scaled.speed if scaled else None,
        scaled.epoch if scaled else 0.0,
    )
    started = subprocess.run(
        [sys.executable, "-m", _MODULE],
        input=json.dumps(asdict(errand)),
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    if started.returncode != 0:
        raise RefusedError("Nothing was changed: the process that carries the change out could not be started.")
