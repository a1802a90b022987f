"""How busy an endpoint is now: what a change would touch."""

from collections.abc import Sequence

from smtop.metrics.actions.ground import Ground
from smtop.metrics.clock import Clock
from smtop.metrics.domain.series import PERIOD_S, PROVISIONAL_S, MetricId, SeriesKey
from smtop.metrics.errors import AwsError
from smtop.metrics.limiter import priority
from smtop.metrics.ports import Batch, MetricSource, Priority, Window

_MINUTES = 5
_NAMESPACE = "AWS/SageMaker"


async def requests_per_minute(source: MetricSource, clock: Clock, ground: Ground) -> float | None:
    """The mean of the last five settled minutes over all variants and components; None where nothing is known.

    A few metrics are billed for it, less than $0.0001.
    """
    counts = [value for values in await _values(source, clock, _series(ground)) for value in values]
    return sum(counts) / _MINUTES if counts else None


async def queued(source: MetricSource, clock: Clock, ground: Ground) -> float | None:
    """Asynchronous requests that wait or are being processed, as of the newest settled minute."""
    backlog = SeriesKey(MetricId(_NAMESPACE, "ApproximateBacklogSize", (("EndpointName", ground.name),)), "Maximum")
    (values,) = await _values(source, clock, (backlog,)) or ((),)
    return values[-1] if values else None


async def _values(source: MetricSource, clock: Clock, series: tuple[SeriesKey, ...]) -> list[Sequence[float]]:
    """The settled minutes of each; nothing where CloudWatch cannot be asked."""
    end = int(clock.wall() - PROVISIONAL_S) // PERIOD_S * PERIOD_S
    batch = Batch(series, Window(end - _MINUTES * PERIOD_S, end), Priority.VERIFICATION)
    token = priority.set(Priority.VERIFICATION)
    try:
        answers = (await source.fetch(batch)).answers
    except AwsError:
        return []
    finally:
        priority.reset(token)
    return [answers[key].values for key in series]


def _series(ground: Ground) -> tuple[SeriesKey, ...]:
    name = "InvocationsProcessed" if ground.is_async else "Invocations"
    of_variants = [(("EndpointName", ground.name), ("VariantName", variant)) for variant in ground.production]
    of_components = [(("InferenceComponentName", one["InferenceComponentName"]),) for one in ground.components]
    return tuple(
        SeriesKey(MetricId(_NAMESPACE, name, dimensions), "Sum") for dimensions in of_components or of_variants
    )
