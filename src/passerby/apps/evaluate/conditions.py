"""Night, weather and faults, made from a good video, so that their cost can be measured."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.observe import Eyes, See
from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture import Gap
from passerby.edge.capture.decoder import to_frame
from passerby.edge.pipeline import Looked

Plane = NDArray[np.uint8]
Change = Callable[[int, Frame], Frame | None]
"""The frame of a number (from 1), changed; None where it does not come."""

SEED = 7
BLACK, GREY = 16, 128


def under(condition: str, see: See, *, middle: int, rate: float, outages: Counter[Outage]) -> See:
    """The pipeline, for a video in this condition. ``middle``: frame (from 1) after which mid-clip changes come.
    ``rate``: frames a second. ``outages``: counts the frames of each cause. Raises EvaluationError."""
    if condition not in CONDITIONS:
        raise EvaluationError("condition is unknown", expected=", ".join(CONDITIONS), came=repr(condition))
    make = CONDITIONS[condition]
    return lambda picture: _Disturbed(see(picture), make(middle, rate), outages)


class _Disturbed:
    def __init__(self, eyes: Eyes, change: Change, outages: Counter[Outage]) -> None:
        self._eyes = eyes
        self._change = change
        self._outages = outages
        self._number = 0
        self._frame: Frame | None = None

    def judge(self, frame: Frame) -> Gap | None:
        self._number += 1
        self._frame = self._change(self._number, frame)
        if self._frame is None:
            return Gap(Outage.NO_SIGNAL, frame.instant, frame.instant)
        gap = self._eyes.judge(self._frame)
        if gap is not None:
            self._outages[gap.cause] += 1
        return gap

    def look(self, _frame: Frame) -> list[Looked]:
        assert self._frame is not None
        return self._eyes.look(self._frame)

    def finish(self) -> list[Looked]:
        return self._eyes.finish()


def _planes(frame: Frame, luma: Callable[[Plane], NDArray[np.floating]], colour: float) -> Frame:
    """``luma`` applied, and the chroma scaled."""
    chroma = [
        np.clip(GREY + colour * (plane.astype(np.float32) - GREY), 0, 255).astype(np.uint8)
        for plane in (frame.chroma_u, frame.chroma_v)
    ]
    return Frame(np.clip(luma(frame.luma), 0, 255).astype(np.uint8), chroma[0], chroma[1], frame.instant)


def _light(gain: float, noise: float) -> Change:
    """Less light on the sensor, read out with its noise."""
    random = np.random.default_rng(SEED)

    def change(_number: int, frame: Frame) -> Frame:
        def luma(plane: Plane) -> NDArray[np.floating]:
            darker = BLACK + gain * (plane.astype(np.float32) - BLACK)
            return np.asarray(darker + noise * random.standard_normal(plane.shape, np.float32))

        return _planes(frame, luma, gain)

    return change


def _infrared(middle: int) -> Change:
    """Colour until the middle of the clip, then a lamp: grey, flat, bright in the middle, noisy."""
    random = np.random.default_rng(SEED)

    def change(number: int, frame: Frame) -> Frame:
        if number <= middle:
            return frame

        def luma(plane: Plane) -> NDArray[np.floating]:
            height, width = plane.shape
            y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
            lamp = 0.6 * np.exp(-(x**2 + y**2))
            return np.asarray(30 + lamp * plane + 5 * random.standard_normal(plane.shape, np.float32))

        return _planes(frame, luma, 0.0)

    return change


def _blur(share: float) -> Change:
    """A Gaussian blur with this standard deviation, as a share of the picture's width."""

    def change(_number: int, frame: Frame) -> Frame:
        sigma = share * frame.size[0]
        planes = [
            cv2.GaussianBlur(plane, (0, 0), sigma * plane.shape[1] / frame.size[0])
            for plane in (frame.luma, frame.chroma_u, frame.chroma_v)
        ]
        return Frame(planes[0], planes[1], planes[2], frame.instant)

    return change


def _rain() -> Change:
    """Bright streaks that fall, others in each frame, and a veil."""
    random = np.random.default_rng(SEED)

    def change(_number: int, frame: Frame) -> Frame:
        width, height = frame.size
        streaks = np.zeros((height, width), np.float32)
        for x, y in zip(random.uniform(0, width, 400), random.uniform(-30, height, 400), strict=True):
            length = random.uniform(0.03, 0.07) * height
            cv2.line(streaks, (int(x), int(y)), (int(x - length / 6), int(y + length)), 70.0, 1)
        return _planes(frame, lambda plane: 40 + 0.7 * plane + cv2.GaussianBlur(streaks, (0, 0), 0.8), 0.7)

    return change


