"""Watch a recording for the sake of its ground: what stays is a camera and an empty picture."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from passerby.apps.evaluate.observe import BEGIN, TRACK_SECONDS, video_facts
from passerby.datatypes.camera import Camera
from passerby.datatypes.place import Place
from passerby.edge.background import Background
from passerby.edge.capture.decoder import decode
from passerby.edge.detection import Detector
from passerby.edge.groundplane import Passages, SelfCalibrator
from passerby.edge.pipeline import PLATE_SCORE, PLATE_SPAN_RECORDING, Looked, Sight

PLATE_EVERY = timedelta(seconds=20)
Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """``picture``: width and height, px. ``plate``: PNG of the empty background, None where none is proven empty.
    ``ground``: what the people who passed tell of it."""

    picture: tuple[int, int]
    plate: bytes | None
    ground: SelfCalibrator


def learn(
    video: Path,
    detector: Detector,
    *,
    frame_rate: float | None = None,
    last: int | None = None,
    plate: bool = True,
    focal: float | None = None,
    tell: Tell = lambda _number: None,
) -> Learned:
    """Run the stages of production over a recording, a file. ``last``: frame (from 1) after which nothing is looked at.
    ``plate``: whether the empty background is wanted too. ``focal``: px, where somebody knows it.
    Raises EvaluationError where it cannot be read."""
    picture, rate, _ = video_facts(video)
    camera = Camera("calibration", "calibration", Place(0.0, 0.0), picture)
    background = None
    if plate:
        find = detector.at(PLATE_SCORE).detect
        background = Background(find, span_seconds=PLATE_SPAN_RECORDING, every=PLATE_EVERY)
    sight = Sight(camera, detector, track_seconds=TRACK_SECONDS, background=background)
    ground = SelfCalibrator(picture, focal=focal)
    passages = Passages(picture, ground.learn)

    def take(looked: list[Looked]) -> None:
        for tracks, _ in looked:
            passages.add(tracks)

    for number, frame in enumerate(islice(decode(str(video), BEGIN, frame_rate=frame_rate or rate), last), 1):
        take(sight.look(frame) if sight.judge(frame) is None else sight.finish())
        tell(number)
    take(sight.finish())
    passages.finish()
    return Learned(picture, background.png if background else None, ground)
