"""How many heaps the threads of this process share: each has holes of its own, which are not given back."""

import ctypes

_ARENA_MAX, _HEAPS = -8, 2
"""M_ARENA_MAX of glibc's malloc.h; by itself it makes eight for each core."""


def share() -> bool:
    """Makes no further ones. Whether the C library has taken it; one that is not glibc manages its heaps otherwise."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, _HEAPS))
    except (AttributeError, OSError):
        return False
