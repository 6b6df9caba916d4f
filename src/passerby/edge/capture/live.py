"""A live stream that is reopened for ever."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import av

from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture.address import normalised
from passerby.edge.capture.clock import Clock
from passerby.edge.capture.decoder import to_frame
from passerby.edge.capture.gap import Gap
from passerby.edge.capture.stamps import Stamps

OPEN_SECONDS, READ_SECONDS = 10.0, 5.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STEADY = timedelta(seconds=10)
LONGEST_SILENCE = timedelta(seconds=2)
_OPTIONS = {"fflags": "nobuffer", "analyzeduration": "500000", "fpsprobesize": "0"}


def live_stream(url: str, transport: str, clock: Clock) -> Iterator[Frame | Gap]:
    """Frames while there are any; a Gap from the last frame on whenever there are none, and then the next attempt.

    Attempts are at most 30 s apart, and back at half a second once a session was steady for ten.
    """
    address = normalised(url)
    stamps = Stamps(clock)
    last = clock.now()
    wait, lost = FIRST_WAIT, False
    while True:
        opened: datetime | None = None
        try:
            for frame in _session(address, transport, stamps):
                opened = opened or frame.instant
                if lost or frame.instant - last > LONGEST_SILENCE:
                    yield Gap(Outage.NO_SIGNAL, last, frame.instant)
                last, lost = frame.instant, False
                if last - opened >= STEADY:
                    wait = FIRST_WAIT
                yield frame
        except (av.error.FFmpegError, OSError, IndexError):
            pass  # the message of the library may hold the address and its password
        lost = True
        clock.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
        yield Gap(Outage.NO_SIGNAL, last, max(last, clock.now()))


def _session(address: str, transport: str, stamps: Stamps) -> Iterator[Frame]:
    options = {"rtsp_transport": transport, **_OPTIONS}
    with av.open(address, options=options, timeout=(OPEN_SECONDS, READ_SECONDS)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stamps.begin()
        for packet in container.demux(stream):
            for picture in _decoded(packet):
                instant = stamps.instant(picture.time)
                if instant is not None and not picture.is_corrupt:
                    yield to_frame(picture, instant)


def _decoded(packet: av.Packet) -> list[av.VideoFrame]:
    """Pictures of a packet; none where the network damaged it."""
    try:
        return list(packet.decode())
    except av.error.InvalidDataError:
        return []
