"""The control path `/_simulator/`, for tests and drills; no AWS client knows it.

It tells the ground truth, the calls, the writes and the clock, and sets what is to go wrong.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from aiohttp import web

from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.cloudwatch.linked import SHARED_PATH
from smtop.metrics.simulator.faults import read_faults
from smtop.metrics.simulator.gateway import Gateway
from smtop.metrics.simulator.mishaps import read_mishaps
from smtop.metrics.simulator.resources import MetricId, MetricReader
from smtop.metrics.simulator.sagemaker.failures import read_dooms
from smtop.metrics.simulator.weather import read_weather
from smtop.metrics.simulator.wire.errors import ServiceError

_ALL_PUBLISHED_S = 86_400.0


class Control:
    """What tests and drills may see and set."""

    def __init__(
        self,
        gateway: Gateway,
        clock: SimulatedClock,
        truth: Callable[[], list[dict[str, Any]]],
        harm: Callable[[float], list[dict[str, Any]]],
        metrics: MetricReader,
    ) -> None:
        self._gateway = gateway
        self._clock = clock
        self._truth = truth
        self._harm = harm
        self._metrics = metrics
        self._latency_ms = gateway.faults.latency_ms

    def routes(self) -> list[web.RouteDef]:
        """The routes of the control path."""
        return [
            web.get("/_simulator/truth", self.truth),
            web.get("/_simulator/harm", self.harm),
            web.get("/_simulator/calls", self.calls),
            web.get("/_simulator/writes", self.writes),
            web.post("/_simulator/faults", self.faults),
            web.post("/_simulator/mishaps", self.mishaps),
            web.post("/_simulator/alarms", self.alarms),
            web.post("/_simulator/rollouts", self.rollouts),
            web.get("/_simulator/weather", self.weather),
            web.post("/_simulator/weather", self.change_weather),
            web.post("/_simulator/points", self.points),
            web.post(SHARED_PATH, self.shared),
            web.get("/_simulator/clock", self.clock),
        ]

    async def truth(self, request: web.Request) -> web.Response:
        """What is wrong with the fleet, by cause."""
        return web.json_response(self._truth())

    async def harm(self, request: web.Request) -> web.Response:
        """The troubles of a drill, whether a change can end them, and since when they do no more harm."""
        return web.json_response(self._harm(self._clock.now()))

    async def calls(self, request: web.Request) -> web.Response:
        """How often each operation was called, how often refused, and what CloudWatch would bill."""
        log = self._gateway.log
        counted = {"billed_metrics": log.billed_metrics, "analysed_metrics": log.analysed_metrics}
        return web.json_response({"calls": log.calls, "refused": log.refused, **counted})

    async def faults(self, request: web.Request) -> web.Response:
        """Replace all faults, those of a scenario too."""
        return await _set(request, lambda body: self._gateway.misbehave(read_faults(body, self._latency_ms)))

    async def writes(self, request: web.Request) -> web.Response:
        """Every call that writes, with what became of it, oldest first."""
        return web.json_response(self._gateway.journal.shown())

    async def mishaps(self, request: web.Request) -> web.Response:
        """Replace what befalls the next calls of single operations; an empty list ends it."""
        return await _set(request, lambda body: self._gateway.befall(read_mishaps(body)))

    async def alarms(self, request: web.Request) -> web.Response:
        """Hold alarms, by name, in OK, ALARM or INSUFFICIENT_DATA; null takes one away."""
        return await _set(request, self._gateway.hold_alarms)

    async def rollouts(self, request: web.Request) -> web.Response:
        """Replace which endpoints' next rollout fails, of what, and whether its rollback fails too."""
        return await _set(request, lambda body: self._gateway.doom_rollouts(read_dooms(body)))

    async def weather(self, request: web.Request) -> web.Response:
        """What it has done: calls by operation, those gone wrong by kind, which points were held back until when."""
        weather = self._gateway.weather
        held = [[name, minute, until] for (name, minute), until in weather.held_until.items()]
        return web.json_response({"calls": weather.calls, "befallen": weather.befallen, "held": held})

    async def change_weather(self, request: web.Request) -> web.Response:
        """Replace the weather; an empty object makes it fine."""
        return await _set(request, lambda body: self._gateway.change_weather(read_weather(body)))

    async def points(self, request: web.Request) -> web.Response:
        """What becomes of metrics once everything is published, whatever goes wrong with calls.

        Asked with `series` as [namespace, name, [[dimension, value], ...], statistic] and `start` and `end` in whole
        minutes; answered with little-endian float64 of shape (series, minutes), NaN where there is no point.
        """
        asked = await request.json()
        start, end = int(asked["start"]), int(asked["end"])
        values = np.full((len(asked["series"]), (end - start) // 60), np.nan)
        for row, (namespace, name, dimensions, stat) in zip(values, asked["series"], strict=True):
            metric = MetricId(namespace, name, tuple(sorted((key, value) for key, value in dimensions)))
            times, found = self._metrics.read(metric, stat, start, end, 60, end + _ALL_PUBLISHED_S)
            row[(np.array(times, dtype=np.int64) - start) // 60] = found
        return web.Response(body=values.astype("<f8").tobytes())

    async def shared(self, request: web.Request) -> web.Response:
        """What this account shares with a monitoring account: a page of GetMetricData or ListMetrics."""
        asked = await request.json()
        try:
            return web.json_response(self._gateway.share(asked["region"], asked["operation"], asked["request"]))
        except ServiceError as error:
            told = {"code": error.code, "message": error.message, "status": error.status}
            return web.json_response(told, status=error.status)

    async def clock(self, request: web.Request) -> web.Response:
        """Simulated time now, and how it runs."""
        return web.json_response({"now": self._clock.now(), "epoch": self._clock.epoch, "speed": self._clock.speed})


async def _set(request: web.Request, apply: Callable[[Any], None]) -> web.Response:
    try:
        apply(await request.json())
    except ValueError as problem:
        return web.json_response({"error": str(problem)}, status=400)
    return web.json_response({})
