"""One failure mode a file: each rule is a pure function from a subject to what it finds."""

from collections.abc import Callable, Iterator

from smtop.metrics.analysis.rules import (
    backlog,
    cache,
    client_errors,
    concurrency,
    hosts,
    provisioned,
    server_errors,
    spillover,
    status,
)
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding

Rule = Callable[[Subject, Thresholds], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    status.check,
    server_errors.check,
    backlog.check,
    provisioned.check,
    concurrency.check,
    spillover.check,
    cache.check,
    hosts.check,
    client_errors.check,
)
