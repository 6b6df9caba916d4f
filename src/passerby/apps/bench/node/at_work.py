"""``python -m passerby.apps.bench.node.at_work CITY``: a node that tells each half second how it is, as JSON lines."""

import json
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from urllib.request import urlopen

from passerby.apps.city import read_city
from passerby.apps.node.confinement import leave_no_core
from passerby.apps.server.site import SITE
from passerby.apps.works import SETTLED_SECONDS, Works

REPORT_SECONDS, ASK_AT = 0.5, int(2 * SETTLED_SECONDS) + 2
"""The second is a number of a report."""
PAGES = (
    "/",
    "/api/v1/map?west=-1&south=49&east=1&north=52&zoom=10",
    "/api/v1/sensors?limit=100",
    "/api/v1/releases?limit=100",
    "/api/v1/mandates?limit=5",
    "/api/v1/batches?limit=100",
    "/sensorthings/v1.1/Things?$top=100",
    "/sensorthings/v1.1/Datastreams?$top=100",
    "/ngsi-ld/v1/entities?type=CrowdFlowObserved&limit=20",
    "/metrics",
)
"""Somebody asks for them before memory is told: what serves them is part of it."""


def main(path: Path) -> None:
    """Work until the other end of standard output is closed or this is killed."""
    leave_no_core()
    with Works(read_city(path), serve=(SITE / "index.html").is_file()) as works:
        works.start()
        for number in count():
            if number == ASK_AT and works.url:
                for page in PAGES:
                    with urlopen(works.url + page) as answer:
                        answer.read()
            cameras = works.board.all().values()
            print(
                json.dumps(
                    {
                        "states": Counter(camera.state for camera in cameras),
                        "known": sum(bool(camera.note or camera.frames) for camera in cameras),
                        "least_frames": min(camera.frames for camera in cameras),
                        "measuring": sum(camera.frames > 0 for camera in cameras),
                        "memory": works.node.memory() if number >= ASK_AT else 0,
                        "cpu": time.process_time(),
                    }
                ),
                flush=True,
            )
            time.sleep(REPORT_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
