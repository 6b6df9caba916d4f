"""Open a camera and hand out its pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.frame import Frame
from passerby.edge.capture.clock import Clock, SystemClock
from passerby.edge.capture.decoder import decode
from passerby.edge.capture.gap import Gap
from passerby.edge.capture.live import live_stream
from passerby.edge.capture.turn import Turn
from passerby.machine import Core


class CaptureError(PasserbyError):
    """A source cannot be opened."""


@dataclass(frozen=True, slots=True)
class RecordingSource:
    """A file played at its own speed as if it were live. ``frame_rate`` (1/s) replaces what the file says."""

    path: Path
    frame_rate: float | None = None


@dataclass(frozen=True, slots=True)
class RtspSource:
    """A live camera. The address may hold a password: it is in no message and no repr."""

    url: str = field(repr=False)
    transport: str = "tcp"


Source = RecordingSource | RtspSource


def open_stream(
    source: Source,
    authorization: Authorization,
    *,
    cadence: Cadence | None = None,
    begin: datetime | None = None,
    clock: Clock | None = None,
    turn: Turn | None = None,
    core: Core | None = None,
) -> Iterator[Frame | Gap]:
    """Frames of the cadence (all without one) in order of time, and gaps. A live camera never ends; a recording
    ends with its file.

    ``begin``: instant given to a recording's first frame; the present where it is not given. A recording is paced:
    no frame comes before its instant. Raises CaptureError where the authorization does not cover the first instant
    or a recording cannot be opened; a live camera that cannot be reached is a Gap. ``turn``: of a live camera, which
    cannot wait; a recording that is late loses nothing. ``core``: that cameras share; it is held from a packet on until
    the next item is asked for.
    """
    clock = clock or SystemClock()
    first = begin or clock.now()
    if not authorization.covers(first):
        raise CaptureError(
            f"camera {authorization.sensor} is not opened",
            expected=f"an authorization from {authorization.valid_from} to {authorization.valid_until} that covers now",
            came=str(first),
            remedy="Ask the gate again.",
        )
    if isinstance(source, RtspSource):
        return live_stream(source.url, source.transport, clock, cadence, turn, core)
    if not source.path.is_file():
        raise CaptureError(f"recording {source.path.name} is missing", expected="a video file", came="nothing")
    return _paced(source, first, clock, cadence, core)


def _paced(
    source: RecordingSource, first: datetime, clock: Clock, cadence: Cadence | None, core: Core | None
) -> Iterator[Frame | Gap]:
    for frame in decode(str(source.path), first, frame_rate=source.frame_rate, cadence=cadence, core=core):
        clock.sleep((frame.instant - clock.now()).total_seconds())
        yield frame
