"""What stands beside the table about the row under the cursor: how large, and which charts come first."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models.grid import Grid
from smtop.tui.view_models.speaking import in_order

if TYPE_CHECKING:  # imported after the first paint
    from smtop.tui.view_models.charts import Chart


class Place(Enum):
    """Where the inspector stands."""

    NOWHERE = "nowhere"
    BELOW = "below"
    BESIDE = "beside"
    WHOLE = "whole"


class Plan(NamedTuple):
    """The inspector's place and size in cells, its title included; its charts, and the size of its text."""

    place: Place
    width: int
    height: int
    charts: Grid
    text_width: int
    text_height: int


_BESIDE_WIDTH = 64
_REASONS_HEIGHT = 13
_LEAST_CHART = 8
_LEAST_HEIGHT = 10
_NO_CHARTS = Grid(1, 0, 0, 0)


def plan(width: int, height: int) -> Plan:
    """The reasons alone on a small terminal, charts on their left on a larger one, above them on a wide one.

    Where there is hardly room for the table, the worst finding still has two lines, or one.
    """
    if height < _LEAST_HEIGHT:
        return NOWHERE
    if width < 80 or height < 20:
        lines = 3 if height >= 16 else 2
        return Plan(Place.BELOW, width, lines + 1, _NO_CHARTS, width, lines)
    if height < 34:
        return Plan(Place.BELOW, width, 6, _NO_CHARTS, width, 5)
    if width < 100:
        return Plan(Place.BELOW, width, 10, _NO_CHARTS, width, 9)
    return _beside(height) if width >= 180 else _below(width, height)


def whole(width: int, height: int) -> Plan:
    """All of a page of that size, for the reasons alone: charts on their left where there is room."""
    body = max(height - 1, 1)
    count = min(4, body // _LEAST_CHART) if width >= 100 else 0
    if not count:
        return Plan(Place.WHOLE, width, height, _NO_CHARTS, width, body)
    left = width // 2
    return Plan(Place.WHOLE, width, height, Grid(1, count, left, body // count), width - left, body)


NOWHERE = Plan(Place.NOWHERE, 0, 0, _NO_CHARTS, 0, 0)


def _below(width: int, height: int) -> Plan:
    """One chart, or two from 40 lines on: the table needs the most."""
    count = 1 if height < 40 else 2
    each = 9 if count == 1 else 7
    left = width // 2
    return Plan(Place.BELOW, width, 1 + count * each, Grid(1, count, left, each), width - left, count * each)


def _beside(height: int) -> Plan:
    """Up to four charts above the reasons."""
    body = height - 5
    count = min(4, (body - _REASONS_HEIGHT) // 8)
    each = (body - _REASONS_HEIGHT) // count
    charts = Grid(1, count, _BESIDE_WIDTH, each)
    return Plan(Place.BESIDE, _BESIDE_WIDTH, body + 1, charts, _BESIDE_WIDTH, body - count * each)


_DEVICES = ("Instances", "Devices")
_PROVISIONED = ("Provisioned concurrency", "Spillover")
_QUEUE = ("Backlog", "Oldest request waits")

PANELS_OF_RULES: Mapping[str, Sequence[str]] = {
    # deploys
    "endpoint-failed": (),
    "update-stuck": (),
    "update-rolled-back": (),
    "alarm-firing": (),
    "metrics-missing": ("Instances", "Memory and disk"),
    # traffic
    "bad-canary": ("Errors", "Model latency", "Requests"),
    "errors-5xx": ("Errors", "Requests"),
    "errors-4xx": ("Errors", "Requests"),
    "latency-near-limit": ("Model latency", "Requests"),
    "latency-high": ("Model latency", "Requests"),
    "traffic-gone": ("Requests", "Requests done"),
    "weights-drift": ("Requests", "Requests done"),
    # queues
    "backlog-without-capacity": _QUEUE,
    "requests-expiring": ("Failures", "Oldest request waits", "Backlog"),
    "backlog-never-drains": _QUEUE,
    "processing-failing": ("Failures", "Requests done"),
    "payload-transfer-failing": ("Failures", "Requests done"),
    "backlog-growing": (*_QUEUE, "Requests done"),
    "notifications-failing": ("Requests done",),
    # serverless
    "pc-exhausted": _PROVISIONED,
    "concurrency-limit": ("Concurrency", "Errors"),
    "cold-starts": ("Cold starts", "Model latency"),
    "spillover": ("Spillover", "Provisioned concurrency"),
    "pc-high": _PROVISIONED,
    "serverless-memory": ("Errors", "Requests"),
    "pc-stuck-warm": ("Requests", "Provisioned concurrency"),
    "pc-wasted": ("Provisioned concurrency", "Requests"),
    # models
    "model-load-failing": ("Errors", "Model cache"),
    "cache-thrash": ("Model cache", "Waiting for a model"),
    "container-skew": ("Errors", "Requests"),
    # scaling
    "component-without-capacity": ("Refused for lack of capacity", "Requests"),
    "scaling-at-max": ("Provisioned concurrency", *_DEVICES, "Requests"),
    "scaling-stuck": (),
    "scaling-fight": (),
    "quota-near": (),
    # hosts
    "gpu-saturated": _DEVICES,
    "cpu-saturated": _DEVICES,
    "memory-saturated": ("Memory and disk", "Devices"),
    "disk-full": ("Memory and disk",),
    "hot-instance": _DEVICES,
    # advice
    "max-concurrency-low": ("Concurrency",),
    "pc-low": ("Cold starts", "Provisioned concurrency"),
    "serverless-workers": (),
    "image-large": (),
    "single-instance": (),
    "idle": ("Requests", "Requests done", "Backlog"),
}
"""The charts that show what a rule stands on, the most telling first; each kind of endpoint has some of them."""

_HEADLINES = (2, 3, 0, 1)
"""Of the panels of every kind: latency or backlog, then what it runs out of, then requests and errors."""


def most_telling(view: EndpointView, charts: "Sequence[Chart]", count: int) -> "list[Chart]":
    """The charts that show what is wrong, then the headlines of the kind; those with curves before those without."""
    named = [title for finding in in_order(view) for title in PANELS_OF_RULES.get(finding.id, ())]
    telling = [chart for title in named for chart in charts if chart.title == title]
    headlines = [charts[place] for place in _HEADLINES if place < len(charts)]
    ordered = list(dict.fromkeys(chart.title for chart in (*telling, *headlines, *charts)))
    by_title = {chart.title: chart for chart in charts}
    found = [by_title[title] for title in ordered]
    return sorted(found, key=lambda chart: not chart.curves)[:count]
