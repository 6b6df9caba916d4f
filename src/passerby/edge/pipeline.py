"""One camera's way from pictures to exact values. Everything of a person dies on this page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.edge.capture import Clock, Gap, Source, SystemClock, open_stream
from passerby.edge.detection import Detector
from passerby.edge.groundplane import positions
from passerby.edge.measurement import Measurement
from passerby.edge.tracking import Tracker

Authorize = Callable[[datetime], Authorization]
"""Gives the proof for an instant, or raises where no mandate stands."""


@dataclass(slots=True)
class Work:
    """What the work costs, never what was seen. ``stages``: seconds of CPU time by stage."""

    frames: int = 0
    stream_seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    def spend(self, stage: str, since: float) -> float:
        """Book the CPU time of this thread since ``since`` on a stage; returns the present reading."""
        now = time.thread_time()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - since
        return now


class Pipeline:
    """Runs one camera while a mandate stands; yields the measures of each window as it closes."""

    def __init__(
        self,
        camera: Camera,
        source: Source,
        detector: Detector,
        authorize: Authorize,
        *,
        begin: datetime | None = None,
        unreported_since: datetime | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``begin``: instant of a recording's first frame. ``authorize`` is asked before anything is decoded, and again
        whenever its answer no longer covers the instant. ``unreported_since``: end of the last window that was released
        before this run; what lies between is an outage."""
        self.work = Work()
        self._camera = camera
        self._source = source
        self._detector = detector
        self._authorize = authorize
        self._begin = begin
        self._unreported_since = unreported_since
        self._clock = clock or SystemClock()

    def run(self) -> Iterator[list[Measure]]:
        """Measures of each closed window. Ends with the recording; raises what ``authorize`` raises."""
        begin = self._begin or self._clock.now()
        authorization = self._authorize(begin)
        mandate = authorization.mandate
        measurement = Measurement(self._camera, mandate)
        tracker = Tracker(confident=self._detector.spec.confident, track_seconds=mandate.track_seconds)
        first: datetime | None = None
        since = self._unreported_since
        if since is not None and since < begin and (missed := measurement.gap(Outage.RESTART, since, begin)):
            yield missed
        reading = time.thread_time()
        for item in open_stream(self._source, authorization, begin=self._begin, clock=self._clock):
            reading = self.work.spend("capture", reading)
            if not authorization.covers(item.instant):
                authorization = self._authorize(item.instant)
            if isinstance(item, Gap):
                tracker.reset()
                closed = measurement.gap(item.cause, item.since, item.instant)
            else:
                first = first or item.instant
                closed = self._frame(item, tracker, measurement)
                self.work.frames += 1
                self.work.stream_seconds = (item.instant - first).total_seconds()
                reading = time.thread_time()
            if closed:
                yield closed
                reading = time.thread_time()
        if closed := measurement.close():
            yield closed

    def _frame(self, frame: Frame, tracker: Tracker, measurement: Measurement) -> list[Measure]:
        reading = time.thread_time()
        detections = self._in_reference(self._detector.detect(frame), frame)
        reading = self.work.spend("detection", reading)
        tracks = tracker.update(detections)
        reading = self.work.spend("tracking", reading)
        calibration = self._camera.calibration
        ground = None if calibration is None else positions(tracks.foot, calibration)
        reading = self.work.spend("ground plane", reading)
        closed = measurement.observe(tracks, ground)
        self.work.spend("measurement", reading)
        return closed

    def _in_reference(self, detections: Detections, frame: Frame) -> Detections:
        """Boxes in px of the reference picture, whatever the stream's present resolution."""
        width, height = frame.size
        scale_x, scale_y = self._camera.picture[0] / width, self._camera.picture[1] / height
        if (scale_x, scale_y) == (1.0, 1.0):
            return detections
        factor = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        return replace(detections, xyxy=detections.xyxy * factor)
