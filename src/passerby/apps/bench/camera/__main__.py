"""``python -m passerby.apps.bench.camera CLIP [PORT]``: a camera that plays a video file until it is interrupted."""

import sys
import time
from pathlib import Path

from passerby.apps.bench.camera.server import serve


def main() -> None:
    """Play until Ctrl-C."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8554
    with serve(Path(sys.argv[1]), seconds=120.0, port=port) as server:
        print(server.url, flush=True)
        while True:
            time.sleep(1)


if __name__ == "__main__":
    main()
