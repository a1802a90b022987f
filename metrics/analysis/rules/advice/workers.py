"""Several model server workers in a serverless container, which has one request at a time."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.advice.serverless_models import serverless_models
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.surroundings import ModelFacts

_ID = "serverless-workers"

_VARIABLES = (
    "SAGEMAKER_MODEL_SERVER_WORKERS",
    "MODEL_SERVER_WORKERS",
    "SAGEMAKER_NUM_MODEL_WORKERS",
    "TS_DEFAULT_WORKERS_PER_MODEL",
)
"""What the servers of AWS's containers and TorchServe take their number of workers from."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """A variable of the model's environment that asks for more than one."""
    for variant, settings, model in serverless_models(subject):
        asked = workers(model)
        if asked is None:
            continue
        name, count = asked
        yield Finding(
            id=_ID,
            severity=Severity.OK,
            title=f"{count} model server workers in a serverless container",
            evidence=(
                f"{name}={count} in the environment of {model.name}",
                f"each has a copy of the model, and {settings.memory_mb // count:,} of {settings.memory_mb:,} MB",
            ),
            variant=variant,
            next=f"Make the model anew with {name}=1, and update the endpoint to it.",
        )


def workers(model: ModelFacts) -> tuple[str, int] | None:
    """The variable that asks for several workers, and how many; None where none does."""
    for name in _VARIABLES:
        value = model.environment.get(name, "").strip()
        if value.isdecimal() and int(value) > 1:
            return name, int(value)
    return None


RULE = Rule(
    id=_ID,
    title="Several workers on serverless",
    severity=Severity.OK,
    check=check,
    reads=("models",),
    help="""\
A serverless container is given one request at a time. Further model server workers have nothing to do: each loads the
model once more, which takes memory and makes the cold start longer.

It is said when a variable that sets the number of workers is above 1 in the environment of the model. A number that is
set within the image is not seen, nor is the default of a server that starts one worker for each CPU.

It is advice: nothing fails by it. Where memory runs short, or cold starts are long, begin here.

Make the model anew with the variable set to 1 (AWS: one worker and one copy of the model for each container), and
update the endpoint to it.
""",
)
