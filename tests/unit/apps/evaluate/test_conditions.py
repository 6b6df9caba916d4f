"""Each condition does to a video what its name says, and leaves its instants alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.apps.evaluate.conditions import CONDITIONS, under
from passerby.apps.evaluate.errors import EvaluationError
from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture import Gap
from passerby.edge.pipeline import Looked

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
RATE, FRAMES, MIDDLE = 10.0, 100, 50
RANDOM = np.random.default_rng(4)
GROUND = np.kron(RANDOM.integers(40, 200, (12, 16)), np.ones((10, 10), int))


class Recorder:
    """Looks at everything and keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[Frame] = []

    def judge(self, _frame: Frame) -> Gap | None:
        return None

    def look(self, frame: Frame) -> list[Looked]:
        self.shown.append(frame)
        return []

    def finish(self) -> list[Looked]:
        return []


def video() -> Iterator[Frame]:
    chroma = np.full((60, 80), 150, np.uint8)
    for number in range(FRAMES):
        luma = np.clip(GROUND + RANDOM.integers(-3, 4, GROUND.shape), 0, 255).astype(np.uint8)
        luma[40:80, number : number + 15] = 250
        yield Frame(luma, chroma, chroma, BEGIN + timedelta(seconds=number / RATE))


def shown_under(condition: str) -> list[Frame]:
    recorder = Recorder()
    eyes = under(condition, lambda _picture: recorder, middle=MIDDLE, rate=RATE, outages=Counter())((160, 120))
    for frame in video():
        if eyes.judge(frame) is None:
            eyes.look(frame)
    return recorder.shown


def lumas(frames: list[Frame]) -> NDArray[np.float64]:
    return np.array([frame.luma.mean() for frame in frames])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_gives_whole_frames_at_their_instants(condition: str) -> None:
    shown = shown_under(condition)
    given = {frame.instant for frame in video()}
    assert shown
    assert all(frame.instant in given for frame in shown)
    assert {(frame.luma.shape, frame.chroma_u.shape) for frame in shown} == {((120, 160), (60, 80))}


def test_less_light_is_darker_and_flashes_are_white() -> None:
    plain = lumas(shown_under("as it is")).mean()
    assert lumas(shown_under("a tenth of the light")).mean() < 0.4 * plain
    assert 0 < (lumas(shown_under("lens flashes")) > 230).sum() < 10


def test_frames_are_lost_or_slower() -> None:
    assert len(shown_under("few frames a second")) == FRAMES / 2
    assert 0.5 * FRAMES < len(shown_under("dropped frames")) < 0.9 * FRAMES


@pytest.mark.parametrize(
    "condition", ["infrared from mid-clip", "nudged from mid-clip", "covered from mid-clip", "frozen from mid-clip"]
)
def test_what_comes_in_mid_clip_comes_then(condition: str) -> None:
    plain, shown = shown_under("as it is"), shown_under(condition)
    changes = [bool((a.luma.astype(int) - b.luma).std() > 8) for a, b in zip(plain, shown, strict=True)]
    assert not any(changes[:MIDDLE])
    assert sum(changes[MIDDLE:]) > 0.8 * (FRAMES - MIDDLE)


def test_outages_are_counted_by_cause() -> None:
    class Blind(Recorder):
        def judge(self, frame: Frame) -> Gap | None:
            return Gap(Outage.NO_LIGHT, frame.instant, frame.instant)

    outages: Counter[Outage] = Counter()
    eyes = under("no light", lambda _picture: Blind(), middle=MIDDLE, rate=RATE, outages=outages)((160, 120))
    for frame in video():
        assert eyes.judge(frame) is not None
    assert outages == {Outage.NO_LIGHT: FRAMES}


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(EvaluationError, match="sensor noise"):
        under("plague of frogs", lambda _picture: Recorder(), middle=1, rate=RATE, outages=Counter())
