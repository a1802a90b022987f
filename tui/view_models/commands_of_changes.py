"""A change as the command line that does the same."""

import shlex
from collections.abc import Iterator

from smtop.metrics.domain.change import Bounds, Change, Resize, Rollback, Suspend, Weights
from smtop.metrics.domain.endpoint import Identity


def command_of(change: Change, at: Identity | None = None) -> str | None:
    """`smtop resize fraud --count 4 --write`; None for changes that are made elsewhere.

    `at` is where it is made, if that has to be said.
    """
    words = list(_words(change))
    place = [*_option("--profile", at.profile), *_option("--region", at.region)] if at else []
    return shlex.join(["smtop", *words, *place, "--write"]) if words else None


def _words(change: Change) -> Iterator[str]:
    match change:
        case Resize():
            yield from ("resize", change.endpoint, *_resized(change))
        case Weights():
            yield from ("weights", change.endpoint)
            yield from (f"{variant}={weight:g}" for variant, weight in change.weights.items())
        case Rollback():
            yield from ("rollback", change.endpoint, *(("--to", change.to) if change.to else ()))
        case Bounds():
            yield from ("scaling", change.endpoint, "bounds", *_part(change), *_option("--min", change.least))
            yield from _option("--max", change.most)
        case Suspend():
            yield from ("scaling", change.endpoint, "resume" if change.resume else "suspend", *_part(change))
        case _:
            return


def _resized(change: Resize) -> Iterator[str]:
    yield from _part(change)
    yield from _option("--count", change.count)
    yield from _option("--type", change.type)
    yield from _option("--memory", change.memory_mb)
    yield from _option("--max-concurrency", change.max_concurrency)
    yield from _option("--provisioned-concurrency", change.provisioned_concurrency)
    yield from _option("--async-concurrency", change.async_concurrency)
    yield from _option("--copies", change.copies)


def _part(change: Resize | Bounds | Suspend) -> Iterator[str]:
    yield from _option("--variant", change.variant)
    yield from _option("--component", change.component)


def _option(name: str, value: str | int | None) -> Iterator[str]:
    if value is not None:
        yield from (name, str(value))
