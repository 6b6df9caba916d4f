"""Whether a substream is enough for a mandate: measured when a camera is opened, and only within the mandate."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Literal

import numpy as np

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.frame import Frame
from passerby.edge.capture import Clock, Gap, RtspSource, open_stream
from passerby.edge.detection import Detector
from passerby.edge.groundplane import pixels_per_metre
from passerby.edge.pipeline import Authorize

PROBE_LOOKS, PROBE_LIMIT = 20, timedelta(seconds=15)
"""Looks at the substream before it is judged, and how long they may take."""
ENOUGH_LOOKS = 0.8
"""Of those that the cadence wants: cameras count pictures, not seconds."""
SAME_SHAPE = 0.02
PERSON_METRES = 1.7
LEAST_PIXELS = 40.0
"""How tall people must be in the substream; less is enough where the detector's input has no more of the main stream.
NanoDet's recall on the first half of the sample clip, shrunk: 0.89 at 77 px, 0.84 at 39, 0.78 at 26, 0.62 at 19."""
AS_MUCH, LEAST_FOUND = 0.9, 20
"""Without a calibration: of what is found in the main stream, and how much of that there must be to tell."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which stream, and why; nothing in it depends on who was there, but whether the detector sees as well."""

    stream: Literal["main", "sub"]
    why: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What judges a substream. What the detector finds is counted, and dies here."""

    camera: Camera
    main: RtspSource
    sub: RtspSource
    detector: Detector
    cadence: Cadence
    authorize: Authorize
    clock: Clock

    def choose(self) -> Choice:
        """Look at the substream, and at the main stream where no calibration says how large people are.

        Raises what ``authorize`` raises.
        """
        with closing(self._frames(self.sub)) as frames:
            looks = list(islice(((frame.instant, frame.size) for frame in frames), PROBE_LOOKS))
        if len(looks) < 2:
            return Choice("main", "the substream does not answer")
        (first, _), (last, size) = looks[0], looks[-1]
        rate = (len(looks) - 1) / max(1e-6, (last - first).total_seconds())
        needed = 1 / self.cadence.longest
        if rate < ENOUGH_LOOKS * needed:
            return Choice("main", f"the substream gives {rate:.1f} looks a second, {needed:.1f} are needed")
        shape = size[0] / size[1] / (self.camera.picture[0] / self.camera.picture[1])
        if abs(shape - 1) > SAME_SHAPE:
            return Choice("main", "the substream shows another part of the view: it has another shape")
        tall = self._smallest_person()
        return self._compare() if tall is None else self._by_size(tall, size[0])

    def _by_size(self, tall: float, width: int) -> Choice:
        there = tall * width / self.camera.picture[0]
        needed = min(LEAST_PIXELS, tall * min(1.0, self.detector.spec.width / self.camera.picture[0]))
        if there < needed:
            return Choice("main", f"people far away are {there:.0f} px tall in the substream, {needed:.0f} are needed")
        return Choice("sub", f"people are at least {there:.0f} px tall in it")

    def _smallest_person(self) -> float | None:
        """px of the reference picture, at the farthest point of all lines and areas; None where nobody knows."""
        points = [point for area in self.camera.areas for point in area.polygon]
        points += [point for line in self.camera.lines for point in (line.start, line.end)]
        if self.camera.calibration is None or not points:
            return None
        scale = pixels_per_metre(points, self.camera.calibration)
        seen = scale[np.isfinite(scale)]
        return float(PERSON_METRES * seen.min()) if len(seen) else None

    def _compare(self) -> Choice:
        """Both streams, look by look."""
        found = [0, 0]
        with closing(self._frames(self.main)) as main, closing(self._frames(self.sub)) as sub:
            for pair in islice(zip(main, sub, strict=False), PROBE_LOOKS):
                for number, frame in enumerate(pair):
                    score = self.detector.detect(frame).score
                    found[number] += int(np.count_nonzero(score >= self.detector.spec.confident))
        if found[0] >= LEAST_FOUND and found[1] >= AS_MUCH * found[0]:
            return Choice("sub", "the detector sees as well in it")
        return Choice("main", "the detector does not see as well in the substream, or there was too little to compare")

    def _frames(self, source: RtspSource) -> Generator[Frame]:
        """Looks at the cadence while the mandate stands, for as long as a probe may take."""
        begin = self.clock.now()
        authorization = self.authorize(begin)
        for item in open_stream(source, authorization, cadence=self.cadence, clock=self.clock):
            if self.clock.now() - begin > PROBE_LIMIT:
                return
            if not authorization.covers(item.instant):
                authorization = self.authorize(item.instant)
            if not isinstance(item, Gap):
                yield item
