"""How an exercise went: which answers are right, how long it took, and the grades. Values in, values out.

Times are epoch seconds of the simulated fleet, and minutes count from the onset of a trouble, not from when CloudWatch
first showed it. An answer is right when it names the endpoint and a rule that tells the cause. One that names the right
endpoint and a mere consequence is wrong, and is told apart.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

GRADES = "ABCDF"
DIAGNOSED_MIN = (6.0, 10.0, 20.0, 40.0)
"""Minutes from the onset to the right answer that still are an A, B, C, D; later, or never, is an F."""
REMEDIED_MIN = (15.0, 25.0, 40.0, 60.0)
"""The same for the first of the minutes without harm."""


class Trouble(NamedTuple):
    """What went wrong with one endpoint at `began_at`, by the answer key.

    `rules` are the ids that name the cause, `also` those of consequences. `ended_at` is when its harm ended after
    somebody had changed the endpoint, None where it did not yet; only where it `can_end` there is a remedy to grade.
    Else it may be known with what the remedy lies (`elsewhere`).
    """

    endpoint: str
    cause: str
    severity: str
    note: str
    rules: tuple[str, ...]
    also: tuple[str, ...]
    began_at: float
    can_end: bool
    ended_at: float | None = None
    elsewhere: str | None = None

    @property
    def ungraded(self) -> str:
        """That no remedy is graded, and why."""
        lies = f": it lies with {self.elsewhere}" if self.elsewhere else ""
        return f"No remedy is graded for this one{lies}."


class Answer(NamedTuple):
    """What somebody took for the cause, and when."""

    endpoint: str
    rule: str
    at: float


class Opinion(NamedTuple):
    """What smtop found on an endpoint behind the curtain, and when it first did."""

    endpoint: str
    rule: str
    severity: str
    title: str
    at: float


class Judgement(StrEnum):
    """What an answer is worth."""

    RIGHT = "right"
    AGAIN = "again"
    CONSEQUENCE = "consequence"
    WRONG = "wrong"


class Result(NamedTuple):
    """How it went with one trouble. Minutes are None for what was never done; `remedy` is None where there is none.

    `grade` is the worse of `diagnosis` and `remedy`.
    """

    trouble: Trouble
    diagnosed_min: float | None
    wrong: int
    remedied_min: float | None
    diagnosis: str
    remedy: str | None
    grade: str
    opinion: Opinion | None


def judged(answer: Answer, troubles: Sequence[Trouble], before: Sequence[Answer] = ()) -> Judgement:
    """What an answer is worth after those that were given `before`."""
    there = [trouble for trouble in troubles if trouble.endpoint == answer.endpoint and trouble.began_at <= answer.at]
    for trouble in there:
        if answer.rule in trouble.rules:
            return Judgement.AGAIN if right_answer(trouble, before) else Judgement.RIGHT
    if any(answer.rule in trouble.also for trouble in there):
        return Judgement.CONSEQUENCE
    return Judgement.WRONG


def right_answer(trouble: Trouble, answers: Sequence[Answer]) -> Answer | None:
    """The first answer that tells its cause, if there was one."""
    return next((answer for answer in answers if judged(answer, [trouble]) is Judgement.RIGHT), None)


def results(
    troubles: Sequence[Trouble], answers: Sequence[Answer], opinions: Sequence[Opinion], now: float
) -> list[Result]:
    """How it went with each trouble that had begun by `now`, the earliest first."""
    begun = sorted((trouble for trouble in troubles if trouble.began_at <= now), key=lambda one: one.began_at)
    wrong = _wrong_answers(begun, answers)
    return [_result(trouble, answers, wrong[place], opinions) for place, trouble in enumerate(begun)]


def is_done(troubles: Sequence[Trouble], answers: Sequence[Answer]) -> bool:
    """Whether every trouble is diagnosed, and remedied where it can be."""
    return bool(troubles) and all(
        right_answer(trouble, answers) and (trouble.ended_at is not None or not trouble.can_end) for trouble in troubles
    )


def _wrong_answers(begun: Sequence[Trouble], answers: Sequence[Answer]) -> list[int]:
    """How many count for each: those about its endpoint, and of all others those while it waited the longest.

    What was said before anything had begun counts for the first one.
    """
    wrong = [0] * len(begun)
    for place, answer in enumerate(answers):
        if not begun or judged(answer, begun, answers[:place]) in {Judgement.RIGHT, Judgement.AGAIN}:
            continue
        about = [number for number, trouble in enumerate(begun) if trouble.endpoint == answer.endpoint]
        waiting = [number for number, trouble in enumerate(begun) if not right_answer(trouble, answers[:place])]
        wrong[next(iter((*about, *waiting, 0)))] += 1
    return wrong


def _result(trouble: Trouble, answers: Sequence[Answer], wrong: int, opinions: Sequence[Opinion]) -> Result:
    right = right_answer(trouble, answers)
    diagnosed_min = None if right is None else _minutes(trouble, right.at)
    remedied_min = None if trouble.ended_at is None else _minutes(trouble, trouble.ended_at)
    diagnosis = _lowered(_graded(diagnosed_min, DIAGNOSED_MIN), wrong)
    remedy = _graded(remedied_min, REMEDIED_MIN) if trouble.can_end else None
    worse = max(diagnosis, remedy or "A", key=GRADES.index)
    return Result(trouble, diagnosed_min, wrong, remedied_min, diagnosis, remedy, worse, _opinion(trouble, opinions))


def _minutes(trouble: Trouble, at: float) -> float:
    return max(at - trouble.began_at, 0.0) / 60.0


def _graded(minutes: float | None, limits: Sequence[float]) -> str:
    if minutes is None:
        return "F"
    return next((grade for grade, most in zip(GRADES, limits, strict=False) if minutes <= most), "F")


def _lowered(grade: str, wrong: int) -> str:
    """A grade less for each wrong answer; what was found in the end is never an F for these."""
    return grade if grade == "F" else GRADES[min(GRADES.index(grade) + wrong, GRADES.index("D"))]


def _opinion(trouble: Trouble, opinions: Sequence[Opinion]) -> Opinion | None:
    """The first that tells the cause, or else the first of a consequence."""
    own = sorted(
        (one for one in opinions if one.endpoint == trouble.endpoint and one.at >= trouble.began_at),
        key=lambda one: one.at,
    )
    telling = [one for one in own if one.rule in trouble.rules]
    return next(iter((*telling, *(one for one in own if one.rule in trouble.also))), None)
