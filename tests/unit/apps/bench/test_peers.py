"""Other people's pipelines are measured where they are, and missed aloud where they are not."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from passerby.apps.assets.entries import Entry, find
from passerby.apps.bench.edge import peers
from passerby.apps.bench.edge.naive import Naive
from passerby.edge.detection import Detector, fitted, read_spec
from passerby.edge.detection.drawing import drawn

ENTRY = Entry("none", "detector", "None", "MIT", "none.onnx", "", {}, "")


def test_without_them_there_is_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "bin/python")
    assert peers.cost_of_peers(ENTRY, tmp_path / "stream.mp4", 1.0, 1) == {}


def test_an_environment_that_lacks_them_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PYTHON", Path(sys.executable))
    with pytest.raises(peers.PeerError, match=r"No module named .*Install them again: tests/reference/peers/edge.sh"):
        peers.cost_of_peers(ENTRY, tmp_path / "stream.mp4", 1.0, 1)


def test_how_to_get_them_is_in_the_repository() -> None:
    script = Path(__file__).parents[4] / peers.INSTALL
    assert script.stat().st_mode & 0o100
    names = {line.partition("==")[0] for line in (script.with_suffix(".txt")).read_text("utf-8").splitlines()}
    assert {"supervision", "trackers", "norfair", "onnxruntime"} <= names


def test_the_baseline_finds_what_production_finds() -> None:
    """It is naive, not wrong: the same people, in px of the picture."""
    entry = find("embedded")
    if not entry.present:
        pytest.skip("the embedded detector is not here: passerby models get embedded")
    frame = drawn((1280, 720), 1)
    planes = np.concatenate([plane.reshape(-1) for plane in (frame.luma, frame.chroma_u, frame.chroma_v)])
    bgr = cv2.cvtColor(planes.reshape(1080, 1280), cv2.COLOR_YUV2BGR_I420)
    spec, model = read_spec(entry.text), entry.path.read_bytes()
    boxes, score, _ = Naive.of(spec, model).detect(bgr)
    found = Detector(*fitted(spec, model, frame.size)).detect(frame)
    assert len(score) == len(found.score) == 9
    mine, theirs = (np.sort(values[:, 0]) for values in (found.xyxy, boxes))
    np.testing.assert_allclose(mine, theirs, atol=6)
