"""Names of statistics: which CloudWatch knows, and which of them the simulator computes."""

import re

STANDARD = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100(\.0*)?|[0-9]{1,2}(\.[0-9]{1,10})?)")
_TRIMMED = re.compile(r"(tm|wm|tc|ts)[0-9.]+|(TM|WM|TC|TS|PR)\(.*\)|IQM")


def computed(stat: str) -> bool:
    """Whether the simulator has the statistic: the five standard ones and percentiles."""
    return stat in STANDARD or _PERCENTILE.fullmatch(stat) is not None


def known(stat: str) -> bool:
    """Whether CloudWatch has the statistic."""
    return computed(stat) or _TRIMMED.fullmatch(stat) is not None
