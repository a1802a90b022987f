"""The pins: one exact version of everything, in agreement with pyproject.toml, and nothing left for pip to choose."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.simulated_aws import PROJECT

PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*")


def lines(name: str) -> list[str]:
    """The lines of a requirements file that are no comment."""
    return [line for line in (PROJECT / name).read_text().splitlines() if not line.startswith("#")]


def pins(*names: str) -> dict[str, str]:
    """Versions by name."""
    found = [line.partition("==") for name in names for line in lines(name) if not line.startswith("-r ")]
    return {name: version for name, _, version in found}


def declared() -> list[Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def closure(roots: Iterator[Requirement]) -> dict[str, set[str]]:
    """What the roots need on this Python, each with who asks for it, from the installed metadata."""
    askers: dict[str, set[str]] = {}
    waiting = [(root, "pyproject.toml") for root in roots]
    done = set()
    while waiting:
        requirement, asker = waiting.pop()
        name = canonicalize_name(requirement.name)
        askers.setdefault(name, set()).add(asker)
        if (name, *requirement.extras) in done:
            continue
        done.add((name, *requirement.extras))
        waiting += [(need, name) for need in needs(requirement)]
    return askers


def needs(requirement: Requirement) -> Iterator[Requirement]:
    extras = requirement.extras or {""}
    for line in distribution(requirement.name).requires or ():
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
            yield need


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-audit.txt"])
def test_every_line_is_an_exact_pin(name: str) -> None:
    allowed = [line for line in lines(name) if PIN.fullmatch(line) or line == "-r requirements.txt"]
    assert lines(name) == allowed
    names = [line.split("==")[0] for line in lines(name) if "==" in line]
    assert names == sorted(set(names))


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_a_declared_dependency_allows_its_pin(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins("requirements.txt")[requirement.name])


def test_the_pins_to_run_are_what_the_declared_dependencies_need_and_no_more() -> None:
    assert set(pins("requirements.txt")) == set(closure(iter(declared())))


def test_the_pins_to_develop_leave_nothing_open() -> None:
    everything = pins("requirements.txt", "requirements-dev.txt")
    needed = closure(Requirement(name) for name in everything)
    assert {name: askers for name, askers in needed.items() if name not in everything} == {}


def test_moto_comes_with_no_more_than_its_server_needs() -> None:
    heavy = {"docker", "cfn-lint", "openapi-spec-validator", "py-partiql-parser", "sympy"}
    assert not heavy & set(pins("requirements-dev.txt"))
