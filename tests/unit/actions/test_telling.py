"""What is told of a change that came to nothing."""

import pytest

from smtop.metrics.actions.telling import given_up
from tests.cli.command import count_sentences
from tests.unit.actions.test_reasons import TEXTS

PING = (
    "The primary container for production variant A did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


@pytest.mark.parametrize("reason", [*(text for _, text in TEXTS), PING, "", "Something new. With two sentences."])
def test_a_reason_takes_two_sentences(reason: str) -> None:
    assert count_sentences(given_up("AWS took fraud back to fraud-cfg-1", reason)) == 2


def test_aws_words_come_first_without_its_general_advice() -> None:
    told = given_up("AWS took fraud back to fraud-cfg-1", PING)
    assert told.startswith(
        "AWS took fraud back to fraud-cfg-1: The primary container for production variant A did not pass the ping "
        "health check. The container did not answer GET /ping with 200 in time: "
    )
    assert "; read its newest log stream" in told
    assert "Please" not in told


def test_what_is_not_known_is_told_whole() -> None:
    told = given_up("fraud is Failed", "Please call a friend. It is odd.")
    assert told.startswith("fraud is Failed: Please call a friend; It is odd. smtop does not know this reason; read ")
    assert given_up("fraud is Failed", "").startswith("fraud is Failed. AWS gave no reason; read ")


def test_alarms_are_named_where_they_may_be_the_reason() -> None:
    assert "The alarm slow went into ALARM, and with that" in given_up("Back", "", ["slow"])
    assert "The alarms a, b went into ALARM" in given_up("Back", "an alarm went off", ["a", "b"])
    assert "slow" not in given_up("Back", "InsufficientInstanceCapacity", ["slow"])
