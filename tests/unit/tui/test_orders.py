"""What is typed behind a command that changes something."""

import pytest

from smtop.metrics.actions.allowed import Act
from smtop.metrics.domain.change import Bounds, Delete, Deployment, Resize, Rollback, Update, Weights
from smtop.tui.commands import CommandError
from smtop.tui.view_models.change_forms import Asked
from smtop.tui.view_models.change_forms.invoke import Trial
from smtop.tui.view_models.orders import changes_of
from tests.support.fleet import endpoint

E = endpoint("e").endpoint


@pytest.mark.parametrize(
    ("act", "text", "change"),
    [
        (Act.WEIGHTS, "A=90 B=10", Weights("e", {"A": 90.0, "B": 10.0})),
        (Act.RESIZE, "count=4", Resize("e", count=4)),
        (Act.RESIZE, "variant=A type=ml.g5.xlarge", Resize("e", variant="A", type="ml.g5.xlarge")),
        (Act.RESIZE, "component=c copies=2", Resize("e", component="c", copies=2)),
        (
            Act.SERVERLESS,
            "memory=4096 policy=canary alarm=p99 alarm=5xx",
            Resize("e", memory_mb=4096, deployment=Deployment("canary", ("p99", "5xx"))),
        ),
        (Act.SERVERLESS, "provisioned-concurrency=0", Resize("e", provisioned_concurrency=0)),
        (Act.SCALING, "min=1 max=4 variant=A", Bounds("e", "A", None, 1, 4)),
        (Act.UPDATE, "config=e-v2", Update("e", config="e-v2")),
        (Act.UPDATE, "model=m2 policy=rolling", Update("e", model="m2", deployment=Deployment("rolling"))),
        (Act.ROLLBACK, "e-v1", Rollback("e", "e-v1")),
        (Act.DELETE, "with-config", Delete("e", with_config=True)),
        (Act.INVOKE, "in.csv content-type=text/csv target-model=m", Trial("e", "in.csv", "text/csv", None, "m")),
    ],
)
def test_what_is_meant(act: Act, text: str, change: Asked) -> None:
    assert changes_of(act, text, [E]) == (change,)


@pytest.mark.parametrize(
    ("act", "text", "why"),
    [
        (Act.WEIGHTS, "A", "A is no NAME=VALUE."),
        (Act.WEIGHTS, "A=x", "x is no number"),
        (Act.RESIZE, "size=4", "Known: variant, component, type, count"),
        (Act.RESIZE, "count=1.5", "whole number"),
        (Act.UPDATE, "config=a model=b", "config=NAME or model=NAME"),
        (Act.UPDATE, "policy=canary", "config=NAME or model=NAME"),
        (Act.ROLLBACK, "a b", "one config"),
        (Act.DELETE, "all", "Known: with-config, with-models."),
        (Act.SCALING, "least=1", "Known: min, max"),
    ],
)
def test_what_is_not_understood(act: Act, text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        changes_of(act, text, [E])


def test_each_of_several_gets_its_own() -> None:
    both = [E, endpoint("f").endpoint]
    assert changes_of(Act.RESIZE, "count=2", both) == (Resize("e", count=2), Resize("f", count=2))
