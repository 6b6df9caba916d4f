"""Work off one camera under one mandate."""

from datetime import datetime

from passerby.apps.assets.entries import find
from passerby.apps.assets.errors import AssetError
from passerby.apps.city import CameraSection, CityFileError
from passerby.apps.node.geometry import camera_of
from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.window import civil_day
from passerby.edge.capture import RecordingSource, RtspSource, Source
from passerby.edge.detection import Detector, read_spec
from passerby.edge.pipeline import Pipeline
from passerby.gate.mandate import MandateError


def run_camera(house: House, section: CameraSection, mandate: Mandate, board: StatusBoard, begin: datetime) -> None:
    """Measure and release until the recording ends or the mandate does; raises what stops it.

    ``begin``: instant of a recording's first frame, UTC.
    """
    camera = camera_of(section, mandate)
    detector = _detector(section, mandate)
    pipeline = Pipeline(
        camera,
        _source(section),
        detector,
        lambda instant: house.authorize(mandate.hash, camera.id, instant),
        begin=begin,
    )
    board.watch(camera.id, pipeline.work)
    board.update(camera.id, state="measuring")
    for measures in pipeline.run():
        instants = sorted({measure.window.start for measure in measures})
        for instant in instants:
            mine = [measure for measure in measures if measure.window.start == instant]
            house.publish([house.gate.release(mine, [house.authorize(mandate.hash, camera.id, max(instant, begin))])])
        day = civil_day(instants[-1], mandate.zone).isoformat()
        outage = measures[-1].outage
        board.update(
            camera.id,
            state="measuring" if outage is None else "outage",
            coverage=measures[-1].coverage,
            windows=board.of(camera.id).windows + len(instants),
            epsilon_spent=f"{float(house.gate.charged(camera.id, day)):g}",
        )
    board.update(camera.id, state="ended")


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
    entry = find(section.detector)
    if not entry.present:
        raise AssetError(
            f"detector {entry.name} is not here",
            expected="its file in the cache",
            remedy=f"passerby models get {entry.name}",
        )
    named = mandate.document.get("detector")
    if not isinstance(named, dict) or named.get("sha256") != entry.sha256:
        raise MandateError(
            f"mandate {mandate.id} names another detector",
            expected=str(named.get("sha256") if isinstance(named, dict) else None),
            came=entry.sha256,
            remedy="A swapped detector needs a new mandate.",
        )
    return Detector(read_spec(entry.text), entry.path.read_bytes())
