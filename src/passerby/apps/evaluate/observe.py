"""Run the stages of production over a video file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Protocol

import av
import numpy as np

from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.scene import Seen
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.camera import Camera
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.datatypes.place import Place
from passerby.edge.capture import Gap
from passerby.edge.capture.decoder import decode
from passerby.edge.detection import Detector
from passerby.edge.pipeline import PATIENCE, Looked, Sight

TRACK_SECONDS = 120.0
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
See = Callable[[tuple[int, int]], "Eyes"]
"""A pipeline for pictures of a width and height in px."""


class Eyes(Protocol):
    """A pipeline. It may report frames late, but in order."""

    def judge(self, frame: Frame) -> Gap | None:
        """To be asked first: a gap where the picture is too poor to look at."""

    def look(self, frame: Frame) -> list[Looked]:
        """Take a frame; what is seen in frames that are ready."""

    def finish(self) -> list[Looked]:
        """What is seen in the frames that are left."""


def video_facts(path: Path) -> tuple[tuple[int, int], float, int]:
    """Width and height in px, frames a second, and how many (0: the file does not say). Raises EvaluationError."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            return (stream.codec_context.width, stream.codec_context.height), float(rate), stream.frames
    except (av.error.FFmpegError, OSError, IndexError, TypeError) as error:
        raise EvaluationError(
            f"video {path.name} cannot be read", expected="a video file", came=type(error).__name__
        ) from error


def production(detector: Detector, calibration: Calibration | None, cadence: Cadence | None = None) -> See:
    """The stages of production, for a camera that nobody owns."""

    def see(picture: tuple[int, int]) -> Eyes:
        camera = Camera("evaluation", "evaluation", Place(0.0, 0.0), picture, calibration=calibration)
        return Sight(camera, detector, track_seconds=TRACK_SECONDS, cadence=cadence)

    return see


def observe(path: Path, frame_rate: float, last: int, eyes: Eyes, cadence: Cadence | None = None) -> Iterator[Seen]:
    """People seen in each frame up to ``last`` (1-based, inclusive) that is looked at (all without a cadence), but for
    those that are too poor to look at.

    It opens files alone, no camera.
    """
    end = (last - 0.5) / frame_rate
    frames = decode(str(path), BEGIN, frame_rate=frame_rate, cadence=cadence)
    for frame in takewhile(lambda frame: (frame.instant - BEGIN).total_seconds() < end, frames):
        gap = eyes.judge(frame)
        if gap is None:
            yield from map(_people, eyes.look(frame))
        elif gap.instant - gap.since >= PATIENCE:
            yield from map(_people, eyes.finish())
    yield from map(_people, eyes.finish())


def _people(looked: Looked) -> Seen:
    tracks, positions = looked
    people = tracks.kind == Kind.PERSON
    ground = np.full((len(tracks.id), 2), np.nan) if positions is None else positions.xy
    seconds = (tracks.instant - BEGIN).total_seconds()
    return Seen(tracks.id[people], tracks.xyxy[people].astype(np.float64), ground[people], seconds)