def _compressed(rate: float) -> Change:
    """Through H.264 at a quantiser of 38 and back, picture by picture."""
    encoder: list[av.VideoCodecContext] = []
    decoder = av.codec.CodecContext.create("h264", "r")

    def change(number: int, frame: Frame) -> Frame:
        picture = av.VideoFrame.from_ndarray(_stacked(frame), format="yuv420p")
        picture.pts = number
        if not encoder:
            made = av.codec.CodecContext.create("libx264", "w")
            made.width, made.height = frame.size
            made.pix_fmt, made.time_base = "yuv420p", 1 / Fraction(rate).limit_denominator(1000)
            made.options = {"qp": "38", "preset": "veryfast", "tune": "zerolatency"}
            encoder.append(made)
        decoded = [image for packet in encoder[0].encode(picture) for image in decoder.decode(av.Packet(bytes(packet)))]
        return to_frame(decoded[-1], frame.instant) if decoded else frame

    return change


def _stacked(frame: Frame) -> Plane:
    width, height = frame.size
    planes = [plane.reshape(-1) for plane in (frame.luma, frame.chroma_u, frame.chroma_v)]
    return np.ascontiguousarray(np.concatenate(planes)[: width * height * 3 // 2].reshape(-1, width))


def _flash(rate: float) -> Change:
    """Two white pictures about every seven seconds."""
    every = max(4, round(7 * rate))
    return lambda number, frame: frame if number % every > 1 else _planes(frame, lambda p: np.full(p.shape, 235.0), 0.0)


def _slower(rate: float) -> Change:
    """Five frames a second, or half of a slower video."""
    wanted = 5.0 if rate > 5 else rate / 2
    return lambda number, frame: frame if int(number * wanted / rate) > int((number - 1) * wanted / rate) else None


def _dropped() -> Change:
    """One frame in five is lost, one second in twenty is."""
    random = np.random.default_rng(SEED)
    until = [0]

    def change(number: int, frame: Frame) -> Frame | None:
        if random.random() < 0.01:
            until[0] = number + 6
        return None if number < until[0] or random.random() < 0.2 else frame

    return change


def _nudged(middle: int) -> Change:
    """From the middle on, 2 % of the picture's width to the right and 1 % down."""

    def change(number: int, frame: Frame) -> Frame:
        if number <= middle:
            return frame
        planes = [
            cv2.warpAffine(
                plane,
                np.array([[1, 0, 0.02 * plane.shape[1]], [0, 1, 0.01 * plane.shape[1]]], np.float32),
                plane.shape[::-1],
                borderMode=cv2.BORDER_REPLICATE,
            )
            for plane in (frame.luma, frame.chroma_u, frame.chroma_v)
        ]
        return Frame(planes[0], planes[1], planes[2], frame.instant)

    return change


def _frozen(middle: int) -> Change:
    """The picture of the middle, for ever."""
    last: list[Frame] = []

    def change(number: int, frame: Frame) -> Frame:
        if number <= middle:
            last[:] = [frame]
            return frame
        return replace(last[0], instant=frame.instant)

    return change


def _covered(middle: int) -> Change:
    """From the middle on, cloth over the lens."""
    return lambda number, frame: (
        frame if number <= middle else _planes(frame, lambda p: cv2.GaussianBlur(0.02 * p + 90.0, (0, 0), 30), 0.0)
    )


CONDITIONS: dict[str, Callable[[int, float], Change]] = {
    "as it is": lambda _middle, _rate: lambda _number, frame: frame,
    "a quarter of the light": lambda _middle, _rate: _light(0.25, 1.5),
    "a tenth of the light": lambda _middle, _rate: _light(0.1, 1.0),
    "infrared from mid-clip": lambda middle, _rate: _infrared(middle),
    "sensor noise": lambda _middle, _rate: _light(1.0, 15.0),
    "soft lens": lambda _middle, _rate: _blur(0.002),
    "rain": lambda _middle, _rate: _rain(),
    "strong compression": lambda _middle, rate: _compressed(rate),
    "lens flashes": lambda _middle, rate: _flash(rate),
    "few frames a second": lambda _middle, rate: _slower(rate),
    "dropped frames": lambda _middle, _rate: _dropped(),
    "nudged from mid-clip": lambda middle, _rate: _nudged(middle),
    "no light": lambda _middle, _rate: _light(0.03, 2.0),
    "out of focus": lambda _middle, _rate: _blur(0.009),
    "covered from mid-clip": lambda middle, _rate: _covered(middle),
    "frozen from mid-clip": lambda middle, _rate: _frozen(middle),
}
