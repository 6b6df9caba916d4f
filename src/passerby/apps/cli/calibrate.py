"""``passerby calibrate``: metres for a camera."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from passerby.apps.calibrate import Learned, learn
from passerby.apps.calibrate.grid import draw_grid, ground_points
from passerby.apps.calibrate.page import ClickPage, Points
from passerby.apps.detectors import measured_detector
from passerby.apps.evaluate.geometry import SURVEY_ERROR_M, read_calibration
from passerby.apps.evaluate.observe import video_facts
from passerby.datatypes.calibration import LARGEST_ERROR_M, Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import SelfCalibration, from_points
from passerby.edge.measurement import FLOW


def command(
    video: Annotated[
        Path,
        typer.Option(help="A recording of the camera, a file; some minutes with people.", exists=True, dir_okay=False),
    ],
    points: Annotated[
        Path | None,
        typer.Option(help="Four or more surveyed points: [[ground]] of city.toml, or lines of x,y,X,Y.", exists=True),
    ] = None,
    click: Annotated[
        bool, typer.Option("--click", help="Click the points on the empty background, in the browser.")
    ] = False,
    focal: Annotated[
        float | None, typer.Option(help="Focal length in px, where the maker's sheet tells it.", min=1)
    ] = None,
    grid: Annotated[
        Path | None, typer.Option(help="Write a PNG: the ground grid drawn over the empty background.")
    ] = None,
    detector: Annotated[str, typer.Option(help="Name in the catalogue (passerby models list).")] = "embedded",
    frame_rate: Annotated[
        float | None, typer.Option(help="Frames a second, where the file does not say it rightly.", min=0.1)
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page of --click; 0 takes a free one.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find where each point of the picture lies on the ground, with its error in metres.

    Without points, by the people who pass: they are about as tall as each other, and walk about as fast as before.
    Check the grid that --grid draws, then paste the lines that are printed into the camera's section of city.toml.

    Example: passerby calibrate --video square.mp4 --grid square.png
    """
    learned = None
    if points is None or grid is not None:
        learned = _watch(video, detector, frame_rate, focal, plate=click or grid is not None)
    found: SelfCalibration | None = None
    if points is not None:
        calibration = read_calibration(points)
    elif click:
        calibration = _clicked(learned, port)
    else:
        assert learned is not None
        found = learned.ground.result()
        calibration = found.calibration
    if grid is not None:
        assert learned is not None
        grid.write_bytes(draw_grid(calibration, learned.picture, learned.plate))
    _tell(calibration, found, learned, grid, as_json)


def _watch(video: Path, name: str, frame_rate: float | None, focal: float | None, *, plate: bool) -> Learned:
    model = measured_detector(name, video_facts(video)[0], FLOW.seconds)
    with Console(stderr=True).status("watching …") as status:
        return learn(
            video,
            model,
            frame_rate=frame_rate,
            plate=plate,
            focal=focal,
            tell=lambda number: status.update(f"watching: frame {number} …"),
        )


def _clicked(learned: Learned | None, port: int) -> Calibration:
    if learned is None or learned.plate is None:
        raise InvalidGeometryError(
            "there is no empty background to click on",
            expected="a recording in which most of the ground is free for a while",
            remedy="Give a longer recording, or a file: passerby calibrate --points.",
        )
    picture, plate = learned.picture, learned.plate

    def draw(points: Points) -> bytes:
        return draw_grid(_surveyed(points), picture, plate)

    with ClickPage(plate, picture, draw, port) as page:
        Console(stderr=True).print(f"Click the points on {page.url}")
        given = page.wait()
    return _surveyed(given)


def _surveyed(points: Points) -> Calibration:
    return from_points(
        [pixel for pixel, _ in points], [metres for _, metres in points], standard_error_m=SURVEY_ERROR_M
    )


def _tell(
    calibration: Calibration, found: SelfCalibration | None, learned: Learned | None, grid: Path | None, as_json: bool
) -> None:
    good = calibration.standard_error_m <= LARGEST_ERROR_M
    carried = [] if learned is None else ground_points(calibration, learned.picture)
    if as_json:
        document: dict[str, object] = {
            "source": calibration.source,
            "standard_error_m": calibration.standard_error_m,
            "homography": calibration.homography.tolist(),
            "usable": good,
        }
        if found is not None:
            document |= {"height_m": found.camera.height, "focal_px": found.camera.focal, "tilt_rad": found.camera.tilt}
            document |= {"roll_rad": found.camera.roll, "focal_range_px": found.focal_range}
        typer.echo(json.dumps(document, indent=2))
        return
    say = Console(stderr=True).print
    if found is not None:
        low, high = found.focal_range
        focal = f"{found.camera.focal:.0f} px ({low:.0f} to {high:.0f})"
        say(f"Camera {found.camera.height:.1f} m high; focal length {focal}.")
    say(f"Places are right within about {calibration.standard_error_m:.2f} m ({calibration.source}).")
    if grid is not None:
        say(f"Look at {grid}: do the lines lie on the ground, and are they a known distance apart?")
    if not good:
        say(f"[red]Measures in metres are refused above {LARGEST_ERROR_M:g} m.[/] More people, --focal or points help.")
    if carried:
        typer.echo("# in the camera's section of city.toml")
        typer.echo(f"ground_error_m = {calibration.standard_error_m:.3f}")
        for pixel, metres in carried:
            typer.echo(f"[[camera.ground]]\npixel = {pixel}\nmetres = {metres}")
    sys.stdout.flush()
