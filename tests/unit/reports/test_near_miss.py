"""Which metric is meant by one that the catalogue does not know."""

from pathlib import Path

import pytest

from smtop.metrics.config import Directories, load_settings
from smtop.metrics.domain.catalogue import (
    HOSTS_NAMESPACE,
    INVOCATIONS_NAMESPACE,
    METRICS,
    STANDARD,
    Catalogue,
    MetricSpec,
)
from smtop.metrics.domain.overrides import Override, overridden
from smtop.metrics.reports.near_miss import Likeness, Missing, Near, Shape, nearest

VARIANT = ("EndpointName", "VariantName")
PROCESSED = Shape(INVOCATIONS_NAMESPACE, "InvocationsProcessed", VARIANT)
ERRORS = [Shape(INVOCATIONS_NAMESPACE, f"Invocation{digit}XXErrors", VARIANT) for digit in "45"]
DISK = Shape(HOSTS_NAMESPACE, "DiskUtilization", VARIANT)
NORMALIZED = Shape(HOSTS_NAMESPACE, "CPUUtilizationNormalized", VARIANT)
ALL = (PROCESSED, *ERRORS, DISK, NORMALIZED)


def missing(*shapes: Shape, catalogue: Catalogue = STANDARD) -> dict[Shape, Missing]:
    return {shape: Missing(_spec(shape, catalogue)) for shape in shapes}


def _spec(shape: Shape, catalogue: Catalogue = STANDARD) -> MetricSpec:
    return next(
        spec
        for spec in catalogue.metrics
        if (spec.namespace, spec.spellings[0]) == shape[:2] and shape.dimensions in map(spec.shape, spec.scopes)
    )


@pytest.mark.parametrize(
    ("published", "expected", "likeness"),
    [
        (PROCESSED._replace(name="invocationsprocessed"), PROCESSED, Likeness.CASE),
        (PROCESSED._replace(dimensions=("Endpointname", "variantName")), PROCESSED, Likeness.CASE),
        (PROCESSED._replace(namespace="aws/sagemaker"), PROCESSED, Likeness.CASE),
        (DISK._replace(namespace="aws/sagemaker/Endpoints"), DISK, Likeness.CASE),
        (NORMALIZED._replace(name="cpuUtilizationNormalized"), NORMALIZED, Likeness.CASE),
        (PROCESSED._replace(dimensions=("EndpointName", "ProductionVariant")), PROCESSED, Likeness.DIMENSION),
        (PROCESSED._replace(name="InvocationProcessed"), PROCESSED, Likeness.SPELLING),
        (ERRORS[0]._replace(name="Invocations4XXErrors"), ERRORS[0], Likeness.SPELLING),
        (ERRORS[1]._replace(name="Invocations5XXErrors"), ERRORS[1], Likeness.SPELLING),
    ],
)
def test_what_is_nearly_the_same_is_told_with_lines_that_mend_it(
    published: Shape, expected: Shape, likeness: Likeness, tmp_path: Path
) -> None:
    near = nearest(published, missing(*ALL), STANDARD)
    assert near is not None
    assert (near.expected, near.likeness) == (expected, likeness)
    assert published in asked(mended(near, tmp_path))
    assert expected not in asked(mended(near, tmp_path))


def mended(near: Near, folder: Path) -> Catalogue:
    """The catalogue of a configuration file that holds these lines."""
    file = folder / "config.toml"
    file.write_text(near.snippet, encoding="utf-8")
    return load_settings(file, directories=Directories(folder, folder, folder, folder)).catalogue


def asked(catalogue: Catalogue) -> set[Shape]:
    return {
        Shape(spec.namespace, name, spec.shape(scope))
        for spec in catalogue.metrics
        for name in spec.spellings
        for scope in spec.scopes
    }


@pytest.mark.parametrize(
    "published",
    [
        PROCESSED._replace(name="Nonsense"),
        PROCESSED._replace(dimensions=("EndpointName",)),
        PROCESSED._replace(dimensions=("Host", "Variant")),
        PROCESSED._replace(namespace="AWS/EC2"),
        PROCESSED._replace(name="InvocationProcessed", dimensions=("EndpointName", "Variant")),
    ],
)
def test_what_differs_more_is_something_else(published: Shape) -> None:
    assert nearest(published, missing(*ALL), STANDARD) is None


def test_case_is_nearer_than_spelling() -> None:
    near = nearest(ERRORS[1]._replace(name="invocation5xxErrors"), missing(*ERRORS), STANDARD)
    assert near is not None
    assert near.expected == ERRORS[1]


def test_an_override_that_would_lose_what_is_listed_is_not_advised() -> None:
    """A metric has one name for all its dimensions; where one set is listed under it, it must stay."""
    component = Shape(INVOCATIONS_NAMESPACE, "Invocations", ("InferenceComponentName",))
    kept = (Shape(INVOCATIONS_NAMESPACE, "Invocations", VARIANT),)
    gone = {component: Missing(_spec(component), kept)}
    assert nearest(component._replace(name="invocations"), gone, STANDARD) is None
    assert nearest(component._replace(dimensions=("ComponentName",)), gone, STANDARD) is not None


def test_the_lines_replace_an_override_that_is_there_and_keep_what_it_has_right(tmp_path: Path) -> None:
    before = overridden({"InvocationsProcessed": Override(name="Done", dimensions={"VariantName": "Variant"})})
    expected = Shape(INVOCATIONS_NAMESPACE, "Done", ("EndpointName", "Variant"))
    published = expected._replace(name="done")
    near = nearest(published, missing(expected, catalogue=before), before)
    assert near is not None
    assert published in asked(mended(near, tmp_path))


@pytest.mark.parametrize("spec", METRICS, ids=lambda spec: f"{spec.namespace}/{spec.name}")
def test_a_metric_in_another_case_is_found_whatever_it_is(spec: MetricSpec, tmp_path: Path) -> None:
    expected = Shape(spec.namespace, spec.name, spec.shape(next(iter(spec.scopes))))
    published = expected._replace(name=spec.name.upper())
    near = nearest(published, {expected: Missing(spec)}, STANDARD)
    assert near is not None
    assert published in asked(mended(near, tmp_path))
