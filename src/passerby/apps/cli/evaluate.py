"""``passerby evaluate``: how wrong the counts are, against boxes that people drew."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from passerby.apps.calibrate import learn
from passerby.apps.detectors import detector_for, measured_detector, plain_detector, present
from passerby.apps.evaluate import Evaluation, evaluate, production
from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.evaluation import ground_of
from passerby.apps.evaluate.geometry import read_calibration
from passerby.apps.evaluate.limits import with_true_boxes, with_true_identities
from passerby.apps.evaluate.naive import naive
from passerby.apps.evaluate.observe import video_facts
from passerby.apps.evaluate.report import report
from passerby.apps.evaluate.truth import read_truth
from passerby.datatypes.cadence import Cadence
from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.detection import REFERENCE, Detector
from passerby.edge.measurement import FLOW, OCCUPANCY
from passerby.edge.measurement.formulas import level_of_service

CADENCES = {"flow": FLOW, "occupancy": OCCUPANCY}

WHAT = {
    "count_mae": "people too many or too few in a frame",
    "count_bias": "people counted less people there",
    "precision": "share of those counted who are there",
    "recall": "share of those there who are counted",
    "mota": "CLEAR MOT accuracy",
    "idf1": "identity F1",
    "hota": "higher-order tracking accuracy",
    "crossings_error": "crossings too many or too few",
    "position_error_m": "error of a place on the ground",
    "distancing_error_points": "error of the share within 2 m",
    "speed_error": "relative error of speeds",
    "density_error": "relative error of people per m²",
}


def command(
    video: Annotated[Path, typer.Option(help="The video, a file.", exists=True, dir_okay=False)],
    truth: Annotated[
        Path,
        typer.Option(help="Its truth in MOT format: frame,id,left,top,width,height,…", exists=True, dir_okay=False),
    ],
    calibration: Annotated[
        str | None,
        typer.Option(
            help="A file of surveyed points: [[ground]] of city.toml, or lines of x,y,X,Y. Or auto: by the people who "
            "pass before the frames that are scored."
        ),
    ] = None,
    lines: Annotated[
        list[str] | None, typer.Option(help='A line, "x,y x,y" in px; repeat it. Without any: thirds of the picture.')
    ] = None,
    areas: Annotated[
        list[str] | None,
        typer.Option(help='An area, "x,y x,y x,y …" in px; repeat it. Without any: where the truth has feet.'),
    ] = None,
    detector: Annotated[str, typer.Option(help="Name in the catalogue (passerby models list).")] = "embedded",
    frames: Annotated[str | None, typer.Option(help="Score frames A:B only, 1-based and inclusive.")] = None,
    frame_rate: Annotated[
        float | None, typer.Option(help="Frames a second, where the file does not say it rightly.", min=0.1)
    ] = None,
    cadence: Annotated[
        str | None,
        typer.Option(
            help="Look as seldom as production does: flow (2.5 a second) or occupancy (1 a second, or key frames)."
        ),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--naive", help="Show the naive pipeline beside it, as a baseline.")
    ] = False,
    reference: Annotated[
        bool,
        typer.Option("--reference", help="Show the reference runtime beside the one that was chosen for this machine."),
    ] = False,
    limits: Annotated[
        bool, typer.Option("--limits", help="Show what limits each figure: the truth in the place of one stage.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--report", help="Write an HTML page: errors over time, picture, distance, crowding.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the error of the counts on a video whose truth is known.

    The same stages run as in production. Each figure comes with its 95 % interval (block bootstrap).

    Example: passerby evaluate --video square.mp4 --truth square.txt --frames 401:795
    """
    entry, picture = present(detector), video_facts(video)[0]
    looks = None if cadence is None else _cadence(cadence)
    seconds = (looks or FLOW).seconds
    model = measured_detector(detector, picture, seconds)
    ground = _ground(calibration, video, model, frame_rate, _range(frames))
    pipelines = {"passerby": (production(model, ground), ground)}
    if reference:
        exact = detector_for(entry, picture, seconds, REFERENCE)
        pipelines[str(REFERENCE)] = (production(exact, ground), ground)
    if baseline:
        pipelines["naive"] = naive(plain_detector(entry, picture), ground), ground
    if limits:
        known, rate = read_truth(truth), frame_rate or video_facts(video)[1]
        pipelines["true boxes"] = with_true_boxes(known, model, ground, rate), ground
        pipelines["true identities"] = with_true_identities(known, model, ground, rate), ground
        if (surveyed := ground_of(known)) is not None:
            pipelines["true places"] = production(model, surveyed), surveyed
    found = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for name, (see, metres) in pipelines.items():
            task = progress.add_task(name, total=1.0)
            found[name] = evaluate(
                video,
                truth,
                see,
                calibration=metres,
                lines=lines or (),
                areas=areas or (),
                frames=_range(frames),
                frame_rate=frame_rate,
                cadence=looks,
                tell=lambda what, share, name=name, task=task: progress.update(  # type: ignore[misc]
                    task, description=f"{name}: {what}", completed=share
                ),
            )
    if page is not None:
        page.write_text(report(found, WHAT, entry.name, video.name), "utf-8")
    if as_json:
        typer.echo(json.dumps(_json(found, model), indent=2))
    else:
        _print(found)
        typer.echo(f"Detector {entry.name}, input {model.spec.width}×{model.spec.height}, run by {model.backend}.")


