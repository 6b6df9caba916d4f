"""Who leaves a passage for the calibration: people who are upright, whole, and there for a while."""

from datetime import UTC, datetime, timedelta

import numpy as np

from passerby.datatypes.kind import Kind
from passerby.datatypes.tracks import Tracks
from passerby.edge.groundplane import Passages
from passerby.edge.groundplane.passages import Passage

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
UPRIGHT = [100.0, 100.0, 130.0, 190.0]


def passed(passages: Passages, who: int, box: list[float], *, seconds: float = 4.0, kind: Kind = Kind.PERSON) -> None:
    for number in range(round(10 * seconds)):
        instant = BEGIN + timedelta(seconds=10 * who + number / 10)
        one = np.array([box], np.float32)
        passages.add(Tracks(np.array([who], np.int64), one, np.array([kind], np.uint8), instant))


def test_at_most_five_boxes_a_second_are_kept() -> None:
    taken: list[Passage] = []
    passages = Passages((640, 480), taken.append)
    passed(passages, 1, UPRIGHT)
    passages.finish()
    (passage,) = taken
    assert passage.shape == (20, 5)
    np.testing.assert_allclose(passage[:, 1:], [UPRIGHT] * 20)


def test_who_left_is_handed_over_once_and_forgotten() -> None:
    taken: list[Passage] = []
    passages = Passages((640, 480), taken.append)
    passed(passages, 1, UPRIGHT)
    assert taken == []
    passed(passages, 2, UPRIGHT)
    assert len(taken) == 1
    passages.finish()
    passages.finish()
    assert len(taken) == 2


def test_who_is_cut_off_sits_drives_or_is_seen_too_shortly_leaves_nothing() -> None:
    taken: list[Passage] = []
    passages = Passages((640, 480), taken.append)
    passed(passages, 1, [0.0, 100.0, 30.0, 190.0])
    passed(passages, 2, [100.0, 400.0, 130.0, 480.0])
    passed(passages, 3, [100.0, 100.0, 190.0, 190.0])
    passed(passages, 4, UPRIGHT, kind=Kind.BICYCLE)
    passed(passages, 5, UPRIGHT, seconds=1.0)
    passages.finish()
    assert taken == []
