"""The ground as the calibration sees it, drawn over the empty background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.calibration import Calibration
from passerby.edge.groundplane.homography import to_ground

FARTHEST_M = 60.0
LINE, STRONG, TEXT = (255, 255, 255), (80, 220, 255), (20, 20, 20)
STEPS = (1.0, 2.0, 5.0, 10.0)
MOST_LINES = 40


def draw_grid(calibration: Calibration, picture: tuple[int, int], plate: bytes | None) -> bytes:
    """PNG at the size of the picture: a line for each metre, or each few metres where the ground is wide, every fifth
    one stronger; on grey where there is no plate."""
    width, height = picture
    canvas = np.full((height, width, 3), 90, np.uint8)
    if plate is not None:
        canvas = cv2.resize(cv2.imdecode(np.frombuffer(plate, np.uint8), cv2.IMREAD_COLOR), picture)
    corners = _visible(calibration, picture)
    step = next((s for s in STEPS if np.ptp(corners, axis=0).max() / s <= MOST_LINES), STEPS[-1])
    low, high = np.floor(corners.min(axis=0) / step), np.ceil(corners.max(axis=0) / step)
    for axis in (0, 1):
        for number in np.arange(low[axis], high[axis] + 1):
            along = np.linspace(low[1 - axis], high[1 - axis], 400) * step
            line = np.zeros((len(along), 2))
            line[:, axis], line[:, 1 - axis] = number * step, along
            strong = number % 5 == 0
            _polyline(canvas, calibration, line, STRONG if strong else LINE, 2 if strong else 1)
    label = f"{step:g} m a line, +-{calibration.standard_error_m:.2f} m, {calibration.source}"
    cv2.rectangle(canvas, (0, height - 22), (9 * len(label) + 12, height), (235, 235, 235), -1)
    cv2.putText(canvas, label, (6, height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, TEXT, 1, cv2.LINE_AA)
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


def _polyline(
    canvas: NDArray[np.uint8],
    calibration: Calibration,
    line: NDArray[np.float64],
    colour: tuple[int, int, int],
    thickness: int,
) -> None:
    back = np.linalg.inv(calibration.homography)
    points = np.concatenate([line, np.ones((len(line), 1))], axis=1) @ back.T
    pixels = points[:, :2] / points[:, 2:]
    size = np.array(canvas.shape[1::-1])
    ground = to_ground(pixels, calibration.homography)
    seen = (np.abs(pixels - size / 2) < size).all(axis=1) & (np.linalg.norm(ground - line, axis=1) < 1e-3)
    for start, end, both in zip(pixels[:-1], pixels[1:], seen[:-1] & seen[1:], strict=True):
        if both:
            cv2.line(canvas, start.round().astype(int), end.round().astype(int), colour, thickness, cv2.LINE_AA)
