"""Inference components: whatever the case of their names in CloudWatch, and wherever they move."""

from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.endpoint import Component, Endpoint, Kind
from smtop.metrics.domain.series import MetricId, Owner, SampleState, SeriesKey
from smtop.metrics.domain.snapshot import FleetSnapshot
from tests.support.engine import FakeInventory, Rig, component, hosted, minutes, row

KIND = Kind.INFERENCE_COMPONENT
REQUESTS = "Invocations.Sum"
CHAT, OTHER = component("Chat"), component("rank")


def host(name: str, *components: Component) -> Endpoint:
    return hosted(name, KIND, components=components)


def requests_of(spelling: str) -> SeriesKey:
    return SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("InferenceComponentName", spelling),)), "Sum")


def publishing(spelling: str, *endpoints: Endpoint) -> Rig:
    """A fleet whose component has 50 requests a minute in CloudWatch, under this spelling of its name."""
    made = Rig(FakeInventory(*endpoints))
    key = requests_of(spelling)
    made.source.tell(key, *minutes(*[50.0] * 60, newest=-10))
    made.source.listable = [key.metric]
    return made


def shown(snapshot: FleetSnapshot, endpoint: str, name: str = "Chat") -> float | None:
    """The requests of the component on this endpoint; None where they are not shown."""
    samples = row(snapshot, endpoint).metrics.get(Owner(endpoint, "AllTraffic", component=name), {})
    return samples[REQUESTS].value if REQUESTS in samples else None


async def test_a_component_that_cloudwatch_spells_otherwise_has_its_numbers_in_the_first_round() -> None:
    made = publishing("chat", host("llm", CHAT))
    assert shown(await made.cycle(), "llm") == 50.0


async def test_the_other_spelling_is_asked_instead_and_not_as_well() -> None:
    made = publishing("chat", host("llm", CHAT))
    await made.cycle()
    made.source.requests.clear()
    made.clock.move(60)
    await made.cycle()
    asked = {key.metric.dimensions for batch in made.source.requests for key in batch.series}
    assert (("InferenceComponentName", "chat"),) in asked
    assert (("InferenceComponentName", "Chat"),) not in asked


async def test_a_component_of_the_same_letters_never_gets_the_numbers_of_another() -> None:
    made = publishing("chat", host("llm", CHAT), host("other", component("chat")))
    snapshot = await made.cycle()
    assert shown(snapshot, "other", "chat") == 50.0
    assert shown(snapshot, "llm") is None
    sample = row(snapshot, "llm").metrics[Owner("llm", "AllTraffic", component="Chat")][REQUESTS]
    assert sample.state is SampleState.NO_DATA


async def test_a_name_that_is_spelled_alike_is_asked_as_it_is() -> None:
    made = publishing("Chat", host("llm", CHAT))
    assert shown(await made.cycle(), "llm") == 50.0


def test_an_other_spelling_changes_the_question_and_not_the_owner() -> None:
    [ask] = [one for one in asks(host("llm", CHAT), spelled={"Chat": "chat"}) if one.key == requests_of("chat")]
    assert ask.owner == Owner("llm", "AllTraffic", component="Chat")


async def test_a_component_that_moved_is_on_its_new_endpoint_alone_with_its_numbers() -> None:
    """Only the endpoint that it went to says so: neither endpoint's modification time has moved."""
    made = publishing("Chat", host("old", CHAT, OTHER), host("new"))
    assert (shown(snapshot := await made.cycle(), "old"), shown(snapshot, "new")) == (50.0, None)
    made.inventory.put(host("old", OTHER), _touched(host("new", CHAT)))
    made.clock.move(60)
    snapshot = await made.cycle()
    assert (shown(snapshot, "old"), shown(snapshot, "new")) == (None, 50.0)
    assert [one.name for one in row(snapshot, "old").endpoint.components] == ["rank"]


async def test_where_a_component_has_left_the_others_are_looked_at_for_it() -> None:
    made = publishing("Chat", host("old", CHAT), host("new"), hosted("plain"))
    await made.cycle()
    made.inventory.put(_touched(host("old")), host("new", CHAT))
    for _ in range(2):
        made.clock.move(60)
        made.inventory.described()
        snapshot = await made.cycle()
    assert made.inventory.described() == ["new"]
    assert (shown(snapshot, "old"), shown(snapshot, "new")) == (None, 50.0)


async def test_an_old_description_that_comes_late_does_not_keep_a_component() -> None:
    made = publishing("Chat", host("old", CHAT), host("new"))
    await made.cycle()
    made.inventory.put(_touched(host("new", CHAT)), _touched(host("old", CHAT)))
    made.clock.move(60)
    await made.cycle()
    made.inventory.put(_touched(host("old")))
    for _ in range(2):
        made.clock.move(60)
        snapshot = await made.cycle()
    assert (shown(snapshot, "old"), shown(snapshot, "new")) == (None, 50.0)


def _touched(endpoint: Endpoint) -> Endpoint:
    """With another modification time than before."""
    summary = endpoint.summary
    return endpoint._replace(summary=summary._replace(modified_at=summary.modified_at.replace(microsecond=1)))
