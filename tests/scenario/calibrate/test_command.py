"""``passerby calibrate`` from a recording to lines for city.toml: by people, by points in a file, by clicks."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests import bright_detector

from passerby.edge.groundplane import Pinhole

ROOT = Path(__file__).parents[3]
CHROMIUM = Path(os.environ.get("PASSERBY_CHROMIUM", "/usr/bin/chromium"))
PASSERBY = [sys.executable, "-c", "from passerby.apps.cli.main import app; app()"]
PICTURE, RATE, PEOPLE, SIDE = (320, 240), 5, 12, 160
WALK_SECONDS, PAUSE_SECONDS = 6.0, 2.0
CAMERA = Pinhole(PICTURE, 300.0, 0.45, 0.0, 5.0)
POINTS = [(60.0, 200.0), (280.0, 210.0), (250.0, 90.0), (80.0, 100.0)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip in which one bright figure after another walks over a square, a detector for it, and surveyed points.

    The square is so rich in contrast that nothing is brightened on its way to the detector.
    """
    path = tmp_path_factory.mktemp("square")
    random = np.random.default_rng(7)
    ground = np.kron(random.choice([3, 45, 95, 149], (24, 32)), np.ones((10, 10), int))
    with av.open(str(path / "square.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *PICTURE, "yuv420p", 4_000_000
        for _ in range(PEOPLE):
            start, end = random.uniform([-2.5, 7.5], [2.5, 13.0], (2, 2))
            way = (end - start) / np.linalg.norm(end - start) * random.normal(1.1, 0.15)
            start, tall = (start + end) / 2 - 3 * way, random.normal(1.72, 0.08)
            for step in range(round(RATE * (WALK_SECONDS + PAUSE_SECONDS))):
                picture = np.full((PICTURE[1] * 3 // 2, PICTURE[0]), 128, np.uint8)
                picture[: PICTURE[1]] = np.clip(ground + random.integers(-3, 4, ground.shape), 0, 152)
                if step < RATE * WALK_SECONDS:
                    place = start + way * step / RATE
                    foot, head = CAMERA.project(np.array([[*place, 0.0], [*place, tall]]))
                    half = 0.2 * (foot[1] - head[1])
                    corners = np.clip([head[1], foot[1], foot[0] - half, foot[0] + half], 0, 320).round().astype(int)
                    picture[corners[0] : min(corners[1], PICTURE[1]), corners[2] : corners[3]] = 235
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    model = bright_detector.model(SIDE, level=220.0)
    (path / "bright.onnx").write_bytes(model)
    text = bright_detector.spec(SIDE).replace('sha256 = "00"', f'sha256 = "{hashlib.sha256(model).hexdigest()}"')
    head = 'kind = "detector"\ntitle = "what is bright"\nfile = "bright.onnx"\n'
    (path / "bright.toml").write_text(head + text, "utf-8")
    metres = CAMERA.ground(np.array(POINTS))
    rows = [f"{x},{y},{X:.3f},{Y:.3f}" for (x, y), (X, Y) in zip(POINTS, metres.tolist(), strict=True)]
    (path / "points.txt").write_text("\n".join(rows), "utf-8")
    return path


def command(folder: Path, *more: str) -> list[str]:
    video, detector = str(folder / "square.mp4"), str(folder / "bright.toml")
    return [*PASSERBY, "calibrate", "--video", video, "--detector", detector, *more]


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(folder, *more), capture_output=True, text=True, check=False)


def places_err(printed: str) -> float:
    """Largest error in m of the nearer points that are printed for city.toml, once they are laid on the truth."""
    ground = [point for point in tomllib.loads(printed)["camera"]["ground"] if point["pixel"][1] >= POINTS[2][1]]
    pixels, metres = (np.array([point[key] for point in ground], np.float64) for key in ("pixel", "metres"))
    true = CAMERA.ground(pixels)
    a, b = metres - metres.mean(axis=0), true - true.mean(axis=0)
    u, _, v = np.linalg.svd(a.T @ b)
    return float(np.linalg.norm(a @ u @ v - b, axis=1).max())


def as_city(printed: str) -> str:
    return "[camera]\n" + printed


def test_by_the_people_who_pass(folder: Path) -> None:
    done = run(folder, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["source"] == "people who pass"
    assert found["usable"] == (found["standard_error_m"] <= 0.5)
    assert 3.5 < found["height_m"] < 7.0


def test_by_points_from_a_file_with_the_grid_over_the_empty_background(folder: Path) -> None:
    done = run(folder, "--points", str(folder / "points.txt"), "--grid", str(folder / "grid.png"))
    assert done.returncode == 0, done.stderr
    assert places_err(as_city(done.stdout)) < 0.05
    grid = cv2.imread(str(folder / "grid.png"))
    assert grid is not None
    assert grid.shape == (720, 960, 3)


def test_points_on_one_line_are_an_error_that_says_so(folder: Path) -> None:
    (folder / "line.txt").write_text("\n".join(f"{x},{x},{x},{x}" for x in (10, 20, 30, 40)), "utf-8")
    done = run(folder, "--points", str(folder / "line.txt"))
    assert done.returncode != 0
    assert "on one line" in done.stderr
    assert "Traceback" not in done.stderr


def test_by_clicks_in_a_browser(folder: Path) -> None:
    node = shutil.which("node")
    if node is None or not CHROMIUM.exists() or not (ROOT / "site/node_modules/playwright-core").is_dir():
        pytest.skip(f"no browser: needs node, {CHROMIUM} and npm ci in site")
    metres = CAMERA.ground(np.array(POINTS)).round(3).tolist()
    clicks = [[x / PICTURE[0], y / PICTURE[1], X, Y] for (x, y), (X, Y) in zip(POINTS, metres, strict=True)]
    pictures = os.environ.get("PASSERBY_PICTURES", "")
    with subprocess.Popen(
        command(folder, "--click"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        url = next(line.split()[-1] for line in process.stderr if "Click the points on" in line)
        script = [node, str(Path(__file__).with_name("click.mjs")), url, pictures, json.dumps(clicks)]
        clicked = subprocess.run(script, capture_output=True, text=True, check=False, timeout=120)
        assert clicked.returncode == 0, clicked.stderr
        printed, _ = process.communicate(timeout=30)
    assert json.loads(clicked.stdout) == {"errors": [], "outside": [], "wide": False}
    assert process.returncode == 0
    assert places_err(as_city(printed)) < 0.2
