"""A live stream that is reopened for ever."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import av

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture.address import normalised
from passerby.edge.capture.clock import Clock
from passerby.edge.capture.decoder import in_seconds, packets, pictures, prepare, to_frame
from passerby.edge.capture.gap import Gap
from passerby.edge.capture.selection import Selection
from passerby.edge.capture.stamps import Stamps
from passerby.edge.capture.turn import Rest, Turn
from passerby.machine import Core

OPEN_SECONDS, READ_SECONDS = 10.0, 5.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STEADY = timedelta(seconds=10)
LONGEST_SILENCE = timedelta(seconds=2)
_OPTIONS = {"fflags": "nobuffer", "analyzeduration": "500000", "fpsprobesize": "0"}


def live_stream(
    url: str,
    transport: str,
    clock: Clock,
    cadence: Cadence | None = None,
    turn: Turn | None = None,
    core: Core | None = None,
) -> Iterator[Frame | Gap]:
    """Frames of the cadence (all without one) while there are any; a Gap from the last picture on whenever there are
    none, and then the next attempt.

    Attempts are at most 30 s apart, and back at half a second once a session was steady for ten. While ``turn`` rests
    nothing is decoded, which is a Gap too, told each second.
    """
    address = normalised(url)
    stamps = Stamps(clock)
    last = clock.now()
    wait, lost = FIRST_WAIT, False
    while True:
        opened: datetime | None = None
        try:
            for instant, item in _session(address, transport, stamps, cadence, turn, core or Core()):
                opened = opened or instant
                if lost or instant - last > LONGEST_SILENCE:
                    yield Gap(Outage.NO_SIGNAL, last, instant)
                last, lost = instant, False
                if last - opened >= STEADY:
                    wait = FIRST_WAIT
                if item is not None:
                    yield item
        except (av.error.FFmpegError, OSError, IndexError):
            pass  # the message of the library may hold the address and its password
        lost = True
        clock.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
        yield Gap(Outage.NO_SIGNAL, last, max(last, clock.now()))


def _session(
    address: str, transport: str, stamps: Stamps, cadence: Cadence | None, turn: Turn | None, core: Core
) -> Iterator[tuple[datetime, Frame | Gap | None]]:
    """Instant of every picture that arrives whole, and the picture where it is due."""
    options = {"rtsp_transport": transport, **_OPTIONS}
    with av.open(address, options=options, timeout=(OPEN_SECONDS, READ_SECONDS)) as container:
        stream = container.streams.video[0]
        prepare(stream, cadence)
        selection, rest, base = Selection(cadence), Rest(turn), stream.time_base
        stamps.begin()
        for packet, waited in _waited_for(packets(container, stream, core)):
            seconds = None if packet.pts is None else in_seconds(packet.pts, base)
            if seconds is not None:
                decodes = selection.decodes(seconds, is_key=packet.is_keyframe)
                rests = rest.lasts(seconds, waited, is_key=packet.is_keyframe, whole=selection.whole)
                if rests or not decodes:
                    if not packet.is_corrupt and (passed := stamps.instant(seconds)) is not None:
                        yield passed, rest.gap(passed)
                    continue
            core.take()
            for picture, stamp in _decoded(packet, base, last=selection.ends):
                instant = stamps.instant(stamp)
                if instant is not None and not picture.is_corrupt:
                    if (gap := rest.end(instant)) is not None:
                        yield instant, gap
                    due = selection.looks(instant.timestamp())
                    yield instant, to_frame(picture, instant) if due else None


def _waited_for(arriving: Iterator[av.Packet]) -> Iterator[tuple[av.Packet, float]]:
    """Each packet, and how long it took to come, s."""
    begin = time.monotonic()
    for packet in arriving:
        yield packet, time.monotonic() - begin
        begin = time.monotonic()


def _decoded(packet: av.Packet, base: Fraction, *, last: bool) -> list[tuple[av.VideoFrame, float | None]]:
    """Pictures of a packet; none where the network damaged it."""
    try:
        return pictures(packet, base, last=last)
    except av.error.InvalidDataError:
        return []
