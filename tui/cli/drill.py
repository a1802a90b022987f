"""`smtop demo --drill`: the screen with an exercise, and its report when the screen has closed."""

import os
from contextlib import suppress
from functools import partial
from shutil import get_terminal_size

import click

from smtop.metrics.clock import Clock
from smtop.metrics.config import Settings
from smtop.tui.cli.common import Common
from smtop.tui.cli.screen import open_monitor, show
from smtop.tui.drill import key, report
from smtop.tui.drill.exercise import Exercise

_ASKED_S = 15.0
"""Simulated seconds between two looks at the answer key."""
_OFTEN_S, _RARELY_S = 0.5, 5.0
_WIDEST = 100


def practise(common: Common, settings: Settings, clock: Clock, speed: float) -> int:
    """Runs an exercise on the simulated AWS that the environment points at; returns the exit code."""
    from smtop.tui.drill_app import DrillApp

    exercise = Exercise(partial(key.asked, os.environ["AWS_ENDPOINT_URL"]), clock)
    make = partial(DrillApp, exercise, ask_s=min(max(_ASKED_S / speed, _OFTEN_S), _RARELY_S))
    code = show(lambda: open_monitor(settings, clock), common, settings, clock, place="simulated", make=make)
    with suppress(OSError):
        exercise.heard(exercise.ask())
    exercise.end(gave_up=True)
    click.echo(report.text(exercise, min(get_terminal_size().columns, _WIDEST)), nl=False)
    return code
