"""A cadence decides what is decoded and what is looked at; the instants stay those of the stream."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.errors import InvalidValueError
from passerby.edge.capture.decoder import decode
from passerby.edge.capture.selection import Selection

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
RATE, SIZE = 25, (64, 48)
KEYS = Cadence(1.0, key_seconds=2.0)
PAIRS = Cadence(1.0, key_seconds=2.0, again=0.25)


def video(path: Path, frames: int, *, gop: int, b_frames: int = 0) -> Path:
    """A clip whose brightness says which frame it is."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.options = {"x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={b_frames}:threads=1"}
        for number in range(frames):
            planes = np.full((SIZE[1] * 3 // 2, SIZE[0]), 20 + number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
    return path


def looks(path: Path, cadence: Cadence | None, frame_rate: float | None = None) -> list[tuple[float, int]]:
    """Seconds and number of each frame that is looked at."""
    frames = decode(str(path), BEGIN, frame_rate=frame_rate, cadence=cadence)
    return [(round((f.instant - BEGIN).total_seconds(), 4), round(float(f.luma.mean())) - 20) for f in frames]


@pytest.mark.parametrize(("rate", "step"), [(25, 5), (30, 6), (15, 3), (12, 2), (10, 2), (7, 1), (5, 1), (2, 1)])
def test_looks_are_even_and_as_near_to_the_cadence_as_frames_allow(rate: int, step: int) -> None:
    selection = Selection(Cadence(0.2))
    taken = [k for k in range(60) if selection.looks(k / rate)]
    assert taken == list(range(0, 60, step))


def test_without_a_cadence_every_frame_is_looked_at(tmp_path: Path) -> None:
    path = video(tmp_path / "all.mp4", 30, gop=10)
    assert looks(path, None) == [(k / RATE, k) for k in range(30)]
    assert looks(path, None, frame_rate=5) == [(k / 5, k) for k in range(30)]


def test_flow_looks_five_times_a_second(tmp_path: Path) -> None:
    assert looks(video(tmp_path / "flow.mp4", 50, gop=50), Cadence(0.2)) == [(k / RATE, k) for k in range(0, 50, 5)]


@pytest.mark.parametrize("b_frames", [0, 3])
def test_key_frames_alone_keep_their_instants(tmp_path: Path, b_frames: int) -> None:
    path = video(tmp_path / "keys.mp4", 200, gop=50, b_frames=b_frames)
    found = looks(path, KEYS)
    assert [look for look in found if look[0] >= 2] == [(k / RATE, k) for k in (50, 100, 150)]
    assert [number for seconds, number in found if seconds < 2] == [0, 25]


@pytest.mark.parametrize("b_frames", [0, 3])
def test_a_second_look_follows_each_key_frame(tmp_path: Path, b_frames: int) -> None:
    found = looks(video(tmp_path / "pairs.mp4", 200, gop=50, b_frames=b_frames), PAIRS)
    later = [number for seconds, number in found if seconds >= 2]
    assert later[::2] == [50, 100, 150]
    apart = [second - first for first, second in zip(later[::2], later[1::2], strict=True)]
    assert all(12 <= frames <= 12 + b_frames for frames in apart)


def test_a_second_look_follows_each_key_frame_where_they_are_a_second_apart() -> None:
    selection = Selection(PAIRS)
    decoded = [k for k in range(100) if selection.decodes(k / RATE, is_key=k % 25 == 0)]
    assert decoded == [*range(25), *(k + more for k in (25, 50, 75) for more in range(8))]


@pytest.mark.parametrize("b_frames", [0, 3])
def test_both_looks_are_taken_where_key_frames_are_a_second_apart(tmp_path: Path, b_frames: int) -> None:
    found = [number for _, number in looks(video(tmp_path / "near.mp4", 150, gop=25, b_frames=b_frames), PAIRS)]
    assert found[0] == 0
    assert found[1::2] == [25, 50, 75, 100, 125]
    assert all(6 <= second - key <= 7 + b_frames for key, second in zip(found[1::2], found[2::2], strict=False))


@pytest.mark.parametrize("gop", [12, 5])
def test_key_frames_are_enough_where_they_come_twice_a_second(tmp_path: Path, gop: int) -> None:
    found = [number for _, number in looks(video(tmp_path / "near.mp4", 120, gop=gop), PAIRS)]
    assert all(number % gop == 0 for number in found)
    later = [number for number in found if number >= RATE]
    assert all(10 <= after - before <= 15 for before, after in pairwise(later))


def test_nothing_is_decoded_after_the_second_look() -> None:
    selection = Selection(PAIRS)
    decoded = [k for k in range(200) if selection.decodes(k / RATE, is_key=k % 50 == 0)]
    assert decoded == [*range(50), *(k + more for k in (50, 100, 150) for more in range(14))]
    assert PAIRS.longest == pytest.approx(1.5)


def test_far_apart_key_frames_are_not_enough(tmp_path: Path) -> None:
    path = video(tmp_path / "far.mp4", 200, gop=100)
    assert [number for _, number in looks(path, KEYS)] == list(range(0, 200, 25))


def test_whole_decoding_comes_back_with_the_first_late_key_frame() -> None:
    selection = Selection(KEYS)
    keys = {0, 2, 4, 10, 16, 18, 20}
    decoded = [k for k in range(24) if selection.decodes(float(k), is_key=k in keys)]
    assert decoded == [0, 1, 2, 4, 10, *range(11, 16), 16, 17, 18, 20]
    assert selection.ends


def test_a_stamp_that_goes_back_begins_anew() -> None:
    selection = Selection(Cadence(0.2))
    assert selection.looks(1000.0)
    assert not selection.looks(1000.04)
    assert selection.looks(0.0)


@pytest.mark.parametrize("values", [(0.0,), (-1.0,), (1.0, -2.0), (float("nan"),), (1.0, 2.0, -0.5), (1.0, 2.0, 1.5)])
def test_cadences_that_mean_nothing_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(InvalidValueError, match="cadence"):
        Cadence(*values)
