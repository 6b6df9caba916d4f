"""The ground as the calibration sees it, drawn over the empty background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.edge.groundplane.homography import to_ground

FARTHEST_M = 60.0
LINE, STRONG, PAPER, INK = (255, 255, 255), (60, 200, 255), (250, 250, 250), (40, 30, 25)
STEPS = (1.0, 2.0, 5.0, 10.0)
MOST_LINES, STRONG_EVERY = 40, 5
LEAST_WIDTH, NEAREST_PX = 960, 9.0
OPACITY = 0.75
FRACTION_BITS = 4


def draw_grid(calibration: Calibration, picture: tuple[int, int], plate: bytes | None) -> bytes:
    """PNG of the picture, at least 960 px wide: a line for each metre, or each few metres where the ground is wide,
    every fifth one stronger; on grey where there is no plate. Lines end where they would lie too close together."""
    factor = -(-LEAST_WIDTH // picture[0])
    size = picture[0] * factor, picture[1] * factor
    canvas = np.full((size[1], size[0], 3), 90, np.uint8)
    if plate is not None:
        bare = cv2.imdecode(np.frombuffer(plate, np.uint8), cv2.IMREAD_COLOR)
        canvas = np.asarray(cv2.resize(bare, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    corners = _visible(calibration, picture)
    step = next((s for s in STEPS if np.ptp(corners, axis=0).max() / s <= MOST_LINES), STEPS[-1])
    low, high = np.floor(corners.min(axis=0) / step), np.ceil(corners.max(axis=0) / step)
    drawn = canvas.copy()
    for strong in (False, True):
        for axis in (0, 1):
            for number in np.arange(low[axis], high[axis] + 1):
                if bool(number % STRONG_EVERY == 0) == strong:
                    along = np.linspace(low[1 - axis], high[1 - axis], 400) * step
                    line = np.zeros((len(along), 2))
                    line[:, axis], line[:, 1 - axis] = number * step, along
                    aside = np.zeros(2)
                    aside[axis] = step * (STRONG_EVERY if strong else 1)
                    _draw(drawn, calibration, line, aside, factor, strong=strong)
    canvas = np.asarray(cv2.addWeighted(drawn, OPACITY, canvas, 1 - OPACITY, 0), np.uint8)
    told = (
        f"{step:g} m from line to line, yellow {STRONG_EVERY * step:g} m; within {calibration.standard_error_m:.2f} m"
    )
    (width, height), _ = cv2.getTextSize(told, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
    cv2.rectangle(canvas, (10, size[1] - height - 26), (width + 30, size[1] - 10), PAPER, -1, cv2.LINE_AA)
    cv2.putText(canvas, told, (20, size[1] - 19), cv2.FONT_HERSHEY_SIMPLEX, 0.6, INK, 1, cv2.LINE_AA)
    return bytes(cv2.imencode(".png", canvas)[1].tobytes())


def ground_points(calibration: Calibration, picture: tuple[int, int]) -> list[tuple[list[int], list[float]]]:
    """Nine points that carry the calibration, as px and m, for city.toml."""
    width, height = picture
    rows = [y for y in range(height) if np.isfinite(_near(calibration, np.array([[width / 2, y]]))).all()]
    top = rows[0] if rows else height // 2
    pixels = [
        [round(width * x), round(top + (height - 1 - top) * y)] for y in (0.1, 0.5, 1.0) for x in (0.05, 0.5, 0.95)
    ]
    metres = to_ground(np.array(pixels, np.float64), calibration.homography)
    return [(p, [round(float(v), 3) for v in m]) for p, m in zip(pixels, metres, strict=True) if np.isfinite(m).all()]


def _visible(calibration: Calibration, picture: tuple[int, int]) -> NDArray[np.float64]:
    """float64[N, 2] m: ground in the picture, not too far."""
    x, y = np.meshgrid(np.linspace(0, picture[0], 40), np.linspace(0, picture[1], 40))
    near = _near(calibration, np.stack([x.ravel(), y.ravel()], axis=1))
    return near[np.isfinite(near).all(axis=1)]


def _near(calibration: Calibration, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ground under pixels; NaN above the horizon and farther than 60 m from the nearest of the picture's lower edge."""
    ground = to_ground(pixels, calibration.homography)
    foot = to_ground(np.array([[pixels[:, 0].mean(), pixels[:, 1].max()]]), calibration.homography)
    far = np.linalg.norm(ground - foot, axis=1) > FARTHEST_M
    ground[far] = np.nan
    return ground


def _draw(
    canvas: NDArray[np.uint8],
    calibration: Calibration,
    line: NDArray[np.float64],
    aside: NDArray[np.float64],
    factor: int,
    *,
    strong: bool,
) -> None:
    """A line float64[N, 2] m, where the next one, ``aside`` m from it, is far enough away in the picture."""
    pixels, next_to = _seen(calibration, line), _seen(calibration, line + aside)
    near = np.linalg.norm(pixels - next_to, axis=1) * factor < NEAREST_PX
    size = np.array(canvas.shape[1::-1]) / factor
    with np.errstate(invalid="ignore"):
        shown = (np.abs(pixels - size / 2) < size).all(axis=1) & ~near
    middles = (np.nan_to_num(pixels) + 0.5) * factor - 0.5
    fine = np.round(middles.clip(-1e4, 1e4) * 2**FRACTION_BITS).astype(int)
    colour, thickness = (STRONG, 2) if strong else (LINE, 1)
    for start, end, both in zip(fine[:-1], fine[1:], shown[:-1] & shown[1:], strict=True):
        if both:
            cv2.line(canvas, start, end, colour, thickness, cv2.LINE_AA, FRACTION_BITS)


def _seen(calibration: Calibration, line: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[N, 2] px of places in m; NaN behind the camera."""
    points = np.concatenate([line, np.ones((len(line), 1))], axis=1) @ np.linalg.inv(calibration.homography).T
    pixels = points[:, :2] / points[:, 2:]
    back = np.linalg.norm(to_ground(pixels, calibration.homography) - line, axis=1)
    pixels[~(back < 1e-3)] = np.nan
    return np.asarray(pixels)
