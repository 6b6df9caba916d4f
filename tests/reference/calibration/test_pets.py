"""Self-calibration on the true boxes of the PETS clip, against its true places."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from passerby.apps.evaluate.figures import rigid
from passerby.edge.groundplane import calibrate

TRUTH = Path(__file__).parents[4] / "shared/footage/pets09-s2l1.truth.txt"
PICTURE = (768, 576)


@pytest.mark.skipif(not TRUTH.is_file(), reason="no truth in ../shared/footage")
def test_places_are_right_within_half_a_metre_and_the_standard_error_admits_it() -> None:
    rows = np.loadtxt(TRUTH, delimiter=",")
    passages: dict[int, list[list[float]]] = defaultdict(list)
    for number, who, x, y, w, h in rows[:, :6].tolist():
        if x > 8 and x + w < 760 and y > 8 and y + h < 568 and 0.2 < w / h < 0.75:
            passages[int(who)].append([number / 7, x, y, x + w, y + h])
    got = calibrate([np.array(passage)[::2] for passage in passages.values() if len(passage) > 28], PICTURE)
    feet = np.stack([rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]], axis=1)
    found = got.camera.ground(feet)
    rotation, shift = rigid(found, rows[:, 7:9])
    error = np.linalg.norm(found @ rotation.T + shift - rows[:, 7:9], axis=1)
    assert np.median(error) < 0.5
    assert got.calibration.standard_error_m <= 0.5
    assert np.median(error) < 2 * got.calibration.standard_error_m
