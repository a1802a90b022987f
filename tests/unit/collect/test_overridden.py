"""An overridden metric from the question to the picture."""

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.overrides import Override, overridden
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.reports.doctor import cost_plan
from tests.support.engine import FakeInventory, Rig, hosted, minutes, on, row

FRAUD = hosted("fraud")


async def test_it_is_asked_and_listed_by_its_name_in_cloudwatch_and_shown_by_its_own() -> None:
    override = Override(name="Calls", namespace="Ours", dimensions={"VariantName": "Variant"})
    made = Rig(FakeInventory(FRAUD), catalogue=overridden({"Invocations": override}))
    metric = MetricId("Ours", "Calls", (("EndpointName", "fraud"), ("Variant", "AllTraffic")))
    made.source.tell(SeriesKey(metric, "Sum"), *minutes(*[7.0] * 60, newest=0))
    snapshot = await made.cycle()
    assert row(snapshot, "fraud").metrics[on(FRAUD)]["Invocations.Sum"].value == 7.0
    assert "Ours" in made.source.list_calls
    asked = {key.metric.name for batch in made.source.requests for key in batch.series}
    assert "Calls" in asked
    assert "Invocations" not in asked


def test_a_name_that_is_certain_saves_the_question_for_the_other_spelling() -> None:
    queue = [hosted("queue", Kind.ASYNC)]
    certain = overridden({"InvocationsProcessed": Override(name="InvocationsProcessed")})
    assert cost_plan(queue).first_look_metrics - cost_plan(queue, catalogue=certain).first_look_metrics == 1
