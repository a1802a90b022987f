"""README, changelog and pictures say what the program says."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from smtop.metrics.aws.operations import read_only_policy
from smtop.metrics.config import load_settings, user_directories
from smtop.metrics.domain.endpoint import Account
from smtop.tui.cli.commands import smtop
from smtop.tui.cli.exits import Exit
from smtop.tui.keymap import ACTIONS, shown, usage
from smtop.tui.remap import remapped
from tests.support.simulated_aws import PROJECT
from tools.rule_pages import page
from tools.screenshots import SHOTS, Shot

README = (PROJECT / "README.md").read_text()
PICTURES = PROJECT / "screenshots"


def block(name: str, language: str) -> str:
    """The fenced block behind the comment `<!-- name -->`."""
    found = re.search(rf"<!-- {name} -->\n```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"README.md has no {language} block called {name}"
    return found[1]


def table_under(heading: str) -> list[str]:
    """The rows of the first table behind a line, without its head."""
    _, _, rest = README.partition(heading)
    table = re.search(r"(?:^\|.*\|\n)+", rest, re.MULTILINE)
    return table[0].splitlines()[2:] if table else []


def commands() -> list[str]:
    """Every command line of smtop that the README shows."""
    return re.findall(r"^    smtop\b *(.*)$", README, re.MULTILINE)


def test_the_policy_is_the_one_that_the_program_keeps_to() -> None:
    assert json.loads(block("policy", "json")) == read_only_policy()


def test_the_keys_are_those_of_the_key_table() -> None:
    expected = []
    for action in ACTIONS:
        keys = " ".join(f"`{shown(key)}`" for key in action.keys)
        command = f"`{usage(action)}`" if action.commands else ""
        expected.append(f"| {keys} | {command} | {action.what.replace('|', chr(92) + '|')} | `{action.id}` |")
    assert table_under("<!-- keys -->") == expected, "these are the rows:\n" + "\n".join(expected)


def test_the_pages_of_the_rules_are_those_of_the_rules() -> None:
    assert (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8") == page(), "make rule-pages"


def test_the_exit_codes_are_all_there() -> None:
    for heading in ("## In a script", "<!-- exit codes of changes -->"):
        codes = [int(row.split("|")[1]) for row in table_under(heading)]
        assert codes == [code.value for code in Exit]


def parse(line: str) -> str:
    """Parses a command line as smtop would, runs nothing, and returns the command's name; raises UsageError."""
    with smtop.make_context("smtop", shlex.split(line)) as context:
        words = [*context._protected_args, *context.args]
        if not words:
            return ""
        name, command, rest = smtop.resolve_command(context, words)
        assert name and command
        command.make_context(name, rest, parent=context)
        return name


def test_the_commands_that_are_shown_are_understood() -> None:
    changing = {"weights", "update", "undo", "policy"}
    assert {parse(line) for line in commands()} == {
        "",
        "baseline",
        "check",
        "explain",
        "snapshot",
        "demo",
        "doctor",
    } | changing


def test_every_command_that_changes_something_is_in_its_table() -> None:
    told = {re.findall(r"`smtop (\w+)", row)[0] for row in table_under("<!-- changing commands -->")}
    reading = {"baseline", "check", "demo", "doctor", "explain", "snapshot"}
    with smtop.make_context("smtop", []) as context:
        assert told | reading == set(smtop.list_commands(context))


def test_a_command_line_that_is_none_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse("snapshot --no-such-option")


def test_the_configuration_is_one_that_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(block("configuration", "toml"))
    settings = load_settings(file, directories=user_directories())
    assert (settings.profile, settings.region, settings.max_usd_per_hour) == ("prod", "eu-west-1", 0.20)
    watched = Account(may_write=False)
    assert settings.accounts == {"123456789012": Account("payments", "prod", "red"), "210987654321": watched}
    assert settings.read_only_profiles == {"audit"}
    assert settings.profile_budgets == {"audit": 0.05}
    assert settings.account_budgets == {"123456789012": 0.1}
    assert (settings.theme, settings.mouse) == ("dark-safe", False)
    assert settings.sweep
    assert remapped(settings.keys, "README.md").notes == ()
    overridden = {spec.name: spec.spellings for spec in settings.catalogue.metrics if spec.published_as}
    assert overridden == {"InvocationsProcessed": ("InvocationsProcesssed",)}


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    headings = {f"#{heading.lower().replace(' ', '-')}" for heading in re.findall(r"^##+ (.*)$", README, re.MULTILINE)}
    assert [link for link in links if link not in headings and not (PROJECT / link).is_file()] == []


def test_there_is_every_picture_and_no_other() -> None:
    assert {file.stem for file in PICTURES.iterdir()} == {shot.name for shot in SHOTS}


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_picture_asks_for_nothing_from_the_network(shot: Shot) -> None:
    svg = re.sub(r"(<text\b[^>]*>)[^<]*", r"\1", (PICTURES / f"{shot.name}.svg").read_text())  # what is only shown
    addresses = set(re.findall(r"https?://[^\"'\s<>)]+", svg))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_the_changelog_opens_with_what_is_not_released() -> None:
    headings = re.findall(r"^## (.*)$", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
