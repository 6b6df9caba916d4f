"""Pictures encoded as a camera would."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray

Codec = Literal["h264", "h265"]
_ENCODERS = {"h264": "libx264", "h265": "libx265"}
_OPTIONS = {
    "h264": {"preset": "ultrafast", "tune": "zerolatency"},
    "h265": {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=none:repeat-headers=1"},
}


@dataclass(frozen=True, slots=True)
class Clip:
    """One tuple of NAL units (without start codes) for each picture; the first of each group carries its headers."""

    codec: Codec
    rate: float
    pictures: tuple[tuple[bytes, ...], ...]

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """SPS and PPS, with the VPS before them in H.265."""
        wanted = (7, 8) if self.codec == "h264" else (32, 33, 34)
        return tuple(unit for unit in self.pictures[0] if unit_type(unit, self.codec) in wanted)

    def turned(self, pictures: int) -> "Clip":
        """The same, over and over, from another picture on: it must be a key picture."""
        return replace(self, pictures=self.pictures[pictures:] + self.pictures[:pictures])


def unit_type(unit: bytes, codec: Codec) -> int:
    """NAL unit type: ITU-T H.264 table 7-1, H.265 table 7-1."""
    return unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63


def encode(pictures: Iterable[NDArray[np.uint8]], *, codec: Codec = "h264", rate: float = 7.0, group: int = 10) -> Clip:
    """Encode uint8[H, W, 3] blue, green, red; a key picture every ``group`` pictures."""
    context: av.VideoCodecContext | None = None
    units: list[tuple[bytes, ...]] = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        if context is None:
            context = av.codec.CodecContext.create(_ENCODERS[codec], "w")
            context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuv420p"
            context.framerate = round(rate)
            context.time_base = 1 / context.framerate
            context.gop_size = group
            context.options = _OPTIONS[codec]
        units += [_split(bytes(packet)) for packet in context.encode(frame)]
    if context is not None:
        units += [_split(bytes(packet)) for packet in context.encode(None)]
    return Clip(codec, rate, tuple(units))


def encoded(path: Path, rate: float) -> Clip:
    """An H.264 file as it is, ``rate`` pictures a second."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        with_start_codes = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        found = [whole for packet in container.demux(stream) for whole in with_start_codes.filter(packet)]
    return Clip("h264", rate, tuple(_split(bytes(packet)) for packet in found))


def pictures_of(path: Path, count: int, *, size: tuple[int, int] | None = None) -> Iterator[NDArray[np.uint8]]:
    """The first pictures of a video file, uint8[H, W, 3] blue, green, red; ``size``: width and height to scale to."""
    with av.open(str(path)) as container:
        for frame in islice(container.decode(video=0), count):
            width, height = size or (frame.width, frame.height)
            yield frame.reformat(width=width, height=height, format="bgr24").to_ndarray()


def _split(stream: bytes) -> tuple[bytes, ...]:
    """NAL units of a byte stream with start codes (ITU-T H.264 annex B)."""
    parts = stream.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return tuple(part for part in parts if part)
