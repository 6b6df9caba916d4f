"""A camera that sags too slowly for one second to differ from the next."""

from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame
from passerby.edge.quality.view import View

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def street(seed: int = 3) -> NDArray[np.float32]:
    blocks = np.random.default_rng(seed).uniform(40, 200, (20, 26)).astype(np.float32)
    return np.asarray(cv2.resize(blocks, (320, 240), interpolation=cv2.INTER_NEAREST), np.float32)


def at(second: float, picture: NDArray[np.float32], down: float = 0.0) -> Frame:
    moved = cv2.warpAffine(picture, np.array([[1, 0, 0], [0, 1, down]], np.float32), (320, 240), borderMode=1)
    noise = np.random.default_rng(int(second)).normal(0, 2, moved.shape)
    luma = np.clip(moved + noise, 0, 255).astype(np.uint8)
    chroma = np.full((120, 160), 128, np.uint8)
    return Frame(luma, chroma, chroma, BEGIN + timedelta(seconds=second))


def test_a_camera_that_sags_over_hours_is_noticed_and_so_is_its_return() -> None:
    view, picture = View(), street()
    hours, sag = 3.0, 0.03 * 320
    noticed = None
    for second in range(0, int(hours * 3600), 12):
        down = sag * second / (hours * 3600)
        since = view.moved_since(at(second, picture, down))
        if since is not None:
            noticed = down
            break
    assert noticed is not None
    assert 0.008 * 320 < noticed < 0.02 * 320
    seconds = [second + 12 * k for k in range(1, 12)]
    assert view.moved_since(at(seconds[0], picture, noticed)) is not None
    assert [view.moved_since(at(s, picture)) for s in seconds[1:]][-1] is None


def test_a_camera_that_stands_is_believed_by_day_and_night() -> None:
    view, day = View(), street()
    night = 255 - 0.5 * day + 40 * (street(9) > 120)
    for minute in range(0, 2 * 24 * 60, 5):
        dark = minute % (24 * 60) >= 12 * 60
        assert view.moved_since(at(60 * minute, np.asarray(night if dark else day, np.float32))) is None
