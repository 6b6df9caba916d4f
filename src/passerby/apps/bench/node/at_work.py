"""``python -m passerby.apps.bench.node.at_work CITY``: a node that tells each half second how it is, as JSON lines."""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from passerby.apps.city import read_city
from passerby.apps.node.confinement import leave_no_core
from passerby.apps.server.site import SITE
from passerby.apps.works import Works


def main(path: Path) -> None:
    """Work until the other end of standard output is closed or this is killed."""
    leave_no_core()
    with Works(read_city(path), serve=(SITE / "index.html").is_file()) as works:
        works.start()
        while True:
            cameras = works.board.all().values()
            print(
                json.dumps(
                    {
                        "states": Counter(camera.state for camera in cameras),
                        "known": sum(bool(camera.note or camera.frames) for camera in cameras),
                        "least_frames": min(camera.frames for camera in cameras),
                        "measuring": sum(camera.frames > 0 for camera in cameras),
                        "memory": works.node.memory(),
                        "cpu": time.process_time(),
                    }
                ),
                flush=True,
            )
            time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
