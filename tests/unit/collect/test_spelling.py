"""Names of components that CloudWatch spells otherwise: joined where it is certain, left alone where it is not."""

import pytest

from smtop.metrics.collect.spelling import spellings


@pytest.mark.parametrize(
    ("components", "listed", "expected"),
    [
        (["Chat"], ["chat"], {"Chat": "chat"}),
        (["chat"], ["CHAT"], {"chat": "CHAT"}),
        (["Chat"], ["Chat", "chat"], {}),
        (["Chat"], ["chatter"], {}),
        (["Chat"], [], {}),
        (["Chat", "chat"], ["chat"], {}),
        (["Chat", "chat"], ["CHAT"], {}),
        (["Chat"], ["chat", "CHAT"], {}),
        (["Chat", "Rank"], ["chat", "Rank"], {"Chat": "chat"}),
    ],
)
def test_another_case_is_the_same_component_if_it_can_be_no_other(
    components: list[str], listed: list[str], expected: dict[str, str]
) -> None:
    assert spellings(components, listed) == expected
