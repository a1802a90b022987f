"""What several forms have in common: whom they are about, how an update is rolled out, fields that may be empty."""

from collections.abc import Iterable, Sequence

from smtop.metrics.domain.change import POLICIES, Deployment
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.errors import RefusedError
from smtop.tui.view_models.forms import Entering, Field, Values, number_of

AS_AWS_DOES = "as AWS does"
YES, NO = "yes", "no"

ROLLOUT = (
    Field("policy", "rollout", AS_AWS_DOES, Entering.CHOICE, (AS_AWS_DOES, *POLICIES)),
    Field("alarms", "alarms that roll back", "", Entering.TEXT, note="names, with spaces between"),
)
"""How another config is rolled out."""


def deployment_of(values: Values) -> Deployment:
    policy = values.get("policy", AS_AWS_DOES)
    return Deployment(None if policy == AS_AWS_DOES else policy, tuple(values.get("alarms", "").split()))


def about_whom(word: str, endpoints: Sequence[Endpoint]) -> str:
    """The title of a form."""
    return f"{word} {endpoints[0].title}" if len(endpoints) == 1 else f"{word} {len(endpoints)} endpoints"


def the_only(endpoints: Sequence[Endpoint], what: str) -> Endpoint:
    """Raises RefusedError for several: what they would need differs."""
    if len(endpoints) != 1:
        raise RefusedError(f"{what} is done for one endpoint at a time. Forget the marks with \\ first.")
    return endpoints[0]


def common(values: Iterable[object]) -> str:
    """What all have in common, as text; empty where they differ or have nothing."""
    found = {text(value) for value in values}
    return found.pop() if len(found) == 1 else ""


def text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def whole(values: Values, name: str, now: str = "") -> int | None:
    """The number in a field, None where it is empty or as it was."""
    typed = values.get(name, "")
    number = number_of(typed)
    return None if number is None or typed == now else int(number)


def changed(values: Values, name: str, now: str = "") -> str | None:
    """The text in a field, None where it is empty or as it was."""
    typed = values.get(name, "").strip()
    return typed if typed and typed != now else None