def _ground(
    text: str | None, video: Path, model: Detector, frame_rate: float | None, frames: tuple[int, int] | None
) -> Calibration | None:
    if text != "auto":
        return None if text is None else read_calibration(Path(text))
    before = frames[0] - 1 if frames and frames[0] > 1 else None
    with Console(stderr=True).status("calibrating by the people who pass …"):
        try:
            found = learn(video, model, frame_rate=frame_rate, last=before, plate=False).ground.result().calibration
        except InvalidGeometryError as error:
            Console(stderr=True).print(f"Nothing is said in metres: {error}")
            return None
    Console(stderr=True).print(f"Self-calibrated: places are right within about {found.standard_error_m:.2f} m.")
    return found


def _cadence(name: str) -> Cadence:
    if name not in CADENCES:
        raise EvaluationError("cadence is unknown", expected=" or ".join(CADENCES), came=repr(name))
    return CADENCES[name]


def _range(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.split(":")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise EvaluationError("frames are no range", expected="A:B, such as 401:795", came=repr(text))
    return int(parts[0]), int(parts[1])


def _json(found: dict[str, Evaluation], model: Detector) -> dict[str, object]:
    evaluation = found["passerby"]
    document = _figures(evaluation)
    document |= {
        "frames": list(evaluation.frames),
        "observed": evaluation.observed,
        "frame_rate": evaluation.frame_rate,
        "block_frames": evaluation.block_frames,
        "detector": model.spec.name,
        "input": [model.spec.width, model.spec.height],
        "runtime": str(model.backend),
    }
    return document | {name: _figures(other) for name, other in found.items() if name != "passerby"}


def _figures(evaluation: Evaluation) -> dict[str, object]:
    return {name: figure and asdict(figure) for name, figure in evaluation.figures.items()}


def _print(found: dict[str, Evaluation]) -> None:
    table = Table(box=None, header_style="bold")
    table.add_column("figure", no_wrap=True)
    for name in found:
        table.add_column(name, justify="right", no_wrap=len(found) < 3)
        if len(found) < 3:
            table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("what it is", overflow="fold")
    for name, what in WHAT.items():
        cells = [name]
        for evaluation in found.values():
            figure = evaluation.figures[name]
            both = ["–", ""] if figure is None else [f"{figure.value:.3f}", f"{figure.low:.2f}…{figure.high:.2f}"]
            cells += both[: 2 if len(found) < 3 else 1]
        table.add_row(*cells, what)
    evaluation = found["passerby"]
    Console().print(table)
    first, last = evaluation.frames
    share = f"{evaluation.observed:.0%} of them good enough to look at"
    typer.echo(f"Frames {first} to {last}, {evaluation.frame_rate:g} a second, {share}.")
    if evaluation.density is not None:
        counted, true = (f"{rho:.3f} (level of service {level_of_service(rho)})" for rho in evaluation.density)
        typer.echo(f"People per m²: {counted} counted, {true} there.")
    typer.echo("–: the truth or the calibration is missing.")
