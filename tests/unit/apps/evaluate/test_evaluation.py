"""An evaluation against itself is perfect, and each kind of error shows in the figure that is named after it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from passerby.apps.evaluate import Evaluation, evaluate
from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.geometry import areas_of, lines_of, read_calibration
from passerby.apps.evaluate.limits import with_true_boxes, with_true_identities
from passerby.apps.evaluate.matching import TrackingScores, pair
from passerby.apps.evaluate.report import report
from passerby.apps.evaluate.scene import Seen
from passerby.apps.evaluate.truth import read_truth
from passerby.datatypes.detections import Detections
from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.datatypes.tracks import Tracks
from passerby.edge.capture import Gap
from passerby.edge.detection import Detector
from passerby.edge.groundplane import from_points, positions
from passerby.edge.pipeline import Looked

SIZE, FRAMES, RATE = (160, 120), 80, 10
PER_METRE = 10.0
GROUND = from_points(
    [(0, 0), (160, 0), (160, 120), (0, 120)], [(0, 0), (16, 0), (16, 12), (0, 12)], standard_error_m=0.1
)
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


def boxes_at(index: int) -> np.ndarray:
    """Three people: two walk side by side to the right, one far away to the left."""
    x = 10 + 1.5 * index
    return np.array([[x, 40, x + 6, 56], [x, 50, x + 6, 66], [150 - x, 94, 156 - x, 110]], np.float32)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "noise.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        random = np.random.default_rng(1)
        ground = np.kron(random.integers(40, 200, (45, 40)), np.ones((4, 4), int))
        for _ in range(FRAMES):
            picture = (ground + random.integers(-4, 5, ground.shape)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truth") / "truth.txt"
    rows = []
    for index in range(FRAMES):
        for who, (x1, y1, x2, y2) in enumerate(boxes_at(index).tolist()):
            ground = f"{(x1 + x2) / 2 / PER_METRE:.4f},{y2 / PER_METRE:.4f},0"
            rows.append(f"{index + 1},{who + 7},{x1},{y1},{x2 - x1},{y2 - y1},1,{ground}")
    path.write_text("\n".join(rows) + "\n", "ascii")
    return path


class Oracle:
    """Sees the truth, or the truth with one thing wrong."""

    def __init__(self, flaw: str = "") -> None:
        self.flaw = flaw

    def look(self, frame: Frame) -> list[Looked]:
        index = round((frame.instant - BEGIN).total_seconds() * RATE)
        boxes, ids = boxes_at(index), np.array([5, 6, 9], np.int64)
        if self.flaw == "blind to one":
            boxes, ids = boxes[1:], ids[1:]
        if self.flaw == "a ghost":
            boxes, ids = np.concatenate([boxes, [[70, 5, 76, 20]]]).astype(np.float32), np.append(ids, 77)
        if self.flaw == "forgets" and index >= FRAMES // 2:
            ids = ids + 100
        tracks = Tracks(ids, boxes, np.zeros(len(ids), np.uint8), frame.instant)
        ground = positions(tracks.foot, GROUND)
        if self.flaw == "long metres":
            ground = replace(ground, xy=ground.xy * 1.25)
        return [(tracks, None if self.flaw == "no ground" else ground)]

    def judge(self, frame: Frame) -> Gap | None:
        seconds = (frame.instant - BEGIN).total_seconds()
        poor = self.flaw == "a covered lens" and 2 <= seconds < 4
        return Gap(Outage.COVERED, BEGIN + timedelta(seconds=2), frame.instant) if poor else None

    def finish(self) -> list[Looked]:
        return []


def evaluation(video: Path, truth: Path, flaw: str = "") -> Evaluation:
    return evaluate(video, truth, lambda _: Oracle(flaw), calibration=GROUND, replicates=10)


def values(video: Path, truth: Path, flaw: str = "") -> dict[str, float]:
    return {name: figure.value for name, figure in evaluation(video, truth, flaw).figures.items() if figure}


def test_the_truth_has_no_error(video: Path, truth: Path) -> None:
    found = values(video, truth)
    for name in ("precision", "recall", "mota", "idf1", "hota"):
        assert found[name] is not None
        assert found[name] == pytest.approx(1, abs=1e-6), name
    for name in ("count_mae", "count_bias", "crossings_error", "distancing_error_points", "speed_error"):
        assert found[name] == pytest.approx(0, abs=1e-6), name
    assert found["position_error_m"] == pytest.approx(0, abs=1e-3)
    assert found["density_error"] == pytest.approx(0, abs=1e-3)


def test_a_missed_person(video: Path, truth: Path) -> None:
    found = values(video, truth, "blind to one")
    assert found["count_mae"] == 1
    assert found["count_bias"] == -1
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["precision"] == 1
    assert found["crossings_error"] == pytest.approx(1 / 3, abs=0.01)
    assert found["distancing_error_points"] > 30


def test_a_person_who_is_not_there(video: Path, truth: Path) -> None:
    found = values(video, truth, "a ghost")
    assert found["count_bias"] == 1
    assert found["precision"] == pytest.approx(3 / 4)
    assert found["recall"] == 1
    assert found["crossings_error"] == 0


def test_identities_that_break(video: Path, truth: Path) -> None:
    found = values(video, truth, "forgets")
    assert found["count_mae"] == 0
    assert found["idf1"] == pytest.approx(0.5)
    assert found["mota"] == pytest.approx(1 - 3 / (3 * FRAMES))


def test_what_cannot_be_seen_is_not_scored_as_nobody(video: Path, truth: Path) -> None:
    found = evaluation(video, truth, "a covered lens")
    assert found.observed == pytest.approx(0.75)
    assert found.figures["count_mae"] is not None
    assert found.figures["count_mae"].value == 0


def test_metres_that_are_too_long(video: Path, truth: Path) -> None:
    found = values(video, truth, "long metres")
    assert found["speed_error"] == pytest.approx(0.25, abs=0.01)
    assert found["position_error_m"] > 0.2


def test_an_interval_holds_its_value(video: Path, truth: Path) -> None:
    for name, figure in evaluation(video, truth, "forgets").figures.items():
        assert figure is not None
        assert figure.low <= figure.value <= figure.high, name
    assert evaluation(video, truth).frames == (1, FRAMES)


def test_without_ground_nothing_is_said_about_metres(video: Path, tmp_path: Path, truth: Path) -> None:
    flat = tmp_path / "flat.txt"
    flat.write_text("\n".join(",".join(line.split(",")[:7]) for line in truth.read_text("ascii").split()), "ascii")
    found = evaluate(video, flat, lambda _: Oracle("no ground"), replicates=2).figures
    metric = ("position_error_m", "distancing_error_points", "speed_error", "density_error")
    assert [found[name] for name in metric] == [None] * 4
    assert found["count_mae"] is not None


def test_boxes_that_do_not_count_are_neither_missed_nor_wrong(video: Path, tmp_path: Path, truth: Path) -> None:
    lines = truth.read_text("ascii").split()
    marked = [",".join([*line.split(",")[:6], "0" if line.split(",")[1] == "9" else "1", "1", "1"]) for line in lines]
    path = tmp_path / "ignored.txt"
    path.write_text("\n".join(marked), "ascii")
    found = values(video, path)
    assert found["count_mae"] == 0
    assert found["precision"] == 1


def test_a_truth_that_is_no_truth_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("1,1,10,10,5,5,1\n2,1,10,10,-5,5,1\n", "ascii")
    with pytest.raises(EvaluationError, match="line 2"):
        read_truth(path)


def test_a_video_that_ends_early_is_refused(video: Path, truth: Path) -> None:
    with pytest.raises(EvaluationError, match="shorter"):
        evaluate(video, truth, lambda _: Oracle(), frames=(1, FRAMES + 5))


def test_shapes_and_surveyed_points(tmp_path: Path) -> None:
    assert [line.start for line in lines_of([], (300, 90))] == [(100, 0), (200, 0), (0, 30), (0, 60)]
    assert lines_of(["1,2 3,40"], (10, 10))[0].end == (3, 40)
    assert len(areas_of(["0,0 9,0 9,9"])[0].polygon) == 3
    with pytest.raises(EvaluationError, match="line is not readable"):
        lines_of(["1,2"], (10, 10))
    (tmp_path / "points.txt").write_text("# x,y,X,Y\n0,0,0,0\n10,0,1,0\n10,10,1,1\n0,10,0,1\n", "utf-8")
    scale = read_calibration(tmp_path / "points.txt").homography
    assert scale[0, 0] / scale[2, 2] == pytest.approx(0.1)
    (tmp_path / "points.toml").write_text("[[ground]]\npixel = [0, 0]\n", "utf-8")
    with pytest.raises(EvaluationError, match="not readable"):
        read_calibration(tmp_path / "points.toml")


def test_the_breakdown_says_where_and_when(video: Path, truth: Path) -> None:
    parts = evaluation(video, truth, "blind to one").breakdown
    assert parts.error.tolist() == [-1.0] * FRAMES
    assert (parts.there.sum(), parts.missed.sum(), parts.wrong.sum()) == (3 * FRAMES, FRAMES, 0)
    assert parts.by_crowd == ((3, FRAMES, 1.0),)
    assert evaluation(video, truth, "a ghost").breakdown.wrong.sum() == FRAMES


def test_the_report_is_one_page_without_a_picture(video: Path, truth: Path) -> None:
    found = {"passerby": evaluation(video, truth, "blind to one"), "naive": evaluation(video, truth, "a ghost")}
    page = report(found, {"count_mae": "people & more"}, "<detector>", "noise.mp4")
    document = ElementTree.fromstring(re.sub("<!doctype html>|<meta [^>]*>", "", page))
    assert len(list(document.iter("svg"))) == 4
    assert not re.search(r"<img|<image|data:|http", page)
    assert "&lt;detector&gt;" in page
    assert "people &amp; more" in page


def test_the_truth_in_the_place_of_a_stage(video: Path, truth: Path) -> None:
    """With true boxes production makes hardly a mistake; with true identities nobody is confused."""
    boxes = read_truth(truth)
    blind = cast(Detector, SimpleNamespace(spec=SimpleNamespace(confident=0.4), detect=nobody))
    seen = evaluate(video, truth, with_true_boxes(boxes, blind, GROUND, RATE), calibration=GROUND, replicates=2).figures
    assert seen["mota"] is not None
    assert seen["mota"].value > 0.95
    assert seen["idf1"] is not None
    assert seen["idf1"].value > 0.95
    unseen = evaluate(video, truth, with_true_identities(boxes, blind, GROUND, RATE), calibration=GROUND, replicates=2)
    assert unseen.figures["recall"] is not None
    assert unseen.figures["recall"].value == 0


def nobody(frame: Frame) -> Detections:
    return Detections.none(frame.instant)


def test_what_frames_add_up_to_is_what_trackeval_says() -> None:
    """Ten people and tracks that err in every way."""
    random = np.random.default_rng(4)
    pairings = []
    for k in range(120):
        corner = np.stack([np.arange(10) * 40.0 + k, np.full(10, 50.0)], axis=1)
        true = Seen(
            np.arange(10) + 3,
            np.concatenate([corner, corner + np.array([16.0, 40.0])], axis=1),
            np.zeros((10, 2)),
            k / 10,
        )
        kept = random.random(10) > 0.2
        boxes = true.xyxy[kept] + random.normal(0, 3, (int(kept.sum()), 4))
        ids = true.id[kept] * 10 + (k > 60) * (true.id[kept] % 3 == 0) + (k // 40) * (true.id[kept] == 5)
        ghost = np.array([[600.0, 50.0, 616.0, 90.0]])
        counted = Seen(np.append(ids, 999), np.concatenate([boxes, ghost]), np.zeros((len(ids) + 1, 2)), k / 10)
        pairings.append(pair(true, counted))
    scores = TrackingScores(pairings)
    whole, added = scores.whole(), scores.drawn(np.arange(120))
    for name, value in whole.items():
        assert added[name] == pytest.approx(value, abs=2e-3), name
    assert 0.3 < (whole["hota"] or 0) < 0.8
