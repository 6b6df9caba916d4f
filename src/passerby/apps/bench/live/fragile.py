"""``python -m passerby.apps.bench.live.fragile …``: a worker as every other, but for a camera that is told to crash it.

It is told by a file ``crash`` with the camera's name in it, in the folder that ``FOLDER`` names.
"""

import ctypes
import os
import sys
from pathlib import Path

from passerby.apps.node.worker import __main__ as program
from passerby.apps.node.worker import turns

FOLDER = "PASSERBY_BENCH_FRAGILE"
"""Of the environment."""


class FragileTurn(turns.CameraTurn):
    """Asked at each packet, in the camera's thread, before it is decoded."""

    def rests(self, late: float, *, whole: bool) -> bool:
        """As ever, where nothing is told."""
        told = Path(os.environ[FOLDER]) / "crash"
        if told.is_file() and told.read_text("utf-8") == self._camera.partition(" ")[0]:
            ctypes.string_at(0)
        return super().rests(late, whole=whole)


if __name__ == "__main__":
    turns.CameraTurn = FragileTurn  # type: ignore[misc]
    program.main(*map(int, sys.argv[1:4]))
