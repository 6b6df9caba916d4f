"""What a process promises that holds pixels or exact values."""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
"""``prctl(2)`` of Linux."""


def leave_no_core() -> None:
    """No image of this process's memory is ever written, and no other process of its user may read it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(PR_SET_DUMPABLE, 0)


def end_with(parent: int) -> None:
    """This process is killed when its parent ends, however that ends. Where the system cannot do so (it is not Linux),
    a worker learns it from its pipe."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
