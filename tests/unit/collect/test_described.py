"""Which answers about an endpoint are read, and what stands where one is refused."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.collect.documents import documents
from smtop.metrics.domain.documents import Body, Described
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.errors import FaultKind
from tests.support.engine import component, fault, hosted


class Shelf:
    """The DocumentSource port over answers by name; what is not there was deleted."""

    def __init__(self, **bodies: Mapping[str, Any]) -> None:
        self.bodies = bodies

    async def document(self, described: Described, name: str) -> Body:
        if name not in self.bodies:
            raise fault(FaultKind.NOT_FOUND, f"sagemaker:{described.value}", f"Could not find {name}.")
        return self.bodies[name]


def variants(*models: str) -> list[dict[str, str]]:
    return [{"VariantName": model, "ModelName": model} for model in models]


async def test_from_the_endpoint_over_its_configs_to_models_and_components() -> None:
    shelf = Shelf(
        fraud={"EndpointConfigName": "v2", "PendingDeploymentSummary": {"EndpointConfigName": "v3"}},
        v2={"ProductionVariants": variants("m1", "m2"), "ShadowProductionVariants": variants("m1", "m3")},
        v3={"ProductionVariants": [{"VariantName": "hosts components"}]},
        m1={"ModelName": "m1", "Novel": {"Member": 1}},
        m2={},
        llm={"InferenceComponentName": "llm"},
    )
    endpoint = hosted("fraud", Kind.INFERENCE_COMPONENT, components=[component("llm")])
    read = await documents(shelf, endpoint)
    assert [(one.described.value, one.name) for one in read] == [
        ("DescribeEndpoint", "fraud"),
        ("DescribeEndpointConfig", "v2"),
        ("DescribeEndpointConfig", "v3"),
        ("DescribeModel", "m1"),
        ("DescribeModel", "m2"),
        ("DescribeModel", "m3"),
        ("DescribeInferenceComponent", "llm"),
    ]
    by_name = {one.name: one for one in read}
    assert by_name["m1"].body == {"ModelName": "m1", "Novel": {"Member": 1}}
    assert (by_name["m3"].body, by_name["m3"].why) == (None, "Could not find m3.")


async def test_a_refused_endpoint_still_has_the_config_that_the_fleet_knows() -> None:
    read = await documents(Shelf(**{"fraud-v1": {"ProductionVariants": []}}), hosted("fraud"))
    assert [(one.name, one.why) for one in read] == [("fraud", "Could not find fraud."), ("fraud-v1", None)]
