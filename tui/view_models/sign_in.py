"""What stands in the way of signing in, and what there is to do about it."""

from collections.abc import Sequence

from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem
from smtop.metrics.errors import SignIn
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.header import role_name

CODE_DIGITS = 6


def obstacle(snapshot: FleetSnapshot | None) -> Problem | None:
    """The first problem that signing in would solve."""
    problems: Sequence[Problem] = snapshot.problems if snapshot else ()
    return next((problem for problem in problems if problem.sign_in is not None), None)


def is_in_the_way(problem: Problem, snapshot: FleetSnapshot) -> bool:
    """Whether nothing could be read yet of what it keeps closed."""
    return problem.source in snapshot.unread if snapshot.watched else snapshot.listed_at is None


def sign_in_lines(sentence: str, sign_in: SignIn, width: int, paint: Paint) -> list[Line]:
    """The dialog's text in lines of at most `width` cells."""
    lines: list[Line] = [(Cell("Sign in to AWS", "title"),), ()]
    lines += [(Cell(part),) for part in fmt.wrap(paint.plain(sentence), width)]
    lines.append(())
    if sign_in.command:
        lines += [(Cell(part, "bold"),) for part in fmt.wrap(paint.plain(sign_in.command), width)]
        told = "Run this in another terminal: c copies it. smtop keeps trying and goes on by itself. Esc closes this."
    else:
        told = f"Type the {CODE_DIGITS} digits and press Enter. Esc closes this; i opens it again."
    return [*lines, *((Cell(part, "dim"),) for part in fmt.wrap(told, width))]


def whoami(snapshot: FleetSnapshot | None) -> str:
    """Who is asking, in a sentence."""
    identities = snapshot.identities if snapshot else ()
    if not identities:
        return "AWS has not said yet who is asking."
    return "; ".join(map(_who, identities)) + "."


def _who(identity: Identity) -> str:
    profile = f", profile {identity.profile}" if identity.profile else ""
    return f"{role_name(identity.arn)} in {identity.account} {identity.region}{profile}"
