"""How much memory a process holds, and how to hold less."""

import ctypes
import gc
import mmap
import re
import sys
from collections.abc import Iterator
from pathlib import Path

M_ARENA_MAX = -8
"""``mallopt(3)`` of glibc."""
_FACTS, _MAPPINGS = Path("/proc/self/smaps_rollup"), Path("/proc/self/smaps")
_MAPPING = re.compile(
    r"^(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) r-[x-]p .* /.*\n(?:[A-Z].*\n)*?Anonymous: +0 kB\n", re.MULTILINE
)


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
    """Return to the system what is free, as after a detector was loaded, and the pages of libraries, most of which are
    read once, when these are loaded: where one is used again it comes back from the file."""
    gc.collect()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
        for start, size in _untouched(_MAPPINGS.read_text("utf-8", "replace")):
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), mmap.MADV_DONTNEED)


def _untouched(mappings: str) -> Iterator[tuple[int, int]]:
    """Start and size of what is mapped from files, may not be written, and never was: nothing is lost with it.

    ``mappings``: as in ``/proc/<pid>/smaps``.
    """
    for found in _MAPPING.finditer(mappings):
        start, end = int(found["start"], 16), int(found["end"], 16)
        yield start, end - start
