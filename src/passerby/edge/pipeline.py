"""One camera's way from pictures to exact values. Everything of a person dies on this page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.cadence import SELDOM_SECONDS, Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.detections import Detections
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.positions import Positions
from passerby.datatypes.tracks import Tracks
from passerby.edge.background import Background
from passerby.edge.capture import Clock, Gap, RtspSource, Source, SystemClock, Turn, open_stream
from passerby.edge.detection import Calm, Detector, StillThings
from passerby.edge.groundplane import Ground, GroundRecord, Keep, positions
from passerby.edge.measurement import METRIC, Measurement, OpenWindow, cadence_for
from passerby.edge.quality import Quality
from passerby.edge.tracking import Tracker
from passerby.machine import Core

Authorize = Callable[[datetime], Authorization]
"""Gives the proof for an instant, or raises where no mandate stands."""
Looked = tuple[Tracks, Positions | None]
"""What is seen in a frame; positions where the camera has a calibration."""

PATIENCE = timedelta(seconds=1)
"""A picture that is too poor for less than this (a flash of light) is skipped; for longer it is an outage."""
LIKELY, PLAIN = 2 / 3, 3 / 2
"""A person is believed at a score so far on the way from the lowest one that the detector hands on to a confident one:
where the background bears them out, and where nothing has changed, as under a cone or a poster."""
LEFT_EVERY = timedelta(seconds=2)
"""Who ends early leaves what its window held so long ago."""
PLATE_SCORE = 0.1
PLATE_EVERY = timedelta(minutes=10)
PLATE_SPAN_LIVE, PLATE_SPAN_RECORDING = 900.0, 30.0
"""Seconds over which the moments of a background plate are spread; a recording is too short for the longer one."""


@dataclass(slots=True)
class Work:
    """What the work costs, never what was seen. ``stages``: seconds of CPU time by stage. ``delay_seconds``: from the
    instant of the last picture until all was done with it. ``detections``: looks of the detector, with those that it
    was spared. ``rested_seconds``: of the stream, not decoded because the machine has too little for all."""

    frames: int = 0
    stream_seconds: float = 0.0
    delay_seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    detections: int = 0
    rested_seconds: float = 0.0
    _rest: tuple[datetime, float] | None = None

    def leave_out(self, gap: Gap) -> None:
        """Book a rest, which is told again and again while it lasts."""
        if self._rest is None or self._rest[0] != gap.since:
            self._rest = gap.since, self.rested_seconds
        self.rested_seconds = self._rest[1] + (gap.instant - gap.since).total_seconds()

    def rest(self) -> None:
        """Book a look of the detector that was not needed as a usual one: what is told of the cost of a camera must not
        tell whether anybody is there."""
        if self.detections:
            self.stages["detection"] *= 1 + 1 / self.detections
            self.detections += 1

    def spend(self, stage: str, since: float) -> float:
        """Book the CPU time of this thread since ``since`` on a stage; returns the present reading."""
        now = time.thread_time()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - since
        return now


class Sight:
    """Frame → Tracks and Positions: the stages that see, in production and in ``passerby evaluate``."""

    def __init__(
        self,
        camera: Camera,
        detector: Detector,
        *,
        track_seconds: float,
        cadence: Cadence | None = None,
        work: Work | None = None,
        background: Background | None = None,
        ground: Ground | None = None,
        core: Core | None = None,
    ) -> None:
        """``track_seconds``: ρ, after which a track is cut. ``cadence``: of the frames that come.
        ``background``: learns the empty picture on the way. ``ground``: learns where it lies, and gives the
        calibration; without it, it is the camera's. ``core``: that cameras share."""
        self._seldom = cadence is not None and cadence.longest >= SELDOM_SECONDS
        self._camera = camera
        self._detector = detector
        self._background = background
        self._ground = ground
        self._quality = Quality()
        self._still = StillThings(every=0.0) if self._seldom else StillThings()
        self._calm = Calm()
        self._tracker = Tracker(confident=detector.spec.confident, track_seconds=track_seconds)
        self._work = work or Work()
        self._core = core or Core()

    def judge(self, frame: Frame) -> Gap | None:
        """To be asked before ``look``: a gap that lasts until this frame where the picture is too poor to look at."""
        reading = time.thread_time()
        verdict = self._quality.judge(frame)
        self._work.spend("quality", reading)
        if verdict is None:
            if self._ground is not None:
                self._ground.stands()
            return None
        if verdict.cause is Outage.MOVED:
            if self._background is not None:
                self._background.reset()
            if self._ground is not None:
                self._ground.moved(verdict.since)
        return Gap(verdict.cause, verdict.since, frame.instant)

    def look(self, frame: Frame) -> list[Looked]:
        """Take a frame; what is seen in the frames that are two seconds old now. Frames come in order of time."""
        reading = time.thread_time()
        rests = self._background is None and self._calm.rests(frame)
        if rests:
            found = Detections.none(frame.instant)
            self._work.rest()
            reading = time.thread_time()
        else:
            found = self._detect(frame)
            self._work.detections += 1
            reading = self._work.spend("detection", reading)
        if self._background is not None:
            self._background.observe(frame, found)
            reading = self._work.spend("background", reading)
        found = self._still.remove_from(found, frame)
        if not rests:
            self._calm.looked(frame, empty=not len(found.score))
        if self._seldom:
            found = self._believed(found, frame)
        reading = self._work.spend("still things", reading)
        ready = self._tracker.update(self._in_reference(found, frame))
        reading = self._work.spend("tracking", reading)
        looked = [self._on_ground(tracks) for tracks in ready]
        self._work.spend("ground plane", reading)
        return looked

    def finish(self) -> list[Looked]:
        """What is seen in the last seconds, and forget everybody: a gap or the end follows."""
        return [self._on_ground(tracks) for tracks in self._tracker.finish()]

    def _detect(self, frame: Frame) -> Detections:
        """Those who wait for the detector follow each other, unless it works beside the core."""
        prepared = self._detector.prepare(frame)
        if self._detector.backend.device == "cpu":
            self._core.step_back()
            return self._detector.find(prepared)
        self._core.give()
        found = self._detector.find(prepared)
        self._core.take()
        return found

    def _believed(self, found: Detections, frame: Frame) -> Detections:
        """Where looks are too far apart to see somebody often, the background bears out, or not, what a track would."""
        spec = self._detector.spec
        confident = np.float32(spec.confident)
        share = np.where(self._still.stands_out(found, frame), LIKELY, np.where(found.kind == Kind.PERSON, PLAIN, 1.0))
        believed = found.score >= spec.threshold + share * (spec.confident - spec.threshold)
        doubted = np.minimum(found.score, np.nextafter(confident, np.float32(0)))
        return replace(found, score=np.where(believed, np.maximum(found.score, confident), doubted))

    def _on_ground(self, tracks: Tracks) -> Looked:
        calibration = self._camera.calibration
        if self._ground is not None:
            self._ground.observe(tracks)
            calibration = self._ground.calibration
        return tracks, None if calibration is None else positions(tracks.foot, calibration)

    def _in_reference(self, detections: Detections, frame: Frame) -> Detections:
        """Boxes in px of the reference picture, whatever the stream's present resolution."""
        width, height = frame.size
        scale_x, scale_y = self._camera.picture[0] / width, self._camera.picture[1] / height
        if (scale_x, scale_y) == (1.0, 1.0):
            return detections
        factor = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        return replace(detections, xyxy=detections.xyxy * factor)


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
        earlier: OpenWindow | None = None,
        leave: Callable[[OpenWindow], None] = lambda _window: None,
        clock: Clock | None = None,
        turn: Turn | None = None,
        core: Core | None = None,
        known: GroundRecord | None = None,
        keep: Keep = lambda _record: None,
    ) -> None:
        """``begin``: instant of a recording's first frame. ``authorize`` is asked before anything is decoded, and again
        whenever its answer no longer covers the instant. ``unreported_since``: end of the last window that was released
        before this run; what lies between is an outage. ``earlier``: what an earlier run left of its window; ``leave``
        is given the same again and again, should this run end early. ``turn``: of a live camera, where others share the
        machine. ``core``: that they share. ``known``, ``keep``: what is remembered of the camera's ground from run to
        run."""
        self.work = Work()
        self._camera = camera
        self._source = source
        self._detector = detector
        self._authorize = authorize
        self._begin = begin
        self._unreported_since = unreported_since
        self._earlier, self._leave = earlier, leave
        self._clock = clock or SystemClock()
        self._turn = turn
        self._core = core or Core()
        self._background: Background | None = None
        self._known, self._keep = known, keep
        self.ground: Ground | None = None

    def plate(self) -> bytes | None:
        """PNG of the empty background, or None where it is not proven empty or no mandate allows it now."""
        png = None if self._background is None else self._background.png
        if png is None:
            return None
        try:
            allowed = self._authorize(self._clock.now()).mandate.background_plate
        except PasserbyError:
            return None
        return png if allowed else None

    def run(self) -> Iterator[list[Measure]]:
        """Measures of each closed window. Ends with the recording; raises what ``authorize`` raises.

        Nothing of the picture that is not mandated is looked at; windows that ended before it are still given.
        """
        begin = self._begin or self._clock.now()
        authorization = self._authorize(begin)
        mandate = authorization.mandate
        cadence = cadence_for(self._camera, mandate)
        measurement = Measurement(self._camera, mandate, longest_look=cadence.longest)
        if mandate.background_plate:
            span = PLATE_SPAN_LIVE if isinstance(self._source, RtspSource) else PLATE_SPAN_RECORDING
            self._background = Background(self._detector.at(PLATE_SCORE).detect, span_seconds=span, every=PLATE_EVERY)
        if METRIC & {cell.family for cell in mandate.cells_of(self._camera.id)}:
            self.ground = Ground(self._camera.picture, self._camera.calibration, known=self._known, keep=self._keep)
        sight = Sight(
            self._camera,
            self._detector,
            track_seconds=mandate.track_seconds,
            cadence=cadence,
            work=self.work,
            background=self._background,
            ground=self.ground,
            core=self._core,
        )
        first: datetime | None = None
        left = begin
        since = self._unreported_since
        if self._earlier is not None:
            measurement.go_on(self._earlier)
            since, self._earlier = self._earlier.until, None
        if since is not None and since < begin and (missed := measurement.gap(Outage.RESTART, since, begin)):
            yield missed
        if not authorization.covers(opening := self._begin or self._clock.now()):
            authorization = self._authorize(opening)
        reading = time.thread_time()
        for item in open_stream(
            self._source,
            authorization,
            cadence=cadence,
            begin=self._begin,
            clock=self._clock,
            turn=self._turn,
            core=self._core,
        ):
            self._core.take()
            reading = self.work.spend("capture", reading)
            if not authorization.covers(item.instant):
                try:
                    authorization = self._authorize(item.instant)
                except PasserbyError:
                    closed = [m for seen in sight.finish() for m in measurement.observe(*seen)]
                    if closed := closed + measurement.gap(Outage.NOT_MANDATED, item.instant, item.instant):
                        yield closed
                    raise
            gap = item if isinstance(item, Gap) else sight.judge(item)
            reading = time.thread_time()
            closed = []
            if gap is not None and (gap is item or gap.instant - gap.since >= PATIENCE):
                closed = [m for seen in sight.finish() for m in measurement.observe(*seen)]
                closed += measurement.gap(gap.cause, gap.since, gap.instant)
                if gap.cause is Outage.OVERLOAD and first is not None:
                    self.work.leave_out(gap)
                    self.work.stream_seconds = (gap.instant - first).total_seconds()
            elif gap is None and isinstance(item, Frame):
                first = first or item.instant
                looked = sight.look(item)
                reading = time.thread_time()
                closed = [m for seen in looked for m in measurement.observe(*seen)]
                reading = self.work.spend("measurement", reading)
                self.work.frames += 1
                self.work.stream_seconds = (item.instant - first).total_seconds()
                self.work.delay_seconds = (self._clock.now() - item.instant).total_seconds()
                if item.instant - left >= LEFT_EVERY and (window := measurement.open_window()) is not None:
                    self._leave(window)
                    left = item.instant
            if closed:
                yield closed
                reading = time.thread_time()
        closed = [m for seen in sight.finish() for m in measurement.observe(*seen)]
        if closed := closed + measurement.close():
            yield closed
