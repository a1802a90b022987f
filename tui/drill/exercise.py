"""One exercise from its start to its end: who has answered what, and what is said to it."""

from collections.abc import Callable, Sequence

from smtop.metrics.clock import Clock
from smtop.tui.drill.curtain import Curtain
from smtop.tui.drill.grading import Answer, Judgement, Result, Trouble, is_done, judged, results

_OVER = "The drill is over; :drill shows how it went."


class Exercise:
    """`ask` returns the troubles as they stand, and may block; it is called in any thread.

    `ended_at` is None while it lasts. `gave_up` says that somebody ended it before everything was done.
    """

    def __init__(self, ask: Callable[[], Sequence[Trouble]], clock: Clock) -> None:
        self.curtain = Curtain()
        self.started_at = clock.wall()
        self.ended_at: float | None = None
        self.gave_up = False
        self.answers: tuple[Answer, ...] = ()
        self.troubles: tuple[Trouble, ...] = ()
        self.ask = ask
        self._clock = clock

    @property
    def now(self) -> float:
        """The time of the exercise, which ends with it."""
        return self._clock.wall() if self.ended_at is None else self.ended_at

    @property
    def results(self) -> list[Result]:
        """How it goes with each trouble that has begun."""
        return results(self.troubles, self.answers, self.curtain.opinions, self.now)

    def heard(self, troubles: Sequence[Trouble]) -> bool:
        """Takes the troubles as they stand; says whether that ends the exercise."""
        if self.ended_at is not None:
            return False
        self.troubles = tuple(troubles)
        return self._end_if_done()

    def answer(self, endpoint: str, rule: str) -> str:
        """Takes a diagnosis; returns what is to be said to it."""
        if self.ended_at is not None:
            return _OVER
        answer = Answer(endpoint, rule, self._clock.wall())
        worth = judged(answer, self.troubles, self.answers)
        if worth is not Judgement.AGAIN:
            self.answers = (*self.answers, answer)
        self._end_if_done()
        return self._reply(answer, worth)

    def end(self, *, gave_up: bool) -> None:
        """Ends it, if it has not ended already; findings are seen again."""
        if self.ended_at is None:
            self.ended_at, self.gave_up = self._clock.wall(), gave_up
            self.curtain.lift()

    def _end_if_done(self) -> bool:
        if is_done(self.troubles, self.answers):
            self.end(gave_up=False)
        return self.ended_at is not None

    def _reply(self, answer: Answer, worth: Judgement) -> str:
        if worth is Judgement.AGAIN:
            return "That is answered already."
        wrong = sum(judged(one, self.troubles) in {Judgement.CONSEQUENCE, Judgement.WRONG} for one in self.answers)
        count = f"{wrong} wrong {'answer' if wrong == 1 else 'answers'} so far."
        if worth is Judgement.CONSEQUENCE:
            return f"{answer.rule} is true there, and only a consequence: what causes it? {count}"
        if worth is Judgement.WRONG:
            return f"No, {answer.rule} is not what troubles {answer.endpoint}. {count}"
        trouble = next(one for one in self.troubles if one.endpoint == answer.endpoint and answer.rule in one.rules)
        after = f"Right, {(answer.at - trouble.began_at) / 60.0:.1f} min after it began."
        if not trouble.can_end:
            return f"{after} {trouble.ungraded}"
        return f"{after} Now remedy it." if trouble.ended_at is None else f"{after} It is remedied already."
