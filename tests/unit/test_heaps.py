"""What the C library is told about heaps."""

import ctypes
import platform

import pytest

from smtop.metrics import heaps


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library manages its heaps otherwise")
def test_glibc_takes_it() -> None:
    assert heaps.tighten()


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not heaps.tighten()
