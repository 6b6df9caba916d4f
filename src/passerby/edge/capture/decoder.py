"""Decode a file into planes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.frame import Frame
from passerby.edge.capture.selection import Selection
from passerby.machine import Core

WITHOUT_LOOP_FILTER = {"skip_loop_filter": "all"}
"""For a decoder: a fifth cheaper, and detectors do not mind the edges of blocks."""


def decode(
    path: str,
    first: datetime,
    *,
    frame_rate: float | None,
    cadence: Cadence | None = None,
    core: Core | None = None,
) -> Iterator[Frame]:
    """Frames of a file: all of them as they are, or those of a cadence, which are decoded cheaply.

    Instants follow the file's time stamps, at ``frame_rate`` where it is given."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        prepare(stream, cadence)
        selection, core, base = Selection(cadence), core or Core(), stream.time_base
        pace = 1.0 if frame_rate is None else float(stream.average_rate or stream.guessed_rate) / frame_rate
        origin: float | None = None
        for packet in packets(container, stream, core):
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None:
                seconds = in_seconds(stamp, base)
                origin = seconds if origin is None else min(origin, seconds)
                if not selection.decodes(pace * seconds, is_key=packet.is_keyframe):
                    continue
            core.take()
            for picture, time in pictures(packet, base, last=selection.ends):
                seconds = pace * ((time or 0.0) - (origin or 0.0))
                if selection.looks(seconds):
                    yield to_frame(picture, first + timedelta(seconds=seconds))


def prepare(stream: av.VideoStream, cadence: Cadence | None) -> None:
    """One thread for each camera; without the loop filter where a cadence says what is needed."""
    stream.codec_context.thread_count = 1
    if cadence is not None:
        stream.codec_context.options = WITHOUT_LOOP_FILTER


def packets(container: av.container.InputContainer, stream: av.VideoStream, core: Core) -> Iterator[av.Packet]:
    """Packets of a stream. Whoever asks for the next one gives the core to others until it is there."""
    arriving = container.demux(stream)
    try:
        while (packet := next(arriving, None)) is not None:
            yield packet
            core.give()
    finally:
        core.give()


def pictures(packet: av.Packet, base: Fraction, *, last: bool) -> list[tuple[av.VideoFrame, float | None]]:
    """What a packet makes ready, with the stamp (s) of each picture, where it has one. ``base``: of stamps, s.

    ``last``: what is on its way comes too, for nothing follows before the next key frame.
    """
    found: list[av.VideoFrame] = packet.decode()
    if last and packet.size:
        context = packet.stream.codec_context
        found += context.decode(None)
        context.flush_buffers()
    return [(picture, None if picture.pts is None else in_seconds(picture.pts, base)) for picture in found]


def in_seconds(ticks: int, base: Fraction) -> float:
    """As near as a float can be, without the cost of fractions."""
    return ticks * base.numerator / base.denominator


def to_frame(picture: av.VideoFrame, instant: datetime) -> Frame:
    """Planes of a decoded picture as views where its format is YUV 4:2:0 already."""
    if picture.format.name not in ("yuv420p", "yuvj420p"):
        picture = picture.reformat(format="yuv420p")
    luma, chroma_u, chroma_v = (_plane(plane) for plane in picture.planes)
    return Frame(luma, chroma_u, chroma_v, instant)


def _plane(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
