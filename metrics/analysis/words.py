"""Words that several rules share: durations, and what AWS says."""


def minutes_since(at: float, now: float) -> int:
    """Whole minutes, none below 0."""
    return max(int(now - at) // 60, 0)


def lasted(minutes: int) -> str:
    """`52 min`, `3 h 5 min` or `2 d 4 h`, without what is nought."""
    hours, rest = divmod(minutes, 60)
    days, left = divmod(hours, 24)
    parts = [(days, "d"), (left, "h"), (0 if days else rest, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def quoted(reason: str | None) -> str:
    """What AWS says, as evidence."""
    said = " ".join((reason or "").split())
    return f"AWS: {said}" if said else "AWS gives no reason"
