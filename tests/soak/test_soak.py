"""A minute of bad weather with one seed, on a fleet small enough for any machine; `make soak` is the long one."""

from pathlib import Path

from benchmarks.soak.run import Options, soak
from benchmarks.soak.table import breaches

SHORT = Options(minutes=1.0, seed=1, endpoints=24, size=(80, 24), key_s=0.5, harshness=1.4, least=1)


def test_nothing_is_lost_and_nothing_is_left_behind(tmp_path: Path) -> None:
    assert breaches(soak(SHORT, tmp_path)) == []
