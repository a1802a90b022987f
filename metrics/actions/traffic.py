"""How busy an endpoint is now: what a change would touch."""

from smtop.metrics.actions.ground import Ground
from smtop.metrics.clock import Clock
from smtop.metrics.domain.series import PERIOD_S, PROVISIONAL_S, MetricId, SeriesKey
from smtop.metrics.errors import AwsError
from smtop.metrics.limiter import priority
from smtop.metrics.ports import Batch, MetricSource, Priority, Window

_MINUTES = 5


async def requests_per_minute(source: MetricSource, clock: Clock, ground: Ground) -> float | None:
    """The mean of the last five settled minutes over all variants and components; None where nothing is known.

    A few metrics are billed for it, less than $0.0001.
    """
    series = _series(ground)
    end = int(clock.wall() - PROVISIONAL_S) // PERIOD_S * PERIOD_S
    window = Window(end - _MINUTES * PERIOD_S, end)
    token = priority.set(Priority.VERIFICATION)
    try:
        answers = (await source.fetch(Batch(series, window, Priority.VERIFICATION))).answers
    except AwsError:
        return None
    finally:
        priority.reset(token)
    counts = [value for key in series for value in answers[key].values]
    return sum(counts) / _MINUTES if counts else None


def _series(ground: Ground) -> tuple[SeriesKey, ...]:
    name = "InvocationsProcessed" if ground.is_async else "Invocations"
    of_variants = [(("EndpointName", ground.name), ("VariantName", variant)) for variant in ground.production]
    of_components = [(("InferenceComponentName", one["InferenceComponentName"]),) for one in ground.components]
    return tuple(
        SeriesKey(MetricId("AWS/SageMaker", name, dimensions), "Sum") for dimensions in of_components or of_variants
    )
