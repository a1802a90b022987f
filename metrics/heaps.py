"""How the C library keeps memory for this process: what was let go is given back, rather than kept as holes."""

import ctypes
from collections.abc import Mapping
from typing import Final

_KB: Final = 1024

_TIGHT: Final[Mapping[int, int]] = {
    -8: 2,  # M_ARENA_MAX: heaps of all threads, each of which has holes of its own; by itself eight for each core
    -3: 256 * _KB,  # M_MMAP_THRESHOLD: from here on a block has pages of its own; by itself it grows up to 32 MB
    -1: _KB * _KB,  # M_TRIM_THRESHOLD: free at the end of a heap before it is given back; by itself up to 64 MB
}
"""By their numbers in glibc's malloc.h. An answer of CloudWatch and an array of a week are blocks of such a size."""


def tighten() -> bool:
    """Whether the C library has taken it; one that is not glibc manages its heaps otherwise."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    taken = [mallopt(parameter, value) for parameter, value in _TIGHT.items()]
    return all(taken)
