"""The causes behind the metrics: who calls an endpoint, and what a call costs its model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.ailments import WELL, Ailments, Course
from smtop.metrics.simulator.instances import InstanceSpec
from smtop.metrics.simulator.noise import Array, Minutes

_DAY_MIN: Final = 1440
_KNOT_MIN: Final = 10
_GPU_MODEL_ON_CPU_SPEED: Final = 0.04
_SLOTS_OF_CPU_COPY: Final = 2
TIME_LIMIT_S: Final = 60.0
"""How long an endpoint waits for its container's answer."""


@dataclass(frozen=True)
class Shift:
    """From `at` (epoch seconds) until `until`, there are `factor` times as many calls; the change takes `ramp_s`."""

    at: float
    factor: float
    ramp_s: float = 120.0
    until: float = math.inf

    def factors(self, minutes: Minutes) -> Array:
        """The factor of every minute."""
        done = Course(self.at, self.ramp_s, self.until).strength(minutes)
        return np.asarray(1.0 + (self.factor - 1.0) * done, dtype=np.float64)


@dataclass(frozen=True)
class Bursts:
    """For `length_min` of every `every_min` minutes, from `since` until `until`, calls are `factor` times as many.

    One of the bursts begins in the epoch minute `phase_min`.
    """

    every_min: int
    length_min: int
    factor: float
    since: float = 0.0
    until: float = math.inf
    phase_min: int = 0

    def factors(self, minutes: Minutes) -> Array:
        """The factor of every minute."""
        moments = minutes * 60.0
        phase = (minutes - self.phase_min) % self.every_min
        inside = (phase < self.length_min) & (moments >= self.since) & (moments < self.until)
        return np.where(inside, self.factor, 1.0)


@dataclass(frozen=True)
class Traffic:
    """Calls a minute: a mean, a day's swing around it with a peak hour, a mild week, and jitter."""

    calls_per_min: float
    swing: float = 0.25
    peak_hour_utc: float = 14.0
    week_swing: float = 0.04
    jitter: float = 0.05
    bursts: Bursts | None = None
    shifts: tuple[Shift, ...] = ()

    def expected(self, moment: float) -> float:
        """Calls a minute at a moment (epoch seconds), without noise, bursts and shifts."""
        minute = np.array([int(moment // 60)])
        day = _wave(minute, _DAY_MIN, self.peak_hour_utc * 60.0, self.swing)
        return float(self.calls_per_min * (day * _wave(minute, 7 * _DAY_MIN, 5.5 * _DAY_MIN, self.week_swing))[0])

    def rate(self, stream: int, minutes: Minutes) -> Array:
        """Expected calls of every minute, shape of `minutes`."""
        rate = self.calls_per_min * _wave(minutes, _DAY_MIN, self.peak_hour_utc * 60.0, self.swing)
        rate *= _wave(minutes, 7 * _DAY_MIN, 5.5 * _DAY_MIN, self.week_swing)
        rate *= np.exp(self.jitter * _wander(stream, minutes))
        for shape in (*self.shifts, *((self.bursts,) if self.bursts else ())):
            rate *= shape.factors(minutes)
        return rate


@dataclass(frozen=True)
class Growth:
    """From `at` (epoch seconds) on, callers ask for `models` different models."""

    at: float
    models: int


@dataclass(frozen=True)
class WorkingSet:
    """The models behind a multi-model endpoint and how unevenly they are asked for (Zipf's exponent)."""

    models: int
    model_mb: float
    zipf: float = 0.9
    growths: tuple[Growth, ...] = ()


@dataclass(frozen=True)
class ServiceProfile:
    """What one call costs: service time is lognormal around `median_ms` on a core or GPU of speed 1.

    `cores` are busy during a call and decide how many calls an instance serves at once; a GPU model serves
    `calls_per_gpu` at once instead. `setup_s` is what a new serverless container takes to start.
    """

    median_ms: float = 40.0
    sigma: float = 0.35
    cores: float = 1.0
    on_gpu: bool = False
    calls_per_gpu: int = 4
    memory_mb: float = 1800.0
    gpu_memory_mb: float = 9000.0
    overhead_ms: float = 5.0
    setup_s: float = 5.0
    rate_4xx: float = 0.002
    rate_5xx: float = 0.0003
    working_set: WorkingSet | None = None

    def speed_on(self, spec: InstanceSpec) -> float:
        """How fast the model runs on an instance, relative to speed 1."""
        return _GPU_MODEL_ON_CPU_SPEED * spec.speed if self.on_gpu and not spec.gpus else spec.speed

    def slots_on(self, spec: InstanceSpec) -> int:
        """Calls that one instance serves at once."""
        return max(1, spec.gpus * self.calls_per_gpu if self.on_gpu and spec.gpus else int(spec.vcpus / self.cores))

    def slots_of_copy(self) -> int:
        """Calls that one copy of an inference component serves at once."""
        return self.calls_per_gpu if self.on_gpu else _SLOTS_OF_CPU_COPY

    def mean_s(self, speed: float = 1.0) -> float:
        """Mean service time in seconds."""
        return self.median_ms / 1000.0 / speed * math.exp(self.sigma**2 / 2.0)


@dataclass(frozen=True)
class Workload:
    """An endpoint's callers, and what its models cost by name; `usual` stands for a model that nobody described.

    `demand` weighs inference components and directly invoked containers against each other (1 where not named).
    `request_ttl_min` is how long an asynchronous request may wait, as its callers ask for it.
    """

    traffic: Traffic
    usual: ServiceProfile = field(default_factory=ServiceProfile)
    profiles: Mapping[str, ServiceProfile] = field(default_factory=dict)
    demand: Mapping[str, float] = field(default_factory=dict)
    ailments: Ailments = WELL
    request_ttl_min: int = 360

    def profile(self, model: str | None) -> ServiceProfile:
        """What a call to a model costs."""
        return self.profiles.get(model or "", self.usual)


SILENT: Final = Workload(Traffic(0.0))


def _wave(minutes: Minutes, length_min: float, peak_min: float, swing: float) -> Array:
    return np.asarray(1.0 + swing * np.cos((minutes - peak_min) * (2.0 * math.pi / length_min)), dtype=np.float64)


def _wander(stream: int, minutes: Minutes) -> Array:
    """Noise that drifts over ten minutes and flickers within one, clipped so that chance alone is no incident."""
    knots = minutes // _KNOT_MIN
    first = int(knots[0]) if len(knots) else 0
    numbers = np.arange(first, first + (int(knots[-1]) - first if len(knots) else 0) + 2, dtype=np.int64)
    levels = noise.normals(stream ^ 0x5A5A, numbers)[:, 0]
    drift = np.interp(minutes / _KNOT_MIN, numbers, levels)
    return np.asarray(np.clip(drift + 0.5 * noise.normals(stream, minutes)[:, 0], -2.5, 2.5), dtype=np.float64)
