"""Each head finds the box that was planted in its raw output, and refuses the output of another."""

import numpy as np
import pytest

from passerby.datatypes.kind import Kind
from passerby.edge.detection import Detector
from passerby.edge.detection.heads import HeadError

ANCHORS = 8 * 8 + 4 * 4 + 2 * 2
SIZE = (64, 64)


def test_yolox_reads_centre_and_log_size_on_the_grid(spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    raw = np.zeros((1, ANCHORS, 8), np.float32)
    row, column, stride = 3, 2, 8
    raw[0, row * 8 + column] = [0.5, 0.25, np.log(2), np.log(4), 0.9, 0.8, 0.0, 0.1]
    raw[0, 64 + 5] = [0, 0, 0, 0, 0.9, 0.1, 0.9, 0.6]
    found = Detector(spec_of("yolox"), model_of(raw)).detect(frame_of(90))
    assert found.kind.tolist() == [Kind.PERSON, Kind.CAR]
    x, y = (column + 0.5) * stride, (row + 0.25) * stride
    np.testing.assert_allclose(found.xyxy[0], [x - 8, y - 16, x + 8, y + 16], atol=1e-4)
    np.testing.assert_allclose(found.score, [0.72, 0.54], atol=1e-6)


def test_nanodet_reads_expected_distances(spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    outputs = []
    for stride in (8, 16, 32):
        cells = (64 // stride) ** 2
        scores, bins = np.zeros((1, cells, 80), np.float32), np.zeros((1, cells, 44), np.float32)
        if stride == 16:
            scores[0, 5, 0] = 0.7
            for side, distance in enumerate((1, 1, 0, 1)):
                bins[0, 5, 11 * side + distance] = 60.0
        outputs += [bins, scores]
    found = Detector(spec_of("nanodet"), model_of(*outputs)).detect(frame_of(90))
    np.testing.assert_allclose(found.xyxy, [[8, 8, 24, 40]], atol=1e-3)
    assert found.kind.tolist() == [Kind.PERSON]


def test_end_to_end_keeps_known_classes_above_the_threshold(spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    rows = np.array([[1, 2, 30, 40, 0.9, 0], [1, 2, 30, 40, 0.2, 0], [1, 2, 30, 40, 0.9, 7]], np.float32)
    found = Detector(spec_of("end-to-end"), model_of(rows)).detect(frame_of(90))
    np.testing.assert_allclose(found.xyxy, [[1, 2, 30, 40]])


def test_two_boxes_on_one_body_become_one_and_kinds_stay_apart(spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    raw = np.zeros((1, ANCHORS, 8), np.float32)
    body = [0.0, 0.0, np.log(3), np.log(4)]
    raw[0, 27] = [*body, 1.0, 0.9, 0, 0]
    raw[0, 28] = [-0.8, *body[1:], 1.0, 0.6, 0, 0]
    raw[0, 26] = [1.0, *body[1:], 1.0, 0, 0, 0.8]
    found = Detector(spec_of("yolox"), model_of(raw)).detect(frame_of(90))
    assert sorted(found.kind.tolist()) == [Kind.PERSON, Kind.CAR]
    assert found.score[found.kind == Kind.PERSON].tolist() == pytest.approx([0.9])


def test_boxes_come_back_in_px_of_the_frame_and_inside_it(spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    rows = np.array([[-4, 8, 16, 70, 0.9, 0]], np.float32)
    found = Detector(spec_of("end-to-end"), model_of(rows)).detect(frame_of(90, size=(128, 64)))
    np.testing.assert_allclose(found.xyxy, [[0, 16, 32, 64]])


@pytest.mark.parametrize("head", ["yolox", "nanodet", "end-to-end"])
def test_the_output_of_another_model_is_refused(head, spec_of, model_of, frame_of) -> None:  # type: ignore[no-untyped-def]
    detector = Detector(spec_of(head), model_of(np.zeros((1, 10, 9), np.float32)))
    with pytest.raises(HeadError):
        detector.detect(frame_of(90))
