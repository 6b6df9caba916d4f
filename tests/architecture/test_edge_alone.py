"""The edge needs no place to write to and nobody to talk to: a whole clip, on a read-only system without a network."""

import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

SOURCE = Path(__file__).parents[2] / "src"
FRAMES = 60

SEAL = """
mount --make-rprivate / || exit 70
sort -r <(cut -d' ' -f5 /proc/self/mountinfo) | while read -r place; do
  mount -o remount,bind,ro "$(printf '%b' "$place")" 2>/dev/null
done
touch "$1" 2>/dev/null && exit 71
exec "${@:2}"
"""
"""Every mount read-only, in namespaces of its own; exit 71 where something can still be written beside the clip."""

PROBE = """
import json, socket, sys
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.place import Place
from passerby.datatypes.resolution import Resolution
from passerby.edge.capture import RecordingSource
from passerby.edge.detection import Detector, read_spec
from passerby.edge.pipeline import Pipeline

FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.mkdir", "os.rename",
             "os.remove", "os.truncate", "os.link", "os.symlink", "shutil.", "tempfile.", "ctypes.dlopen", "sqlite3.")
tried = []

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.startswith(FORBIDDEN):
        tried.append(event)

clip, model, spec = (Path(name) for name in sys.argv[1:])
noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
cells = (Cell("gate", Family.PERSON_SECONDS, "all", "person"),)
mandate = Mandate("0" * 64, "t", "T", noon, noon + timedelta(days=1), 0, ZoneInfo("UTC"), (0, 24), cells,
                  {cells[0].family: FamilyBudget(cells[0].family, Fraction(1), 50)}, (Resolution(2, Fraction(1)),),
                  2, 100, Fraction(2), True, None, {})
area = MeasurementArea("all", ((0.0, 0.0), (64.0, 0.0), (64.0, 64.0), (0.0, 64.0)))
camera = Camera("gate", "Gate", Place(59.4, 24.7), (64, 64), areas=(area,))

class Clock:
    def now(self):
        return noon
    def sleep(self, seconds):
        pass

proof = Authorization(mandate, "gate", noon, noon + timedelta(days=1), 1, noon)
sys.addaudithook(watch)
detector = Detector(read_spec(spec.read_text("utf-8")), model.read_bytes())
pipeline = Pipeline(camera, RecordingSource(clip), detector, lambda _: proof, begin=noon, clock=Clock())
seen = sum(measure.value or 0 for measures in pipeline.run() for measure in measures)
edge_tried = list(tried)
control = []
for name, act in (("write", lambda: open(clip.with_name("leak"), "wb")),
                  ("talk", lambda: socket.create_connection(("192.0.2.1", 9), 2))):
    try:
        act()
    except OSError as error:
        control.append(name)
print(json.dumps({"frames": pipeline.work.frames, "seen": seen, "tried": edge_tried, "refused": control,
                  "noticed": tried[len(edge_tried):]}))
"""

SPEC = """
name = "left half"
licence = "Apache-2.0"
sha256 = "00"
input = { width = 64, height = 64, colour = "rgb", divide = 1.0, fit = "letterbox" }
head = { type = "end-to-end", threshold = 0.3, confident = 0.5, overlap = 0.5 }
classes = { 0 = "person" }
"""


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A clip of noise, a detector that sees one person in every frame, and its description."""
    folder = tmp_path_factory.mktemp("alone")
    random = np.random.default_rng(1)
    with av.open(str(folder / "clip.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 64, 64, "yuv420p", 2_000_000
        ground = np.kron(random.integers(40, 200, (24, 16)), np.ones((4, 4), int))
        for _ in range(FRAMES):
            picture = (ground + random.integers(-4, 5, ground.shape)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    row = numpy_helper.from_array(np.array([[8, 8, 24, 56, 0.9, 0]], np.float32))
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["rows"], value=row)],
        "constant",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 6])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    (folder / "model.toml").write_text(SPEC, "utf-8")
    return [str(folder / name) for name in ("clip.mp4", "model.onnx", "model.toml")]


def probe(things: list[str], *before: str) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-B", "-c", PROBE, *things]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"}
    )


def test_the_edge_tries_neither_to_write_nor_to_talk(things: list[str]) -> None:
    result = probe(things)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["tried"] == []
    assert found["frames"] > FRAMES / 5
    assert found["seen"] > 0
    assert {"open", "socket.connect"} <= set(found["noticed"]), "the watch sees writing and talking"


def test_the_edge_runs_on_a_read_only_system_without_a_network(things: list[str]) -> None:
    """Held by the kernel, so that it holds for compiled libraries too."""
    unshare = shutil.which("unshare")
    namespaces = [unshare or "", "--user", "--map-root-user", "--mount", "--net"]
    if (
        unshare is None
        or subprocess.run([*namespaces, "mount", "--make-rprivate", "/"], capture_output=True).returncode
    ):
        pytest.skip("this machine does not let its users make namespaces (unshare --user --mount --net)")
    folder = Path(things[0]).parent
    (folder / "leak").unlink(missing_ok=True)
    result = probe(things, *namespaces, "bash", "-c", SEAL, "seal", str(folder / "touched"))
    assert result.returncode != 71, "the file system could be written to"
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["refused"] == ["write", "talk"]
    assert Fraction(found["frames"], FRAMES) > Fraction(1, 5)
    assert found["seen"] > 0
    assert sorted(path.name for path in folder.iterdir()) == ["clip.mp4", "model.onnx", "model.toml"]
