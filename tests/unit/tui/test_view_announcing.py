"""New criticals are told once: not those of the first picture, not those that flicker, and an epidemic as one."""

from dataclasses import replace

from smtop.metrics.clock import utc
from smtop.metrics.domain.finding import Finding, Muted, Severity, SharedCause
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.view_models.announcing import Announced, in_a_sentence
from smtop.tui.view_models.verdicts import news_json
from tests.support.fleet import NOW_S, endpoint, snapshot

ERRORS = Finding("errors-5xx", Severity.CRITICAL, "a third of the requests fail", since=int(NOW_S), variant="A")


def picture(after_s: float, **found: tuple[Finding, ...]) -> FleetSnapshot:
    views = [endpoint(name, Severity.OK, findings=list(own)) for name, own in found.items()]
    return replace(snapshot(*views), generated_at=utc(NOW_S + after_s), complete=True)


def told(announced: Announced, shown: FleetSnapshot) -> list[str]:
    return [one.text for one in announced.news(shown)]


def test_what_is_there_at_first_is_no_news_and_what_comes_later_is_told_once() -> None:
    announced = Announced()
    assert told(announced, picture(0, old=(ERRORS,))) == []
    assert told(announced, picture(60, old=(ERRORS,), new=(ERRORS,))) == ["new: a third of the requests fail"]
    assert told(announced, picture(120, old=(ERRORS,), new=(ERRORS,))) == []


def test_what_flickers_is_not_told_again_and_what_comes_back_is() -> None:
    announced = Announced()
    announced.news(picture(0))
    assert told(announced, picture(60, a=(ERRORS,)))
    assert not told(announced, picture(120, a=()))
    assert not told(announced, picture(180, a=(ERRORS,)))
    assert not told(announced, picture(240, a=()))
    assert told(announced, picture(800, a=(ERRORS,)))


def test_warnings_and_what_is_muted_are_not_told() -> None:
    announced = Announced()
    announced.news(picture(0))
    muted = ERRORS._replace(muted=Muted("known", NOW_S + 900, "ana"))
    assert not told(announced, picture(60, a=(ERRORS._replace(severity=Severity.WARNING),), b=(muted,)))


def test_an_epidemic_is_one_piece_of_news_however_it_grows() -> None:
    announced = Announced()
    announced.news(picture(0))
    cause = SharedCause(ERRORS._replace(id="shared-cause", title="2 endpoints fail"), ("a", "b"))
    first = replace(picture(60, a=(ERRORS,), b=(ERRORS,)), shared=(cause,))
    assert told(announced, first) == ["2 endpoints fail"]
    grown = cause._replace(endpoints=("a", "b", "c"), finding=cause.finding._replace(title="3 endpoints fail"))
    assert told(announced, replace(picture(120, a=(ERRORS,), b=(ERRORS,), c=(ERRORS,)), shared=(grown,))) == []


def test_a_sentence_names_the_first_few_and_a_webhook_has_them_all() -> None:
    announced = Announced()
    announced.news(picture(0))
    shown = picture(60, a=(ERRORS,), b=(ERRORS,), c=(ERRORS,), d=(ERRORS,), e=(ERRORS,))
    news = announced.news(shown)
    assert in_a_sentence(news).endswith("c: a third of the requests fail; and 2 more")
    assert [one["endpoint"] for one in news_json(shown, news)["findings"]] == ["a", "b", "c", "d", "e"]
