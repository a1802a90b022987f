"""The audit of what smtop stands on: known, unknown and not asked are three different answers."""

import pytest

from tests.support.simulated_aws import PROJECT
from tools.audit import FILES, verdict

FINE = {"name": "click", "version": "8.5.1", "vulns": []}
BAD = {"name": "rich", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
HOPELESS = {"name": "six", "version": "1.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
UNASKED = {"name": "yarl", "version": "1.0", "skip_reason": "not found"}


def test_nothing_known_is_said_with_how_many_were_asked() -> None:
    assert verdict([FINE, FINE], if_answered=False) == (0, ["No vulnerability is known of 2 packages."])


@pytest.mark.parametrize("if_answered", [False, True])
def test_what_is_known_fails_whatever_else_could_not_be_asked(if_answered: bool) -> None:
    told = verdict([FINE, BAD, HOPELESS, UNASKED], if_answered=if_answered)
    known = ["rich 1.0: PYSEC-1, mended in 1.1", "six 1.0: PYSEC-2, mended in no version yet"]
    assert told == (1, known)


@pytest.mark.parametrize(
    ("packages", "who"), [(None, "Nothing"), ([UNASKED], "Nothing"), ([FINE, UNASKED], "Not all (y")]
)
def test_what_could_not_be_asked_is_never_called_fine(packages: list[dict[str, object]] | None, who: str) -> None:
    code, [line] = verdict(packages, if_answered=False)
    assert (code, line.startswith(who)) == (3, True)
    assert verdict(packages, if_answered=True) == (0, [line])


def test_every_pinned_file_is_audited() -> None:
    assert sorted(FILES) == sorted(file.name for file in PROJECT.glob("requirements*.txt") if "audit" not in file.name)
