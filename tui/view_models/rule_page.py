"""The page about a rule: what it means, how it is decided, what looks alike, what to do, and its thresholds."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.analysis.thresholds import Band, table
from smtop.tui.commands import CommandError
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, SEVERITY_STYLES, Cell, Line, Paint


def rule_of(rule_id: str) -> Rule:
    """The rule of that id. Raises CommandError where there is none."""
    if rule_id not in BY_ID:
        raise CommandError(f"There is no rule {rule_id}. Known: {', '.join(BY_ID)}.")
    return BY_ID[rule_id]


def rule_lines(rule: Rule, width: int, paint: Paint) -> list[Line]:
    """All of it, for a page of that width."""
    return [
        line for part in (_head(rule), _help(rule, width), _limits(rule, width), _reads(rule, width)) for line in part
    ]


def _head(rule: Rule) -> Iterator[Line]:
    worst = f"{MARKS[rule.severity]} {rule.severity.value} at worst"
    yield (Cell(rule.id, "bold"), Cell("  "), Cell(worst, SEVERITY_STYLES[rule.severity]))
    yield ()


def _help(rule: Rule, width: int) -> Iterator[Line]:
    for paragraph in rule.help.strip().split("\n\n"):
        for line in fmt.wrap(" ".join(paragraph.split()), width):
            yield (Cell(line),)
        yield ()


def _limits(rule: Rule, width: int) -> Iterator[Line]:
    """The standard values; the configuration file may say otherwise."""
    named = [(name, value, means) for name, value, means in table() if name in rule.limits]
    if not named:
        return
    yield (Cell("THRESHOLDS (set them in the configuration file: [rules], [rules.endpoint.NAME], ...)", "dim"),)
    for name, value, means in named:
        for line in fmt.wrap(f"{name} = {_told(value)}: {means}", width - 2):
            yield (Cell(f"  {line}"),)
    yield ()


def _told(value: object) -> str:
    return f"{value.fires:g}, clears at {value.clears:g}" if isinstance(value, Band) else f"{value:g}"


def _reads(rule: Rule, width: int) -> Iterator[Line]:
    if rule.reads:
        yield (Cell("READS", "dim"),)
        for line in fmt.wrap(", ".join(rule.reads), width - 2):
            yield (Cell(f"  {line}"),)
