"""How hypothesis runs here: the same few examples every time, or with SMTOP_FUZZ so many new ones."""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

_LONG = int(os.environ.get("SMTOP_FUZZ", "0"))
"""Examples of each test, in `make fuzz`."""

# What it knows of Unicode, which it would write into the checkout.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / f"smtop-hypothesis-{os.getuid()}")


def examples(few: int) -> settings:
    """So many examples, unless a long run was asked for."""
    return settings(
        max_examples=_LONG or few,
        derandomize=not _LONG,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
