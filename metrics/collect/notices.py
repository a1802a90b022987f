"""Sentences about the watching itself that are no faults: a clock that is wrong, and what costs more than it must."""

_TOLD_SKEW_S = 30.0

UNPRUNED = (
    "cloudwatch:ListMetrics is denied: metrics that CloudWatch does not have are asked and billed all the same. "
    "Ask for this permission."
)
"""A fleet that talks can do without the list of what is published, at a price."""


def clock_notices(skew_s: float) -> tuple[str, ...]:
    """What to say of a clock that is `skew_s` behind AWS's; nothing while it is nearly right."""
    if abs(skew_s) <= _TOLD_SKEW_S:
        return ()
    amount = f"{abs(skew_s):.0f} s" if abs(skew_s) < 120 else f"{abs(skew_s) / 60:.0f} min"
    side = "behind" if skew_s > 0 else "ahead of"
    return (f"This machine's clock is {amount} {side} AWS's. smtop goes by AWS's; other tools go by yours.",)
