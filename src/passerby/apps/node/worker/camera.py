"""Work off one camera under one mandate, in a thread of a worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from passerby.apps.assets.entries import find
from passerby.apps.city import CameraSection, CityFileError
from passerby.apps.detectors import detector_for, present
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.worker.pulse import Pulse
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.edge.capture import RecordingSource, RtspSource, Source, Turn
from passerby.edge.detection import Detector
from passerby.edge.groundplane import GroundRecord, Keep
from passerby.edge.measurement import OCCUPANCY, OpenWindow, cadence_for
from passerby.edge.pipeline import Authorize, Pipeline
from passerby.edge.probe import Choice, Probe
from passerby.gate.mandate import MandateError
from passerby.machine import Core


@dataclass(frozen=True, slots=True)
class Task:
    """What a camera is asked to do. ``begin``: instant of a recording's first frame. ``since``: end of the last window
    that was released before, None where none was. Both UTC.
    ``ground``: what is remembered of where it lies. ``earlier``: what a worker that is gone left of its window."""

    section: CameraSection
    mandate: Mandate
    begin: datetime
    since: datetime | None
    ground: GroundRecord | None
    earlier: OpenWindow | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A camera that is about to decode. ``slow``: its measures need one look a second."""

    pipeline: Pipeline
    slow: bool
    choice: Choice


def run_camera(
    task: Task,
    authorize: Authorize,
    hand_over: Callable[[Sequence[Measure]], None],
    opened: Callable[[Opened], None],
    keep: Keep,
    leave: Callable[[OpenWindow], None],
    pulse: Pulse,
    turn: Turn,
    core: Core,
) -> None:
    """Measure until the recording ends or something stops it, and raise what does.

    ``hand_over`` gets the measures of windows as they close. ``opened`` is told of the pipeline before it decodes.
    ``keep`` remembers where the ground lies, and ``leave`` what the open window holds.
    """
    section, mandate = task.section, task.mandate
    camera, source = camera_of(section, mandate), _source(section)
    cadence, choice = cadence_for(camera, mandate), Choice("main", "")
    with pulse.waiting():
        detector = _detector(section, mandate, cadence)
    if isinstance(source, RtspSource) and section.rtsp is not None and section.rtsp.substream is not None:
        sub = RtspSource(section.rtsp.substream, section.rtsp.transport)
        choice = Probe(camera, source, sub, detector, cadence, authorize, pulse).choose()
        source = sub if choice.stream == "sub" else source
    pipeline = Pipeline(
        camera,
        source,
        detector,
        authorize,
        begin=None if isinstance(source, RtspSource) else task.begin,
        clock=pulse,
        unreported_since=task.since,
        earlier=task.earlier,
        leave=leave,
        turn=turn,
        core=core,
        known=task.ground,
        keep=keep,
    )
    opened(Opened(pipeline, cadence == OCCUPANCY, choice))
    for measures in pipeline.run():
        hand_over(measures)


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


def _detector(section: CameraSection, mandate: Mandate, cadence: Cadence) -> Detector:
    entry = present(section.detector)
    named, here = mandate.document.get("detector"), entry.identity
    if not isinstance(named, dict) or any(named.get(field) != digest for field, digest in here.items()):
        raise MandateError(
            f"mandate {mandate.id} names another detector",
            expected=", ".join(f"{field} {named.get(field)}" for field in here) if isinstance(named, dict) else "none",
            came=", ".join(f"{field} {digest}" for field, digest in here.items()),
            remedy="A swapped detector needs a new mandate.",
        )
    return detector_for(entry, section.picture, cadence.seconds)
