"""What becomes of asynchronous requests: failed processing, transfers and notifications."""

import pytest

from smtop.metrics.domain.finding import Severity
from tests.support.engine import Values, at, hosted, on
from tests.support.queues import BATCH, DOWNLOADS, ERRORS, FAILED, NOTIFICATIONS, UPLOADS, queue
from tests.support.rules import Labels, open_before, said, the

SOME: Values = [2.0, 0.0, 2.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("rule", "label", "failed", "severity", "word"),
    [
        ("notifications-failing", NOTIFICATIONS, SOME, Severity.WARNING, "notifications"),
        ("notifications-failing", NOTIFICATIONS, [20.0] * 5, Severity.WARNING, "notifications"),
        ("payload-transfer-failing", DOWNLOADS, SOME, Severity.WARNING, "requests cannot be fetched"),
        ("payload-transfer-failing", UPLOADS, [12.0] * 5, Severity.CRITICAL, "results cannot be stored"),
        ("processing-failing", FAILED, SOME, Severity.CRITICAL, "asynchronous requests fail"),
    ],
)
def test_failures_are_told_by_their_share(rule: str, label: str, failed: Values, severity: Severity, word: str) -> None:
    finding = the(said(rule, queue(processed=[20.0] * 5, of_variant={label: failed})))
    assert (finding.severity, finding.variant, finding.since) == (severity, "AllTraffic", at(6))
    assert word in finding.title
    assert finding.impact_per_minute == sum(value or 0.0 for value in failed) / 5


RULES = {"notifications-failing": NOTIFICATIONS, "payload-transfer-failing": UPLOADS, "processing-failing": FAILED}


@pytest.mark.parametrize(("rule", "label"), RULES.items())
@pytest.mark.parametrize(
    "failed",
    [[0, 0, 0, 0, 9.0], [0, 1.0, 0, 1.0, 0], [0, 0, 1.0, 0, 2.0], [0.0] * 5, [9.0, 9.0, *[0.0] * 5], []],
    ids=["one minute", "two requests", "small share", "none", "over", "not read"],
)
def test_few_failures_are_not_told(rule: str, label: str, failed: Values) -> None:
    of_variant: Labels = {label: failed} if failed else {}
    assert not said(rule, queue(processed=[20.0] * 7, of_variant=of_variant))


@pytest.mark.parametrize(("rule", "label"), RULES.items())
def test_failures_last_until_their_share_is_clearly_lower(rule: str, label: str) -> None:
    still = queue(processed=[20.0] * 5, of_variant={label: [1.0, 1.0, 1.0, 1.0, 0.0]})
    assert not said(rule, still)
    assert said(rule, open_before(still, rule, on(BATCH)))
    over = queue(processed=[20.0] * 5, of_variant={label: [0, 0, 0, 0, 1.0]})
    assert not said(rule, open_before(over, rule, on(BATCH)))


def test_sparse_requests_that_all_fail_are_told() -> None:
    sparse = queue(processed=[1.0, None, 1.0, None, 1.0], of_variant={NOTIFICATIONS: [1.0, None, 1.0, None, 1.0]})
    assert the(said("notifications-failing", sparse)).title == "100% of notifications fail"


@pytest.mark.parametrize(("rule", "label"), RULES.items())
def test_other_kinds_of_endpoints_have_no_such_failures(rule: str, label: str) -> None:
    assert not said(rule, queue(hosted("batch"), processed=[20.0] * 5, of_variant={label: [20.0] * 5}))


# Causes before symptoms


@pytest.mark.parametrize(
    ("label", "failed", "is_explained"),
    [(DOWNLOADS, 5.0, True), (ERRORS, 5.0, True), (DOWNLOADS, 1.0, False), (ERRORS, 2.0, False), (ERRORS, 0.0, False)],
)
def test_failures_that_are_transfers_or_answers_are_told_as_such(label: str, failed: float, is_explained: bool) -> None:
    one = queue(processed=[20.0] * 5, of_variant={FAILED: [5.0] * 5, label: [failed] * 5})
    assert (not said("processing-failing", one)) is is_explained


def test_errors_that_are_too_few_calls_for_the_rule_on_errors_stay_here() -> None:
    few = queue(processed=[2.0] * 5, of_variant={FAILED: [2.0] * 5, ERRORS: [2.0] * 5})
    assert the(said("processing-failing", few)).evidence[1] == "10 of them by a 5XX of the model"
