"""Overrides of the catalogue: what CloudWatch is asked changes, what smtop calls it does not."""

import pytest

from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.domain.catalogue import HOSTS_NAMESPACE, INVOCATIONS_NAMESPACE, METRICS, STANDARD, MetricSpec, Scope
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.overrides import Override, entry_key, overridden
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import ConfigError
from tests.support.engine import component, hosted

SHARED = f"{HOSTS_NAMESPACE}/CPUUtilizationNormalized"


def asked(label: str, kind: Kind, **overrides: Override) -> list[Ask]:
    """What an endpoint of this kind is asked under this label."""
    components = [component()] if kind is Kind.INFERENCE_COMPONENT else []
    endpoint = hosted(kind=kind, components=components)
    return [ask for ask in asks(endpoint, overridden(overrides)) if ask.label == label]


def test_without_overrides_the_catalogue_is_the_documented_one() -> None:
    assert overridden({}) is STANDARD


def test_a_name_replaces_all_spellings_and_keeps_the_label() -> None:
    override = Override(name="InvocationsProcesssed")
    [ask] = asked("InvocationsProcessed.Sum", Kind.ASYNC, InvocationsProcessed=override)
    assert ask.key.metric.name == "InvocationsProcesssed"


def test_a_namespace_is_asked_and_listed() -> None:
    catalogue = overridden({"DiskUtilization": Override(namespace="aws/sagemaker/Endpoints")})
    [ask] = [ask for ask in asks(hosted(), catalogue) if ask.label == "DiskUtilization.Average"]
    assert ask.key.metric.namespace == "aws/sagemaker/Endpoints"
    assert set(catalogue.namespaces) == {*STANDARD.namespaces, "aws/sagemaker/Endpoints"}


def test_dimensions_are_renamed_and_stay_sorted() -> None:
    override = Override(dimensions={"VariantName": "AVariant"})
    [ask] = asked("Invocations.Sum", Kind.REALTIME, Invocations=override)
    assert ask.key.metric == MetricId(
        INVOCATIONS_NAMESPACE, "Invocations", (("AVariant", "AllTraffic"), ("EndpointName", "fraud"))
    )
    assert ask.owner.variant == "AllTraffic"
    assert ("AVariant", "EndpointName") in overridden({"Invocations": override}).shapes([Scope.VARIANT])


def test_scopes_without_the_renamed_dimension_stay_as_they_are() -> None:
    override = Override(dimensions={"InferenceComponentName": "ComponentName"})
    names = {
        ask.owner.component: [name for name, _ in ask.key.metric.dimensions]
        for ask in asked("Invocations.Sum", Kind.INFERENCE_COMPONENT, Invocations=override)
    }
    assert names == {None: ["EndpointName", "VariantName"], "llm": ["ComponentName"]}


def test_all_else_is_asked_as_before() -> None:
    catalogue = overridden({"Invocations": Override(name="Calls")})
    before, after = asks(hosted()), asks(hosted(), catalogue)
    differing = {old.label for old, new in zip(before, after, strict=True) if old.key != new.key}
    assert differing == {"Invocations.Sum"}


def test_two_metrics_may_change_places() -> None:
    catalogue = overridden(
        {
            "Invocation4XXErrors": Override(name="Invocation5XXErrors"),
            "Invocation5XXErrors": Override(name="Invocation4XXErrors"),
        }
    )
    names = {ask.label: ask.key.metric.name for ask in asks(hosted(), catalogue)}
    assert names["Invocation4XXErrors.Sum"] == "Invocation5XXErrors"


@pytest.mark.parametrize(
    ("key", "override", "message"),
    [
        ("InvocationProcessed", Override(name="X"), r"no metric InvocationProcessed\. Near: InvocationsProcessed"),
        ("modellatency", Override(name="X"), "no metric modellatency. Near: ModelLatency"),
        ("Nonsense", Override(name="X"), r"no metric Nonsense\.$"),
        ("CPUUtilizationNormalized", Override(name="X"), f'several metrics: write "{SHARED}" or '),
        ("Invocations", Override(dimensions={"Variant": "X"}), "no dimension Variant. It has ContainerName, Endpoint"),
        ("Invocations", Override(dimensions={"VariantName": "EndpointName"}), "two dimensions the same name"),
        ("Invocations", Override(name="ModelLatency"), "Invocations and ModelLatency would both be asked as Model"),
    ],
)
def test_what_cannot_be_is_told(key: str, override: Override, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        overridden({key: override})


def test_one_metric_has_one_override() -> None:
    both = {"Invocations": Override(name="A"), "AWS/SageMaker/Invocations": Override(name="B")}
    with pytest.raises(ConfigError, match="are the same metric"):
        overridden(both)


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: f"{spec.namespace}/{spec.name}")
def test_every_metric_can_be_overridden_by_its_key(spec: MetricSpec) -> None:
    changed = overridden({entry_key(spec): Override(name="Other")})
    assert [(one.namespace, one.name) for one in changed.metrics if one.published_as] == [(spec.namespace, spec.name)]
