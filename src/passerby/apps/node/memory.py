"""How much memory a process holds, and how to hold less."""

import ctypes
import gc
import sys
from pathlib import Path

M_ARENA_MAX = -8
"""``mallopt(3)`` of glibc."""
_FACTS = Path("/proc/self/smaps_rollup")


def held() -> int:
    """Bytes that this process holds, with its part of what it shares (PSS); 0 where the system does not say."""
    try:
        lines = _FACTS.read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def share_arenas() -> None:
    """Let all threads take memory from two pools instead of one for each, which would keep what it once had."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)


def give_back() -> None:
    """Return to the system what is free, as after a detector was loaded."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
