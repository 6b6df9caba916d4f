"""Work off one camera under one mandate."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from passerby.apps.assets.entries import find
from passerby.apps.city import CameraSection, CityFileError
from passerby.apps.detectors import detector_for, present
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.standing import State
from passerby.datatypes.window import civil_day
from passerby.edge.capture import RecordingSource, RtspSource, Source, SystemClock
from passerby.edge.detection import Detector
from passerby.edge.pipeline import Pipeline
from passerby.gate.mandate import MandateError, NotAuthorizedError


class StoppedError(PasserbyError):
    """The node was asked to end."""


class EndableClock(SystemClock):
    """The machine's clock; whoever waits by it is woken with StoppedError when the node ends."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        """Wait. Raises StoppedError."""
        if self._stop.wait(max(0.0, seconds)):
            raise StoppedError("the node ends")


def run_camera(
    house: House,
    section: CameraSection,
    mandate: Mandate,
    board: StatusBoard,
    begin: datetime,
    stop: threading.Event,
    opened: Callable[[Pipeline], None],
) -> None:
    """Measure and release until the recording ends, the mandate does, or ``stop`` is set; raises what stops it.

    ``begin``: instant of a recording's first frame, UTC. ``opened`` is told of the pipeline before it decodes anything.
    """

    def authorize(instant: datetime) -> Authorization:
        if stop.is_set():
            raise StoppedError("the node ends")
        return house.authorize(mandate.hash, section.id, instant)

    camera = camera_of(section, mandate)
    pipeline = Pipeline(
        camera,
        _source(section),
        _detector(section, mandate),
        authorize,
        begin=begin,
        clock=EndableClock(stop),
        unreported_since=_unreported_since(house, mandate, section.id),
    )
    opened(pipeline)
    board.update(camera.id, state="measuring", note="")
    for measures in pipeline.run():
        windows = sorted({measure.window for measure in measures})
        for window in windows:
            _release(house, mandate, [measure for measure in measures if measure.window == window])
        day = civil_day(windows[-1].start, mandate.zone).isoformat()
        outage = measures[-1].outage
        board.update(
            camera.id,
            state="measuring" if outage is None else "outage",
            coverage=measures[-1].coverage,
            windows=board.of(camera.id).windows + len(windows),
            epsilon_spent=f"{float(house.gate.charged(camera.id, day)):g}",
        )
    board.update(camera.id, state="ended")


def _release(house: House, mandate: Mandate, measures: Sequence[Measure]) -> None:
    """Through the gate; a window that the mandate does not cover from its first second on dies here."""
    try:
        authorization = house.authorize(mandate.hash, measures[0].cell.sensor, measures[0].window.start)
    except NotAuthorizedError:
        if house.standing(mandate.hash).state is not State.IN_FORCE:
            raise
        return
    house.publish([house.gate.release(measures, [authorization])])


def _unreported_since(house: House, mandate: Mandate, sensor: str) -> datetime | None:
    finest = min(resolution.seconds for resolution in mandate.resolutions)
    until = house.gate.released_until(mandate.hash, sensor, finest)
    return datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if until else None


def _source(section: CameraSection) -> Source:
    if section.rtsp is not None:
        return RtspSource(section.rtsp.url, section.rtsp.transport)
    recording = section.recording
    if recording is None or (recording.sample is None) == (recording.file is None):
        raise CityFileError(
            f"camera {section.id} has no pictures",
            expected='rtsp = { url = "…" }, or recording = { sample = "…" } or { file = "…" }',
        )
    if recording.file is not None:
        return RecordingSource(recording.file, recording.frame_rate)
    assert recording.sample is not None
    return RecordingSource(find(recording.sample).path, recording.frame_rate)


def _detector(section: CameraSection, mandate: Mandate) -> Detector:
    entry = present(section.detector)
    named, here = mandate.document.get("detector"), entry.identity
    if not isinstance(named, dict) or any(named.get(field) != digest for field, digest in here.items()):
        raise MandateError(
            f"mandate {mandate.id} names another detector",
            expected=", ".join(f"{field} {named.get(field)}" for field in here) if isinstance(named, dict) else "none",
            came=", ".join(f"{field} {digest}" for field, digest in here.items()),
            remedy="A swapped detector needs a new mandate.",
        )
    return detector_for(entry, section.picture)
