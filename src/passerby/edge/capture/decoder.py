"""Decode a file into planes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import av
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame


def decode(path: str, first: datetime, *, frame_rate: float | None) -> Iterator[Frame]:
    """All frames of a file. Instants follow ``frame_rate`` where it is given, else the file's time stamps."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        origin: float | None = None
        for index, picture in enumerate(container.decode(stream)):
            if frame_rate is not None:
                seconds = index / frame_rate
            else:
                origin = picture.time if origin is None else origin
                seconds = picture.time - origin
            yield to_frame(picture, first + timedelta(seconds=seconds))


def to_frame(picture: av.VideoFrame, instant: datetime) -> Frame:
    """Planes of a decoded picture as views where its format is YUV 4:2:0 already."""
    if picture.format.name not in ("yuv420p", "yuvj420p"):
        picture = picture.reformat(format="yuv420p")
    luma, chroma_u, chroma_v = (_plane(plane) for plane in picture.planes)
    return Frame(luma, chroma_u, chroma_v, instant)


def _plane(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
