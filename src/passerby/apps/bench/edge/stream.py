"""The streams of the bench, made from the sample clip as a camera on a busy square would send them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

RATE, STEPS = 25, 4
"""Frames a second of the main stream, and its frames for each frame of the clip (which has about 7 a second)."""
SUB_RATE = 10
NOISE_LEVELS = 2.0


@dataclass(frozen=True, slots=True)
class Stream:
    """How a stream is made. ``gop``: frames from key frame to key frame. ``bitrate``: bit/s."""

    name: str
    size: tuple[int, int]
    rate: int
    gop: int
    bitrate: int

    def takes(self, index: int) -> bool:
        """Whether it has the frame of the main stream with this number."""
        return (index + 1) * self.rate // RATE > index * self.rate // RATE


STREAMS = (
    Stream("main-gop50", (1920, 1080), RATE, 50, 4_000_000),
    Stream("main-gop25", (1920, 1080), RATE, 25, 4_000_000),
    Stream("sub", (640, 360), SUB_RATE, 20, 512_000),
)


def make(clip: Path, first: int, seconds: Mapping[str, float], folder: Path) -> dict[str, Path]:
    """Write every stream as MP4 (H.264, no B-frames) from frame ``first`` (0-based) of the clip on; name → file.

    ``seconds``: length of each. A file that is there already stays.
    """
    files = {stream.name: folder / f"{stream.name}-{first}-{seconds[stream.name]:g}.mp4" for stream in STREAMS}
    lacking = [stream for stream in STREAMS if not files[stream.name].exists()]
    if not lacking:
        return files
    noise = np.random.default_rng(1).normal(0, NOISE_LEVELS, (8, 1080, 1920)).astype(np.int16)
    frames = {stream.name: round(seconds[stream.name] * RATE) for stream in lacking}
    with ExitStack() as stack:
        encoders = {stream.name: _Encoder(files[stream.name], stream, stack) for stream in lacking}
        for index, picture in enumerate(islice(_between(clip, first), max(frames.values()))):
            wanted = [stream for stream in lacking if index < frames[stream.name] and stream.takes(index)]
            planes = {size: _planes(picture, size, noise[index % len(noise)]) for size in {s.size for s in wanted}}
            for stream in wanted:
                encoders[stream.name].add(planes[stream.size])
        for encoder in encoders.values():
            encoder.finish()
    return files


def _planes(picture: Picture, size: tuple[int, int], noise: NDArray[np.int16]) -> Picture:
    """Luma, stretched and with noise, and chroma below it: uint8[1.5 H, W]."""
    width, height = size
    planes = cv2.cvtColor(cv2.resize(picture, size), cv2.COLOR_BGR2YUV_I420)
    planes[:height] = cv2.add(planes[:height], noise[:height, :width], dtype=cv2.CV_8U)
    return np.asarray(planes, np.uint8)


class _Encoder:
    def __init__(self, path: Path, stream: Stream, stack: ExitStack) -> None:
        self._container = stack.enter_context(av.open(str(path), "w"))
        self._stream = self._container.add_stream("libx264", rate=stream.rate)
        self._stream.width, self._stream.height = stream.size
        self._stream.pix_fmt, self._stream.bit_rate = "yuv420p", stream.bitrate
        keys = f"keyint={stream.gop}:min-keyint={stream.gop}:scenecut=0:bframes=0"
        rate = f"vbv-maxrate={stream.bitrate // 1000}:vbv-bufsize={stream.bitrate // 1000}"
        self._stream.options = {"preset": "veryfast", "x264-params": f"{keys}:{rate}"}

    def add(self, planes: Picture) -> None:
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))

    def finish(self) -> None:
        self._container.mux(self._stream.encode())


def _between(clip: Path, first: int) -> Iterator[Picture]:
    """Frames of the clip, and between two of them those that the optical flow makes (Kroeger et al., DIS, 2016)."""
    flow_of = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    with av.open(str(clip)) as container:
        frames = (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))
        for before, after in pairwise(islice(frames, first, None)):
            old, new = (cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in (before, after))
            flow = flow_of.calc(old, new, np.zeros((*old.shape, 2), np.float32))
            yield before
            for step in range(1, STEPS):
                share = step / STEPS
                old, new = _moved(before, -share * flow), _moved(after, (1 - share) * flow)
                yield cv2.addWeighted(old, 1 - share, new, share, 0)


def _moved(picture: Picture, by: NDArray[np.float32]) -> Picture:
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    across, down = by[..., 0] + columns.astype(np.float32), by[..., 1] + rows.astype(np.float32)
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def stretched_truth(text: str, first: int, stream: Stream, clip_size: tuple[int, int]) -> str:
    """Boxes of the clip (MOT format) for a stream made from it: moved evenly between two frames of the clip; somebody
    who is in one of the two alone is there for its half."""
    wide, high = stream.size[0] / clip_size[0], stream.size[1] / clip_size[1]
    people: dict[int, dict[int, NDArray[np.float64]]] = {}
    for line in text.splitlines():
        values = [float(part) for part in line.split(",")[:6]]
        people.setdefault(int(values[0]) - 1 - first, {})[int(values[1])] = np.array(values[2:])
    rows = []
    taken = [index for index in range(STEPS * max(people)) if stream.takes(index)]
    for number, index in enumerate(taken, 1):
        share = index % STEPS / STEPS
        before, after = (people.get(index // STEPS + k, {}) for k in (0, 1))
        for person in sorted(before if share < 0.5 else after):
            start, end = before.get(person, after.get(person)), after.get(person, before.get(person))
            assert start is not None
            assert end is not None
            x, y, w, h = (1 - share) * start + share * end
            rows.append(f"{number},{person},{x * wide:.2f},{y * high:.2f},{w * wide:.2f},{h * high:.2f},1")
    return "\n".join(rows) + "\n"
