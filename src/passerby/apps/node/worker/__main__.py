"""``python -m passerby.apps.node.worker PIPE FAULTS PARENT``: started by a node alone.

``PIPE``, ``FAULTS``: descriptors of the pipe and of where a crash says which thread it was in: function and line, no
value. ``PARENT``: process number of the node.
"""

import faulthandler
import os
import signal
import sys

from passerby.apps.node.confinement import end_with, leave_no_core


def main(pipe: int, faults: int, parent: int) -> None:
    """Serve until the pipe ends. Nothing heavy is loaded before the process is confined."""
    leave_no_core()
    end_with(parent)
    faulthandler.enable(faults, all_threads=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

    os.environ["OPENBLAS_NUM_THREADS"] = "1"

    import cv2

    from passerby.apps.node.memory import share_arenas
    from passerby.apps.node.pipe import Pipe
    from passerby.apps.node.worker.worker import Worker

    share_arenas()
    cv2.setNumThreads(1)
    Worker(Pipe(pipe)).run()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
