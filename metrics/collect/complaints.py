"""What stands in the way of polling, by the stage that met it."""

from collections.abc import Iterable

from smtop.metrics.domain.snapshot import CUT_OFF, Problem
from smtop.metrics.errors import AwsError, FaultKind


class Complaints:
    """What each stage has to say, until it says something else."""

    def __init__(self) -> None:
        self._by_stage: dict[str, list[Problem]] = {}

    def settle(self, stage: str, errors: Iterable[AwsError] = ()) -> None:
        """What a stage has to say now; what it said before no longer counts."""
        self._by_stage[stage] = list(dict.fromkeys(map(Problem.of, errors)))

    def has(self, stage: str) -> bool:
        return bool(self._by_stage.get(stage))

    @property
    def all(self) -> list[Problem]:
        return [problem for problems in self._by_stage.values() for problem in problems]

    @property
    def is_cut_off(self) -> bool:
        """Whether AWS cannot be asked at all."""
        return any(problem.kind in CUT_OFF for problem in self.all)

    @property
    def wants_sign_in(self) -> bool:
        """Whether signing in may help. If AWS did not accept an MFA code, the operator must hear it before the next."""
        is_refused = any(problem.sign_in.refused for problem in self.all if problem.sign_in is not None)
        return not is_refused and any(problem.kind is FaultKind.CREDENTIALS for problem in self.all)
