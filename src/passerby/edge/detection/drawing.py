"""Pictures of drawn people, whom a detector finds as it finds people in a street: to try one, nobody is looked at."""

from datetime import UTC, datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame

PEOPLE = 9
_LIGHT, _DARK, _SHADOW = (130, 160, 205), (40, 30, 30), (90, 90, 90)
_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


def drawn(size: tuple[int, int], seed: int) -> Frame:
    """Nine people who stand apart on an uneven ground, a sixth to a third of the picture high. ``size``: width and
    height, px. The same picture every time."""
    width, height = (side // 2 * 2 for side in size)
    random = np.random.default_rng(seed)
    ground = random.integers(110, 190, (9, 16, 3)).astype(np.uint8)
    picture = cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = cv2.add(picture, random.normal(0, 4, picture.shape), dtype=cv2.CV_8U)
    for number, x in enumerate(np.linspace(0.08, 0.92, PEOPLE)):
        tall = height * (0.16 + 0.05 * (number % 5))
        feet = min(height * (0.35 + 0.07 * number) + 0.2 * tall, height - 4.0)
        _person(picture, (x * width, feet), tall, random)
    planes = cv2.cvtColor(cv2.GaussianBlur(picture, (0, 0), width / 900), cv2.COLOR_BGR2YUV_I420)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Frame(planes[:height], chroma[0], chroma[1], _INSTANT)


def _person(picture: NDArray[np.uint8], feet: tuple[float, float], tall: float, random: np.random.Generator) -> None:
    def at(across: float, up: float) -> tuple[int, int]:
        return int(feet[0] + across * tall), int(feet[1] - up * tall)

    def part(share: float) -> int:
        return max(1, int(share * tall))

    coat, trousers = (tuple(map(int, random.integers(10, most, 3))) for most in (110, 60))
    cv2.ellipse(picture, at(0, 0), (part(0.22), part(0.04)), 0, 0, 360, _SHADOW, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.line(picture, at(0.03 * side, 0.48), at(0.09 * side, 0.03), trousers, part(0.085), cv2.LINE_AA)
        cv2.line(picture, at(0.09 * side, 0.78), at(0.16 * side, 0.48), coat, part(0.06), cv2.LINE_AA)
        cv2.circle(picture, at(0.165 * side, 0.45), part(0.025), _LIGHT, -1, cv2.LINE_AA)
    torso = [at(-0.11, 0.82), at(0.11, 0.82), at(0.10, 0.44), at(-0.10, 0.44)]
    cv2.fillPoly(picture, [np.array(torso)], coat, cv2.LINE_AA)
    cv2.circle(picture, at(0, 0.91), part(0.07), _LIGHT, -1, cv2.LINE_AA)
    cv2.ellipse(picture, at(0, 0.94), (part(0.072), part(0.05)), 0, 180, 360, _DARK, -1, cv2.LINE_AA)
