"""What was measured is remembered for this model, these libraries and this processor, and for nothing else."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from typer.testing import CliRunner

from passerby.apps import detectors, runtimes
from passerby.apps.assets.entries import Entry, find
from passerby.apps.city import City
from passerby.apps.cli.models import app
from passerby.apps.detectors import detector_for
from passerby.apps.runtimes import OFTEN, SELDOM
from passerby.edge.detection import PLAIN, REFERENCE, Backend, Detector, Trial, backends, read_spec, ready
from passerby.edge.detection.detector import DetectorError
from passerby.edge.detection.drawing import drawn

PICTURE = (64, 64)
CHEAP = Backend("openvino")
TEXT = """
name = "own"
kind = "detector"
title = "Own"
licence = "Apache-2.0"
file = "own.onnx"
sha256 = "{sha256}"
input = {{ width = 64, height = 64, colour = "rgb", divide = 1.0, fit = "letterbox" }}
head = {{ type = "end-to-end", threshold = 0.3, confident = 0.5, overlap = 0.5 }}
classes = {{ 0 = "person" }}
"""


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A detector of one's own that sees the same person in every picture, and an empty cache."""
    monkeypatch.setenv("PASSERBY_CACHE", str(tmp_path / "cache"))
    row = numpy_helper.from_array(np.array([[8, 8, 24, 56, 0.9, 0]], np.float32))
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["row"], value=row),
            helper.make_node("ReduceMin", ["picture"], ["dark"], keepdims=0),
            helper.make_node("Clip", ["dark", "", "nothing"], ["zero"]),
            helper.make_node("Add", ["row", "zero"], ["rows"]),
        ],
        "constant",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 6])],
        [numpy_helper.from_array(np.array(0, np.float32), "nothing")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    (tmp_path / "own.onnx").write_bytes(model)
    (tmp_path / "own.toml").write_text(TEXT.format(sha256=hashlib.sha256(model).hexdigest()), "utf-8")
    return find(str(tmp_path / "own.toml"))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[list[Backend]]:
    """Instead of timings, given ones: OpenVINO costs a fifth. Holds what was asked for."""
    asked: list[list[Backend]] = []

    def given(_spec: object, _model: object, _picture: object, which: list[Backend], **_: object) -> list[Trial]:
        asked.append(which)
        return [Trial(REFERENCE, 0.025, 0.025, True), Trial(CHEAP, 0.005, 0.005, True)]

    monkeypatch.setattr(runtimes, "try_all", given)
    return asked


def silent(_: str) -> None:
    """Nobody watches."""


def way(entry: Entry) -> Backend:
    """The backend for several looks a second."""
    return runtimes.way_for(entry, PICTURE, 0.2)[1]


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_without_a_measurement_the_reference_runs(entry: Entry) -> None:
    assert runtimes.remembered(entry, PICTURE, PLAIN) is None
    assert way(entry) == REFERENCE
    assert detector_for(entry, PICTURE, 0.2).backend == REFERENCE


@pytest.mark.parametrize("backend", backends(), ids=str)
def test_a_detector_that_another_process_made_ready_finds_the_same(entry: Entry, backend: Backend) -> None:
    spec, frame = read_spec(entry.text), drawn(PICTURE, 1)
    here = Detector(spec, ready(entry.path.read_bytes(), backend, spec.divide), backend).detect(frame)
    apart = detector_for(entry, PICTURE, 0.2, backend).detect(frame)
    np.testing.assert_array_equal(apart.xyxy, here.xyxy)
    np.testing.assert_array_equal(apart.score, here.score)


def test_another_file_is_not_made_ready(entry: Entry) -> None:
    """Its digest is checked on the very bytes that are compiled."""
    entry.path.write_bytes(entry.path.read_bytes() + b"\0")
    with pytest.raises(DetectorError, match=r"got own\.onnx is another file"):
        detector_for(entry, PICTURE, 0.2)


def test_what_no_library_can_make_ready_says_why(entry: Entry) -> None:
    with pytest.raises(DetectorError, match="cannot be made ready for openvino f7") as told:
        detector_for(entry, PICTURE, 0.2, Backend("openvino", "f7"))
    assert "RuntimeError" in str(told.value)
    assert str(entry.path.parent) not in str(told.value)


def test_who_never_gets_ready_is_not_waited_for(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detectors, "READY_SECONDS", 0.01)
    with pytest.raises(DetectorError, match="nothing in 0 s"):
        detector_for(entry, PICTURE, 0.2)


@pytest.mark.usefixtures("measured")
def test_what_was_measured_is_used_from_then_on(entry: Entry, tmp_path: Path) -> None:
    trials = runtimes.measure(entry, PICTURE, PLAIN, silent)
    assert runtimes.remembered(entry, PICTURE, PLAIN) == trials
    assert way(entry) == CHEAP
    assert len(kept(tmp_path / "cache")) == 1


@pytest.mark.parametrize(
    ("seconds", "often", "seldom"), [(0.004, OFTEN, SELDOM), (0.03, PLAIN, SELDOM), (0.2, PLAIN, PLAIN)]
)
def test_the_input_is_as_large_as_the_machine_can_afford(
    tmp_path: Path, entry: Entry, monkeypatch: pytest.MonkeyPatch, seconds: float, often: float, seldom: float
) -> None:
    monkeypatch.setattr(runtimes, "try_all", lambda *_, **__: [Trial(REFERENCE, seconds, 0.01, True)])
    monkeypatch.setattr(runtimes, "fitted", lambda *given: given[:2])
    (tmp_path / "own.toml").write_text(entry.text.replace("end-to-end", "nanodet"), "utf-8")
    wide, picture = find(str(tmp_path / "own.toml")), (640, 360)
    assert runtimes.way_for(wide, picture, 0.2) == (PLAIN, REFERENCE)
    runtimes.prepare(wide, [picture], Console(quiet=True))
    assert [runtimes.way_for(wide, picture, wait)[0] for wait in (0.2, 1.0)] == [often, seldom]


def test_it_is_measured_once(entry: Entry, measured: list[list[Backend]]) -> None:
    for _ in range(2):
        runtimes.prepare(entry, [PICTURE], Console(quiet=True))
    assert measured == [backends()]


def test_more_threads_are_tried_where_one_is_too_slow(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_spec: object, _model: object, _picture: object, which: list[Backend], **_: object) -> list[Trial]:
        return [Trial(backend, 0.4, 0.4 / backend.threads, True) for backend in which]

    monkeypatch.setattr(runtimes, "try_all", slow)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    runtimes.measure(entry, PICTURE, PLAIN, silent)
    assert way(entry).threads == 8


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"key": {}}', '{"key": null, "trials": []}', '{"trials": 5}', "\0\1", "TRIALS"],
)
def test_a_file_that_is_broken_is_as_none(entry: Entry, tmp_path: Path, content: str) -> None:
    runtimes.measure(entry, PICTURE, PLAIN, silent)
    (path,) = kept(tmp_path / "cache")
    document = json.loads(path.read_text("utf-8"))
    path.write_text(content if content != "TRIALS" else json.dumps({**document, "trials": [{"backend": {"x": 1}}]}))
    assert runtimes.remembered(entry, PICTURE, PLAIN) is None
    runtimes.prepare(entry, [PICTURE], Console(quiet=True))
    assert way(entry) == CHEAP


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("processor", lambda: "another"),
        ("versions", lambda: {"onnxruntime": "0.1"}),
    ],
)
def test_another_machine_or_library_is_measured_anew(
    entry: Entry, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    runtimes.measure(entry, PICTURE, PLAIN, silent)
    monkeypatch.setattr(runtimes, name, value)
    assert runtimes.remembered(entry, PICTURE, PLAIN) is None
    assert way(entry) == REFERENCE


@pytest.mark.usefixtures("measured")
def test_another_model_or_description_is_measured_anew(entry: Entry, tmp_path: Path) -> None:
    runtimes.measure(entry, PICTURE, PLAIN, silent)
    changed = tmp_path / "own.toml"
    changed.write_text(entry.text.replace("0.3", "0.4"), "utf-8")
    assert runtimes.remembered(find(str(changed)), PICTURE, PLAIN) is None


@pytest.mark.usefixtures("measured")
def test_a_cache_that_cannot_be_written_is_told_and_does_no_harm(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PASSERBY_CACHE", str(tmp_path / "file"))
    console = Console(record=True, quiet=False, file=(tmp_path / "told").open("w"), width=300)
    runtimes.prepare(entry, [PICTURE], console)
    assert "not measured, run by onnxruntime f32. cannot use the cache" in console.export_text()
    console.file.close()
    assert way(entry) == REFERENCE


def test_the_command_shows_it(entry: Entry, tmp_path: Path) -> None:
    """The real thing, measured on this machine."""
    command = ["bench", str(tmp_path / "own.toml"), "--picture", "64x64", "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)
    assert (found["name"], found["picture"], found["input"]) == ("own", [64, 64], [64, 64])
    assert [one["backend"]["runtime"] for one in found["trials"]] == [one.runtime for one in backends()]
    assert [one["used_for"] for one in found["trials"] if one["used_for"]] == [["flow", "occupancy"]]
    assert all(one["agrees"] for one in found["trials"])
    assert found["best"] == asdict(way(entry))
    assert CliRunner().invoke(app, command).stdout == result.stdout


@pytest.mark.usefixtures("entry")
def test_a_size_that_is_none_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["bench", str(tmp_path / "own.toml"), "--picture", "large"])
    assert result.exit_code != 0


@dataclass(frozen=True)
class Section:
    """What of a camera's section decides how its detector is run."""

    detector: str
    picture: tuple[int, int]


@pytest.mark.usefixtures("entry")
def test_a_city_is_measured_camera_by_camera_and_one_that_is_wrong_stops_none(
    tmp_path: Path, measured: list[list[Backend]]
) -> None:
    own = str(tmp_path / "own.toml")
    sections = [Section("no such", PICTURE), Section(own, PICTURE), Section(own, PICTURE), Section("nanodet", PICTURE)]
    city = City.model_construct(camera=sections)
    runtimes.prepare_city(city, Console(quiet=True))
    assert measured == [backends()]
    assert way(find(own)) == CHEAP
