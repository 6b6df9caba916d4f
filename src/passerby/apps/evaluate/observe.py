"""Run the stages of production over a video file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.scene import Seen
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.camera import Camera
from passerby.datatypes.frame import Frame
from passerby.datatypes.kind import Kind
from passerby.datatypes.place import Place
from passerby.datatypes.positions import Positions
from passerby.datatypes.tracks import Tracks
from passerby.edge.capture.decoder import decode
from passerby.edge.detection import Detector
from passerby.edge.pipeline import Sight

TRACK_SECONDS = 120.0
Look = Callable[[Frame], tuple[Tracks, Positions | None]]
See = Callable[[tuple[int, int]], Look]
"""A pipeline for pictures of a width and height in px."""


def video_facts(path: Path) -> tuple[tuple[int, int], float]:
    """Width and height in px, and frames a second as the file says. Raises EvaluationError."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            return (stream.codec_context.width, stream.codec_context.height), float(rate)
    except (av.error.FFmpegError, OSError, IndexError, TypeError) as error:
        raise EvaluationError(
            f"video {path.name} cannot be read", expected="a video file", came=type(error).__name__
        ) from error


def production(detector: Detector, calibration: Calibration | None) -> See:
    """The stages of production, for a camera that nobody owns."""

    def see(picture: tuple[int, int]) -> Look:
        camera = Camera("evaluation", "evaluation", Place(0.0, 0.0), picture, calibration=calibration)
        return Sight(camera, detector, track_seconds=TRACK_SECONDS).look

    return see


def observe(path: Path, frame_rate: float, last: int | None, look: Look) -> Iterator[Seen]:
    """People seen in each frame, from the first to ``last`` (1-based, inclusive). It opens files alone, no camera."""
    first = datetime(2000, 1, 1, tzinfo=UTC)
    for number, frame in enumerate(decode(str(path), first, frame_rate=frame_rate), 1):
        if last is not None and number > last:
            return
        tracks, positions = look(frame)
        people = tracks.kind == Kind.PERSON
        ground = np.full((len(tracks.id), 2), np.nan) if positions is None else positions.xy
        seconds = (frame.instant - first).total_seconds()
        yield Seen(tracks.id[people], tracks.xyxy[people].astype(np.float64), ground[people], seconds)
