"""SECURITY.md claims nothing without a test, and names no test that is not there."""

import ast
import re

import pytest

from tests.support.simulated_aws import PROJECT

TEXT = (PROJECT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\|(.*) \| (`.*`|[^|]*) \|$", TEXT.partition("## Claims")[2], re.MULTILINE)[1:]


def test_every_claim_has_a_test() -> None:
    assert len(ROWS) > 20
    assert [row for row in ROWS if not re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", row[1])] == []


@pytest.mark.parametrize("named", sorted({row[1].strip("`") for row in ROWS}))
def test_every_test_that_is_named_is_there(named: str) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
