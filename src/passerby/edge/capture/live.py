"""A live stream that is reopened for ever."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import av

from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture.clock import Clock
from passerby.edge.capture.decoder import to_frame
from passerby.edge.capture.gap import Gap

OPEN_SECONDS, READ_SECONDS = 10.0, 5.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
LARGEST_SKEW = timedelta(seconds=2)


def live_stream(url: str, transport: str, clock: Clock) -> Iterator[Frame | Gap]:
    """Frames while there are any; a Gap whenever the camera cannot be read, and then the next attempt."""
    lost: datetime | None = None
    wait = FIRST_WAIT
    while True:
        try:
            for frame in _session(url, transport, clock):
                lost, wait = None, FIRST_WAIT
                yield frame
        except (av.error.FFmpegError, OSError, IndexError):
            pass  # the message of the library may hold the address and its password
        lost = lost or clock.now()
        clock.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
        yield Gap(Outage.NO_SIGNAL, lost, clock.now())


def _session(url: str, transport: str, clock: Clock) -> Iterator[Frame]:
    options = {"rtsp_transport": transport, "fflags": "nobuffer"}
    with av.open(url, options=options, timeout=(OPEN_SECONDS, READ_SECONDS)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stamps = _Stamps(clock)
        for picture in container.decode(stream):
            yield to_frame(picture, stamps.instant(picture.time))


class _Stamps:
    """Stream time → UTC: anchored when it starts and again whenever it strays from the node's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: datetime | None = None
        self._last: datetime | None = None

    def instant(self, stream_seconds: float | None) -> datetime:
        """UTC of a frame; never before the frame that came before it."""
        now = self._clock.now()
        instant = now
        if stream_seconds is not None:
            offset = timedelta(seconds=stream_seconds)
            if self._anchor is None or abs(self._anchor + offset - now) > LARGEST_SKEW:
                self._anchor = now - offset
            instant = self._anchor + offset
        if self._last is not None and instant < self._last:
            instant = self._last
        self._last = instant
        return instant
