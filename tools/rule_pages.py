"""Writes docs/rules.md: every rule with its page of help and its thresholds. Call it as `make rule-pages`."""

from pathlib import Path

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules import RULES
from smtop.metrics.analysis.thresholds import Band, table

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"

_HEAD = """\
# What smtop finds wrong, and how

Made by `make rule-pages` from the rules themselves. A threshold with two numbers fires at the first and clears at the
second. Each can be set in the configuration file, for all endpoints, for a kind, a tag or one endpoint; a rule that is
named under `off` says nothing there:

```toml
[rules]
least_calls = 50

[rules.kind.serverless]
cold_start_ratio = [0.2, 0.1]

[rules.tag."team=ads"]
off = ["single-instance"]

[rules.endpoint.fraud-scorer]
server_error_ratio = 0.02
```

A minute is judged once it has settled: when two readings of it agree, or after five minutes. Most rules need two of the
three newest settled minutes, and are over when all three are better. The graver rules are also asked about minutes that
may still change; what they would find is shown as an early signal, and counts for nothing.
"""


def page() -> str:
    """The whole document."""
    return "\n".join([_HEAD, _overview(), *(_section(rule) for rule in RULES)])


def _overview() -> str:
    rows = [f"| [`{rule.id}`](#{rule.id}) | {rule.severity.value} | {rule.title} |" for rule in RULES]
    return "\n".join(["| Rule | At worst | |", "|---|---|---|", *rows, ""])


def _section(rule: Rule) -> str:
    reads = ", ".join(f"`{one}`" for one in rule.reads)
    parts = [f"## {rule.id}", f"**{rule.title}**, {rule.severity.value} at worst.", rule.help.strip()]
    parts += [f"Reads {reads}."] if reads else []
    limits = [f"* `{name}` {_told(value)}: {means}" for name, value, means in table() if name in rule.limits]
    return "\n\n".join([*parts, *(["\n".join(limits)] if limits else [])]) + "\n"


def _told(value: object) -> str:
    return f"{value.fires:g}, {value.clears:g}" if isinstance(value, Band) else f"{value:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
