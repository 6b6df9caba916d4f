"""Run other people's pipelines beside ours, in an environment of their own."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.datatypes.errors import PasserbyError

PYTHON = Path(".venv-peers-edge/bin/python")
INSTALL = "tests/reference/peers/edge.sh"
_SOURCE = Path(__file__).parents[4]
_PROGRAM = f"import sys; sys.path.insert(0, {str(_SOURCE)!r}); from passerby.apps.bench.edge.peer import main; main()"


class PeerError(PasserbyError):
    """A peer does not run."""


def cost_of_peers(entry: Entry, stream: Path, seconds: float, cameras: int) -> Mapping[str, float]:
    """CPU seconds for a second of stream, of a camera, by peer; none where they are not installed. They run on the
    cores that this thread may use. Raises PeerError."""
    if not PYTHON.exists():
        return {}
    job = {
        "model": str(entry.path),
        "description": entry.text,
        "stream": str(stream),
        "seconds": seconds,
        "cameras": cameras,
    }
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", _PROGRAM],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise PeerError(
            "a peer does not run",
            expected=f"the packages of {INSTALL}",
            came=lines[-1][:300] if lines else f"exit {done.returncode}",
            remedy=f"Install them again: {INSTALL}",
        )
    return {name: float(value) for name, value in json.loads(done.stdout).items()}
