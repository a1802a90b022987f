"""Pictures of several accounts and regions as one."""

from dataclasses import replace
from datetime import timedelta

from smtop.metrics.clock import utc
from smtop.metrics.domain.finding import Finding, Severity, SharedCause
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Spend
from smtop.metrics.errors import FaultKind
from smtop.metrics.federation.merging import Part, merged, without_twins
from tests.support.federated import PAYMENTS, SEARCH, fleet_of, key, source
from tests.support.fleet import NOW, endpoint

EXPIRED = Problem(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "The credentials have expired.")


def part(one: FleetSnapshot) -> Part:
    made = Part(source(one.identity) if one.identity else source(PAYMENTS))
    made.take(one)
    return made


def both(*parts: Part) -> FleetSnapshot:
    return merged(parts, NOW)


def test_the_worst_of_all_is_first_and_equals_go_by_name() -> None:
    taken = both(
        part(fleet_of(PAYMENTS, endpoint("b"), endpoint("z", Severity.WARNING))),
        part(fleet_of(SEARCH, endpoint("a"), endpoint("b"), endpoint("y", Severity.CRITICAL))),
    )
    assert [view.key for view in taken.endpoints] == [
        key(SEARCH, "y"),
        key(PAYMENTS, "z"),
        key(SEARCH, "a"),
        key(PAYMENTS, "b"),
        key(SEARCH, "b"),
    ]
    assert [view.endpoint.title for view in taken.endpoints[-2:]] == ["b (payments us-east-1)", "b (find eu-west-1)"]


def test_what_is_the_same_as_before_stays_the_same() -> None:
    still, moving = endpoint("still"), endpoint("moving")
    first = fleet_of(PAYMENTS, still, moving)
    one, other = part(first), part(fleet_of(SEARCH, endpoint("x")))
    before = {view.endpoint.name: view for view in both(one, other).endpoints}
    one.take(replace(first, endpoints=(first.endpoints[0], fleet_of(PAYMENTS, moving).endpoints[0])))
    after = {view.endpoint.name: view for view in both(one, other).endpoints}
    assert after["still"] is before["still"]
    assert after["moving"] is not before["moving"]


def test_until_aws_has_told_whose_it_is_the_arns_of_the_last_run_do() -> None:
    known = fleet_of(PAYMENTS, endpoint("a"))
    nameless = Part(source(PAYMENTS))
    nameless.take(replace(known, identity=None))
    [view] = both(nameless).endpoints
    assert view.key == key(PAYMENTS, "a")


def test_problems_say_where_and_only_all_together_cut_everything_off() -> None:
    live = part(fleet_of(SEARCH, endpoint("a")))
    out = part(replace(fleet_of(PAYMENTS), identity=None, problems=(EXPIRED,), listed_at=None, complete=False))
    taken = both(out, live)
    [problem] = taken.problems
    assert problem.message == "pay us-east-1: The credentials have expired."
    assert problem.source == out.source
    assert (taken.is_cut_off, taken.complete, taken.unread) == (False, False, (out.source,))
    assert both(out).is_cut_off
    assert taken.listed_at == live.watched.listed_at


def test_money_is_added_up_and_told_by_place() -> None:
    one = Spend(10, {"GetMetricData": 2}, 0.1, 0.2, {"row": 0.2}, {"row": 0.1}, 5, 1, 0.5)
    other = Spend(5, {"GetMetricData": 1, "ListMetrics": 1}, 0.05, 0.1, {"row": 0.1}, {"sweep": 0.05})
    taken = both(part(fleet_of(PAYMENTS, spend=one)), part(fleet_of(SEARCH, spend=other)))
    assert taken.spend.metrics_billed == 15
    assert taken.spend.api_calls == {"GetMetricData": 3, "ListMetrics": 1}
    assert (taken.spend.usd, taken.spend.usd_per_hour) == (0.15, 0.3)
    assert (taken.spend.others, taken.spend.others_usd_per_hour) == (1, 0.5)
    assert taken.spend.usd_spent_by_tier == {"row": 0.1, "sweep": 0.05}
    told = [(one.source.word, one.spend.usd) for one in taken.watched]
    assert told == [("payments us-east-1", 0.1), ("find eu-west-1", 0.05)]


def test_times_are_the_oldest_of_any_but_the_next_poll() -> None:
    old = NOW - timedelta(minutes=9)
    taken = both(
        part(fleet_of(PAYMENTS, measured_at=old, listed_at=old, next_poll_at=utc(99.0))), part(fleet_of(SEARCH))
    )
    assert (taken.measured_at, taken.listed_at, taken.next_poll_at) == (old, old, utc(99.0))
    being_asked = both(part(fleet_of(PAYMENTS, next_poll_at=None)), part(fleet_of(SEARCH)))
    assert being_asked.next_poll_at is None


def test_a_shared_cause_names_the_endpoints_of_its_own_account() -> None:
    cause = SharedCause(Finding("image", Severity.CRITICAL, "one image"), ("a",))
    taken = both(part(fleet_of(PAYMENTS, endpoint("a"))), part(fleet_of(SEARCH, endpoint("a"), shared=(cause,))))
    assert [cause.endpoints for cause in taken.shared] == [(key(SEARCH, "a"),)]


def test_a_notice_of_all_is_said_once_and_any_other_with_its_place() -> None:
    taken = both(part(fleet_of(PAYMENTS, notices=("clock", "slow"))), part(fleet_of(SEARCH, notices=("clock",))))
    assert taken.notices == ("clock", "payments us-east-1: slow")


def test_two_ways_to_one_place_are_one_and_the_operator_hears_it() -> None:
    again = part(fleet_of(PAYMENTS._replace(profile="other", label=None)))
    first, nobody = part(fleet_of(PAYMENTS)), Part(source(PAYMENTS))
    kept, told = without_twins([first, again, nobody])
    assert kept == [first, nobody]
    assert told == [
        "pay and other are both account 111122223333 in us-east-1: it is watched once, as payments us-east-1."
    ]
