"""What is measured: ways to count on one stream, each in one thread, and the CPU time that they take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av

from passerby.apps.bench.edge.naive import Naive
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.standing import Standing, State
from passerby.edge.capture import RecordingSource
from passerby.edge.capture.decoder import WITHOUT_LOOP_FILTER
from passerby.edge.detection import Detector
from passerby.edge.groundplane import from_points
from passerby.edge.pipeline import Pipeline, Work
from passerby.gate.mandate.authorize import authorize
from passerby.machine import Core

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Meter:
    """CPU time of its thread over the seconds of stream after a warm-up; the clock of a pipeline that never waits."""

    def __init__(self, warm_up: float) -> None:
        self._warm_up = warm_up
        self._mark: tuple[float, float] | None = None
        self._then: dict[str, float] = {}
        self.work = Work()
        """Of the pipeline that is measured, if one is."""

    def now(self) -> datetime:
        """The recording's first instant, always: what it waits for is how far it is."""
        return BEGIN

    def sleep(self, seconds: float) -> None:
        """A picture ``seconds`` into the stream is about to be worked on."""
        if self._mark is None and seconds >= self._warm_up:
            self._then = dict(self.work.stages)
            self._mark = time.thread_time(), seconds

    def per_second(self, stream_seconds: float) -> float:
        """Seconds of CPU time for a second of stream; to be asked at the end, in the same thread."""
        assert self._mark is not None
        spent, since = self._mark
        return (time.thread_time() - spent) / (stream_seconds - since)

    def stages(self, stream_seconds: float) -> dict[str, float]:
        """The same by stage of the pipeline; capture with all that is in no other stage."""
        assert self._mark is not None
        whole = stream_seconds - self._mark[1]
        found = {name: (spent - self._then.get(name, 0.0)) / whole for name, spent in self.work.stages.items()}
        if found.pop("capture", None) is None:
            return found
        return {"capture": self.per_second(stream_seconds) - sum(found.values()), **found}


def naive(baseline: Naive) -> Callable[[Path, Meter], None]:
    """Every frame becomes a full-size BGR picture and is detected on."""

    def run(path: Path, meter: Meter) -> None:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for frame in container.decode(stream):
                meter.sleep(frame.time)
                baseline.detect(frame.to_ndarray(format="bgr24"))

    return run


def decode_alone(path: Path, meter: Meter) -> None:
    """Every frame is decoded, with the flags of the pipeline, and dropped."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = WITHOUT_LOOP_FILTER
        for frame in container.decode(stream):
            meter.sleep(frame.time)


@dataclass(frozen=True, slots=True)
class Production:
    """The pipeline of production under a mandate for some families."""

    detector: Detector
    picture: tuple[int, int]
    families: Mapping[Family, tuple[str, ...]]
    core: Core = field(default_factory=Core)

    def run(self, path: Path, meter: Meter) -> None:
        """Measure; the exact values die unread."""
        width, height = self.picture
        corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
        ground = from_points(corners, [(0, 0), (30, 0), (30, 20), (0, 20)], standard_error_m=0.1)
        line = MeasurementLine("middle", (width / 2, 0.0), (width / 2, height))
        area = MeasurementArea("square", tuple(corners))
        camera = Camera("bench", "Bench", Place(0.0, 0.0), self.picture, (line,), (area,), ground)
        standing = Standing(self._mandate(), State.IN_FORCE, BEGIN, 0, (), BEGIN, BEGIN)

        def proof(instant: datetime) -> Authorization:
            return authorize(standing, camera.id, instant, instant, tree_size=1, log_as_of=instant)

        pipeline = Pipeline(
            camera, RecordingSource(path), self.detector, proof, begin=BEGIN, clock=meter, core=self.core
        )
        meter.work = pipeline.work
        for _ in pipeline.run():
            pass

    def _mandate(self) -> Mandate:
        subject = {Family.LINE_CROSSINGS: "middle"}
        cells = [
            Cell("bench", family, subject.get(family, "square"), category)
            for family, categories in self.families.items()
            for category in categories
        ]
        return Mandate(
            hash="0" * 64,
            id="bench",
            title="Bench",
            starts=BEGIN,
            expires=BEGIN + timedelta(hours=1),
            notice_seconds=0,
            zone=ZoneInfo("UTC"),
            hours=(0, 24),
            cells=tuple(sorted(cells)),
            budgets={family: FamilyBudget(family, Fraction(1), 60) for family in self.families},
            resolutions=(Resolution(900, Fraction(1)),),
            tracks=2,
            track_seconds=120,
            sensor_cap=Fraction(5),
            background_plate=False,
            archive=None,
            document={"oversight": {"log_freshness_seconds": 60}},
        )


FLOW_FAMILIES = {
    Family.LINE_CROSSINGS: ("person.forward", "person.backward"),
    Family.CLOSE_PAIR_SECONDS: ("1.0m", "2.0m"),
    Family.SPEED: ("0.0-1.0", "1.0-up"),
}
OCCUPANCY_FAMILIES = {Family.PERSON_SECONDS: ("person",)}
