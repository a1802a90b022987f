"""When CloudWatch shows a minute: nothing of it for about a minute after its end, all of it after four."""

import numpy as np

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.noise import Array, Minutes

SETTLED_S = 300.0
"""A minute that ended longer ago than this is never looked up: all of it is out."""


def moments(stream: int, minutes: Minutes) -> tuple[Array, Array]:
    """How long after its end (seconds) a minute's first samples are out, and all of them; one number a minute each."""
    chances = noise.uniforms(stream ^ 31, minutes, 2)
    return 60.0 + 45.0 * chances[:, 0], 130.0 + 110.0 * chances[:, 1]


def shares(stream: int, minutes: Minutes, ages_s: Array) -> Array:
    """Share of every minute's samples that are out, so many seconds after its end."""
    out = np.ones(len(minutes))
    young = ages_s < SETTLED_S
    if young.any():
        begin, settled = moments(stream, minutes[young])
        grown = 0.4 + 0.6 * (ages_s[young] - begin) / (settled - begin)
        out[young] = np.where(ages_s[young] < begin, 0.0, np.minimum(grown, 1.0))
    return out
