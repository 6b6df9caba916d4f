"""The verdict on each picture."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2

from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.quality.exposure import exposure
from passerby.edge.quality.levels import Luma, samples_of
from passerby.edge.quality.stillness import Stillness
from passerby.edge.quality.view import View

EVERY = timedelta(seconds=1)
"""While pictures are good and their light stays, their noise and sharpness are looked at so often."""
SAME_LIGHT = 4.0
"""Levels by which the mean of the luma and its deviation together may change."""
LASTING = timedelta(seconds=2)
"""A fault that lasted so long is over once the picture was good for as long: between dark and light it flickers."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Nothing can be counted on the picture. ``since``: instant (UTC) from which on this is so."""

    cause: Outage
    since: datetime


class Quality:
    """Looks at every frame of one camera before anything is searched in it: too dark, covered, blurred, frozen, moved.

    A picture that is too poor is an outage with its cause, never a zero. Costs a fraction of a millisecond a frame.
    """

    def __init__(self) -> None:
        self._before: Luma | None = None
        self._good: tuple[datetime, tuple[float, float]] | None = None
        self._stillness = Stillness()
        self._view = View()
        self._fault: Verdict | None = None
        self._poor: datetime | None = None

    def judge(self, frame: Frame) -> Verdict | None:
        """None where the picture is good. Frames come in order of time."""
        samples = samples_of(frame.luma)
        fault = self._fault_of(frame, samples)
        self._before = samples
        if fault is None:
            self._fault = self._lasting(frame.instant)
        elif self._fault is None or self._fault.cause is not fault:
            self._fault = Verdict(fault, frame.instant)
        if fault is not None:
            self._poor = frame.instant
        frozen = self._stillness.frozen_since(samples, frame.instant)
        if self._fault is not None:
            return self._fault
        if frozen is not None:
            return Verdict(Outage.FROZEN, frozen)
        moved = self._view.moved_since(frame)
        return None if moved is None else Verdict(Outage.MOVED, moved)

    def _fault_of(self, frame: Frame, samples: Luma) -> Outage | None:
        """Why nothing can be found in this picture, if so."""
        mean, deviation = cv2.meanStdDev(samples)
        light = float(mean[0, 0]), float(deviation[0, 0])
        if self._good is not None:
            since, before = self._good
            if frame.instant - since < EVERY and math.dist(light, before) < SAME_LIGHT:
                return None
        fault = exposure(frame.luma, samples, self._before).fault
        self._good = (frame.instant, light) if fault is None else None
        return fault

    def _lasting(self, now: datetime) -> Verdict | None:
        """The fault before a good picture, where it is not over yet."""
        if self._fault is None or self._poor is None:
            return None
        lasting = self._poor - self._fault.since >= LASTING and now - self._poor < LASTING
        return self._fault if lasting else None
