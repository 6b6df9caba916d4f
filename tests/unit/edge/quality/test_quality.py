"""Pictures that are too poor say why; poor ones that still show people are counted on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.quality import Quality, Verdict

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
RATE = 4.0
RANDOM = np.random.default_rng(3)


def street() -> NDArray[np.float32]:
    """A street with houses, float32[480, 640], levels of 8 bits."""
    picture = np.full((480, 640), 110, np.float32)
    picture[300:] = 80
    for left in range(0, 640, 80):
        cv2.rectangle(picture, (left + 10, 40 + left // 10), (left + 62, 260), float(60 + left // 5), -1)
        for row in range(60, 240, 40):
            cv2.rectangle(picture, (left + 18, row), (left + 34, row + 24), 190.0, -1)
    cv2.line(picture, (0, 460), (640, 330), 200.0, 5)
    return picture


STREET = street()
NOISE = RANDOM.normal(0, 1, (7, 480, 640)).astype(np.float32)


def frame(number: int, picture: NDArray[np.float32], *, noise: float = 1.0, chroma: int = 120) -> Frame:
    luma = np.clip(picture + noise * NOISE[number % 7], 0, 255).astype(np.uint8)
    colour = np.full((240, 320), chroma, np.uint8)
    return Frame(luma, colour, colour, BEGIN + timedelta(seconds=number / RATE))


def stream(seconds: float, picture: NDArray[np.float32], since: float = 0.0, **how: float) -> Iterator[Frame]:
    for number in range(round(since * RATE), round((since + seconds) * RATE)):
        yield frame(number, picture, **how)  # type: ignore[arg-type]


def judged(quality: Quality, frames: Iterator[Frame]) -> list[Verdict | None]:
    return [quality.judge(one) for one in frames]


def darker(gain: float) -> NDArray[np.float32]:
    return np.asarray(16 + gain * (STREET - 16), np.float32)


def causes(verdicts: list[Verdict | None]) -> set[Outage | None]:
    return {None if verdict is None else verdict.cause for verdict in verdicts}


def test_a_good_picture_is_good() -> None:
    assert causes(judged(Quality(), stream(30, STREET))) == {None}


@pytest.mark.parametrize(("gain", "noise"), [(0.5, 1.0), (0.2, 1.0), (0.1, 0.6), (1.0, 20.0)])
def test_what_a_detector_can_still_use_is_good(gain: float, noise: float) -> None:
    assert causes(judged(Quality(), stream(20, darker(gain), noise=noise))) == {None}


@pytest.mark.parametrize(("gain", "noise"), [(0.02, 0.5), (0.05, 4.0), (0.0, 1.0)])
def test_night_without_light(gain: float, noise: float) -> None:
    assert causes(judged(Quality(), stream(5, darker(gain), noise=noise))) == {Outage.NO_LIGHT}


def test_between_dark_and_light_the_fault_does_not_flicker() -> None:
    quality = Quality()
    judged(quality, stream(5, darker(0.0)))
    verdicts = [quality.judge(frame(number, STREET if number % 5 == 0 else darker(0.0))) for number in range(20, 60)]
    assert causes(verdicts) == {Outage.NO_LIGHT}
    assert causes(judged(quality, stream(5, STREET, since=15))[10:]) == {None}


def test_a_flash_is_over_when_it_is_over() -> None:
    quality = Quality()
    judged(quality, stream(10, STREET))
    assert causes(judged(quality, stream(0.5, np.full_like(STREET, 235), since=10))) == {Outage.COVERED}
    assert causes(judged(quality, stream(5, STREET, since=10.5))) == {None}


def test_a_bag_over_the_lens() -> None:
    quality = Quality()
    judged(quality, stream(20, STREET))
    covered = np.full_like(STREET, 140)
    assert causes(judged(quality, stream(5, covered, since=20))) == {Outage.COVERED}
    assert causes(judged(quality, stream(5, STREET, since=25))[10:]) == {None}


def test_out_of_focus() -> None:
    blurred = cv2.GaussianBlur(STREET, (0, 0), 9)
    assert causes(judged(Quality(), stream(5, blurred))) == {Outage.BLURRED}
    soft = cv2.GaussianBlur(STREET, (0, 0), 1.5)
    assert causes(judged(Quality(), stream(5, soft))) == {None}


def test_a_frozen_picture_is_an_outage_from_its_first_copy_on() -> None:
    quality = Quality()
    judged(quality, stream(10, STREET))
    still = frame(40, STREET)
    verdicts = [quality.judge(replace(still, instant=still.instant + timedelta(seconds=k / RATE))) for k in range(100)]
    assert causes(verdicts[-15:]) == {Outage.FROZEN}
    assert verdicts[-1] is not None
    assert verdicts[-1].since == still.instant
    assert causes(judged(quality, stream(5, STREET, since=26))) == {None}


@pytest.mark.parametrize("pixels", [10, 25, 50])
def test_a_nudged_camera_is_noticed_and_so_is_its_return(pixels: int) -> None:
    quality = Quality()
    judged(quality, stream(20, STREET))
    nudged = np.roll(STREET, (pixels // 2, pixels), (0, 1))
    verdicts = judged(quality, stream(20, nudged, since=20))
    assert causes(verdicts[-50:]) == {Outage.MOVED}
    assert verdicts[-1] is not None
    assert verdicts[-1].since - BEGIN < timedelta(seconds=22)
    assert causes(judged(quality, stream(20, STREET, since=40))[-50:]) == {None}


@pytest.mark.parametrize(("blur", "noise"), [(1.5, 1.0), (0.1, 10.0)])
def test_a_nudge_of_one_per_cent_shows_in_soft_and_in_noisy_pictures(blur: float, noise: float) -> None:
    quality = Quality()
    soft = np.asarray(cv2.GaussianBlur(STREET, (0, 0), blur), np.float32)
    judged(quality, stream(20, soft, noise=noise))
    verdicts = judged(quality, stream(8, np.roll(soft, 8, 1), since=20, noise=noise))
    assert causes(verdicts[-5:]) == {Outage.MOVED}


def test_a_camera_that_was_turned_is_noticed() -> None:
    quality = Quality()
    judged(quality, stream(20, STREET))
    elsewhere = np.ascontiguousarray(np.rot90(STREET)[::-1])
    elsewhere = np.asarray(cv2.resize(elsewhere, (640, 480)), np.float32)
    assert causes(judged(quality, stream(50, elsewhere, since=20))[-25:]) == {Outage.MOVED}


def test_wind_and_somebody_near_the_lens_move_nothing() -> None:
    quality = Quality()
    judged(quality, stream(20, STREET))
    verdicts = []
    for number in range(80, 240):
        shaken = np.roll(STREET, 10 * (number // 8 % 2), 1)
        shaken[100:, 200:420] = 30
        verdicts.append(quality.judge(frame(number, shaken)))
    assert causes(verdicts) == {None}


def test_infrared_at_dusk_moves_nothing() -> None:
    quality = Quality()
    judged(quality, stream(20, STREET, chroma=118))
    lamps = cv2.GaussianBlur(NOISE[0], (0, 0), 2)
    night = np.asarray(20 + 0.2 * STREET + 60 * lamps, np.float32)
    assert causes(judged(quality, stream(80, night, since=20, chroma=128))[-25:]) <= {None}
