"""The page to click on, the grid, and the points that carry a calibration into city.toml."""

import json
from collections.abc import Iterator
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pytest

from passerby.apps.calibrate.grid import draw_grid, ground_points
from passerby.apps.calibrate.page import ClickPage, Points
from passerby.datatypes.calibration import Calibration
from passerby.edge.groundplane import Pinhole, from_points
from passerby.edge.groundplane.homography import to_ground

PICTURE = (640, 480)
CAMERA = Pinhole(PICTURE, 600.0, 0.35, 0.02, 5.5)
CALIBRATION = Calibration(CAMERA.homography(), 0.2, "people who pass")
PLATE = cv2.imencode(".png", np.full((480, 640, 3), 120, np.uint8))[1].tobytes()
CLICKED = [{"pixel": [x, y], "metres": [x / 100, y / 100]} for x, y in ((10, 10), (600, 10), (600, 400), (10, 400))]


def test_the_points_carry_the_calibration() -> None:
    points = ground_points(CALIBRATION, PICTURE)
    carried = from_points(
        [(float(x), float(y)) for (x, y), _ in points], [(x, y) for _, (x, y) in points], standard_error_m=0.2
    )
    pixels = np.array([[320.0, 240.0], [100.0, 400.0], [600.0, 470.0]])
    np.testing.assert_allclose(
        to_ground(pixels, carried.homography), to_ground(pixels, CALIBRATION.homography), atol=0.02
    )


def test_the_grid_is_drawn_on_the_ground_and_not_in_the_sky() -> None:
    drawn = np.asarray(cv2.imdecode(np.frombuffer(draw_grid(CALIBRATION, PICTURE, PLATE), np.uint8), cv2.IMREAD_COLOR))
    assert drawn.shape == (960, 1280, 3), "small pictures are enlarged"
    touched = (drawn != 120).any(axis=2)
    assert touched[600:850].mean() > 0.02
    horizon = int(240 - 600 * np.tan(0.35))
    assert not touched[: max(1, 2 * horizon - 40)].any()


def grid_of(points: Points) -> bytes:
    found = from_points([pixel for pixel, _ in points], [metres for _, metres in points], standard_error_m=0.1)
    return draw_grid(found, PICTURE, PLATE)


@pytest.fixture
def page() -> Iterator[ClickPage]:
    with ClickPage(PLATE, PICTURE, grid_of) as one:
        yield one


def post(page: ClickPage, body: object, **headers: str) -> int:
    request = Request(page.url + "points", json.dumps(body).encode(), headers, method="POST")
    try:
        with urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def test_clicked_points_come_back(page: ClickPage) -> None:
    with urlopen(page.url, timeout=5) as answer:
        assert b"Points on the ground" in answer.read()
    with urlopen(page.url + "plate.png", timeout=5) as answer:
        assert answer.read() == PLATE
    taken: list[Points] = []
    waiting = Thread(target=lambda: taken.append(page.wait()))
    waiting.start()
    assert post(page, CLICKED) == 204
    waiting.join(timeout=5)
    assert taken == [[((x, y), (x / 100, y / 100)) for x, y in ((10, 10), (600, 10), (600, 400), (10, 400))]]


def test_another_site_cannot_send_points_and_nonsense_is_refused(page: ClickPage) -> None:
    assert post(page, CLICKED, Origin="http://elsewhere.example") == 403
    assert post(page, [{"pixel": "here"}]) == 400
    assert post(page, CLICKED[:3]) == 400
    assert post(page, [CLICKED[0]] * 4) == 400
    with pytest.raises(HTTPError) as refused:
        urlopen(page.url + "frame.png", timeout=5)
    refused.value.close()
    assert refused.value.code == 404
