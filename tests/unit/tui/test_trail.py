"""Where `-` leads."""

from smtop.tui.trail import Place, Trail

TRIAGE, SERVERLESS, FRAUD = Place("triage"), Place("sl"), Place("sl", "fraud")


def test_it_leads_back_and_forth_between_the_last_two_places() -> None:
    trail = Trail(TRIAGE).to(SERVERLESS).to(FRAUD)
    assert trail.before == SERVERLESS
    assert trail.to(SERVERLESS).before == FRAUD


def test_whoever_stays_leaves_no_trail() -> None:
    assert Trail(TRIAGE).to(TRIAGE).before is None
    assert Trail(TRIAGE).to(SERVERLESS).to(SERVERLESS).before == TRIAGE
