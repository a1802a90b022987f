"""Configs as fields, two of them side by side, and names that differ in nothing but their number."""

from typing import Any

import pytest

from smtop.metrics.domain.configs import (
    THE_REST,
    Difference,
    EndpointConfig,
    Field,
    differences,
    fields,
    stem,
    unknown_paths,
)

VARIANT = {"VariantName": "A", "InitialInstanceCount": 2, "InstanceType": "ml.m5.large", "ModelName": "fraud-1"}


def config(*variants: dict[str, Any], **members: Any) -> EndpointConfig:
    document = {
        "EndpointConfigName": "c",
        "EndpointConfigArn": "arn",
        "CreationTime": 1.0,
        "ProductionVariants": variants,
    }
    return EndpointConfig("c", 1.0, {**document, **members})


def changed(before: EndpointConfig, after: EndpointConfig) -> list[Difference]:
    return [one for one in differences(before, after) if one.mark != " "]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fraud-cfg-17", "fraud-cfg"),
        ("fraud-v2", "fraud"),
        ("xgboost-2026-11-20-14-11-30-000", "xgboost"),
        ("fraud-cfg-v2-20261120", "fraud-cfg"),
        ("EndpointConfig-9fceb02d0ae598e9", "EndpointConfig"),
        ("fraud", "fraud"),
        ("2026-11-20", "2026-11-20"),
        ("gpt-4-decade", "gpt-4-decade"),
    ],
)
def test_a_name_without_its_number(name: str, expected: str) -> None:
    assert stem(name) == expected


def test_fields_are_in_the_order_in_which_they_are_looked_for() -> None:
    own = {"VariantName": "A", "VolumeSizeInGB": 8, "InstanceType": "ml.m5.large", "ModelName": "fraud-1"}
    shadow = {"VariantName": "S", "ModelName": "fraud-2", "InitialVariantWeight": 1.0}
    whole = config(own, KmsKeyId="key", AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://b/o"}})
    whole = EndpointConfig("c", 1.0, {**whole.document, "ShadowProductionVariants": [shadow]})
    assert fields(whole.document) == [
        Field("variant A", "ModelName", "fraud-1"),
        Field("variant A", "InstanceType", "ml.m5.large"),
        Field("variant A", "VolumeSizeInGB", "8"),
        Field("shadow variant S", "ModelName", "fraud-2"),
        Field("shadow variant S", "InitialVariantWeight", "1"),
        Field(THE_REST, "AsyncInferenceConfig.OutputConfig.S3OutputPath", "s3://b/o"),
        Field(THE_REST, "KmsKeyId", "key"),
    ]


def test_lists_booleans_and_empty_values_are_shown_as_they_are() -> None:
    document = {
        "Flags": [],
        "Nothing": {},
        "Capture": {"On": True, "Options": [{"Mode": "Input"}, {"Mode": "Output"}], "Types": ["a", "b"]},
    }
    assert [(field.name, field.value) for field in fields(document)] == [
        ("Capture.On", "true"),
        ("Capture.Options[1].Mode", "Input"),
        ("Capture.Options[2].Mode", "Output"),
        ("Capture.Types", "a, b"),
        ("Flags", "[]"),
        ("Nothing", "{}"),
    ]


def test_name_arn_and_time_are_no_difference_and_neither_is_the_order_of_variants() -> None:
    other = {**VARIANT, "VariantName": "B"}
    before = config(VARIANT, other)
    after = EndpointConfig(
        "d", 2.0, {**config(other, VARIANT).document, "EndpointConfigName": "d", "CreationTime": 2.0}
    )
    assert changed(before, after) == []


def test_changed_added_and_removed_fields_have_their_marks() -> None:
    after = {**VARIANT, "ModelName": "fraud-2", "VolumeSizeInGB": 8}
    del after["InstanceType"]
    found = changed(config(VARIANT), config(after, KmsKeyId="key"))
    assert [(one.mark, *one) for one in found] == [
        ("~", "variant A", "ModelName", "fraud-1", "fraud-2"),
        ("+", "variant A", "VolumeSizeInGB", None, "8"),
        ("-", "variant A", "InstanceType", "ml.m5.large", None),
        ("+", THE_REST, "KmsKeyId", None, "key"),
    ]


def test_a_variant_that_goes_stands_before_the_config_itself() -> None:
    gone = {**VARIANT, "VariantName": "canary"}
    found = changed(config(VARIANT, gone, KmsKeyId="old"), config(VARIANT, KmsKeyId="new"))
    assert [one.part for one in found] == ["variant canary"] * 3 + [THE_REST]


def test_members_that_were_not_understood_are_found_at_any_depth() -> None:
    document = {"A": 1, "New": {"B": 2}, "List": [{"C": 3}, {"C": 4, "Pools": [1]}], "Null": None}
    understood = {"A": 1, "List": [{"C": 3}, {"C": 4}]}
    assert list(unknown_paths(document, understood)) == ["New", "List[2].Pools"]


def test_the_models_of_a_config_are_those_of_its_variants() -> None:
    assert config(VARIANT, {**VARIANT, "VariantName": "B"}, {"VariantName": "C"}).models == ("fraud-1",)
