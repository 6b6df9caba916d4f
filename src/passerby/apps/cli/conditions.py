"""``passerby conditions``: what night, weather and faults do to the counts."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from passerby.apps.detectors import measured_detector
from passerby.apps.evaluate import Evaluation, evaluate, production
from passerby.apps.evaluate.conditions import CONDITIONS, under
from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.observe import video_facts
from passerby.apps.evaluate.truth import read_truth
from passerby.datatypes.outage import Outage
from passerby.edge.measurement import FLOW

REPLICATES = 200
SHORT = {"observed": "seen", "count_mae": "mae", "count_bias": "bias", "precision": "prec", "crossings_error": "lines"}
SHOWN = ("count_mae", "count_bias", "precision", "recall", "mota", "idf1", "crossings_error")


@dataclass(frozen=True, slots=True)
class Result:
    """``evaluation``: None where nearly all was an outage. ``outages``: frames by cause."""

    evaluation: Evaluation | None
    outages: Counter[Outage]


def command(
    video: Annotated[Path, typer.Option(help="The video, a file, in good light.", exists=True, dir_okay=False)],
    truth: Annotated[Path, typer.Option(help="Its truth in MOT format.", exists=True, dir_okay=False)],
    only: Annotated[
        list[str] | None, typer.Option(help="A condition; repeat it. Without any: " + ", ".join(CONDITIONS) + ".")
    ] = None,
    detector: Annotated[str, typer.Option(help="Name in the catalogue (passerby models list).")] = "embedded",
    first: Annotated[int, typer.Option(help="First frame that is scored, from 1.", min=1)] = 1,
    last: Annotated[int | None, typer.Option(help="Last frame that is scored; that of the truth without it.")] = None,
    frame_rate: Annotated[
        float | None, typer.Option(help="Frames a second, where the file does not say it rightly.", min=0.1)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make night, weather and faults from a good video, and measure the error of the counts under each.

    What is too poor to count on is an outage with its cause, and never a zero: such frames are not scored, and the
    share that was observed says how many are left.

    Example: passerby conditions --video square.mp4 --truth square.txt --first 401
    """
    model = measured_detector(detector, video_facts(video)[0], FLOW.seconds)
    rate = frame_rate or video_facts(video)[1]
    scored = first, last or int(read_truth(truth).frame.max())
    found: dict[str, Result] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for name in only or list(CONDITIONS):
            task = progress.add_task(name, total=1.0)
            outages: Counter[Outage] = Counter()
            see = under(name, production(model, None), middle=sum(scored) // 2, rate=rate, outages=outages)
            try:
                evaluation = evaluate(
                    video,
                    truth,
                    see,
                    frames=scored,
                    frame_rate=rate,
                    replicates=REPLICATES,
                    tell=lambda _what, share, task=task: progress.update(task, completed=share),  # type: ignore[misc]
                )
            except EvaluationError:
                if not outages:
                    raise
                evaluation = None
            found[name] = Result(evaluation, outages)
    if as_json:
        typer.echo(json.dumps({name: _json(result) for name, result in found.items()}, indent=2))
    else:
        _print(found, scored)


def _json(result: Result) -> dict[str, object]:
    figures = {} if result.evaluation is None else result.evaluation.figures
    document: dict[str, object] = {name: figure and asdict(figure) for name, figure in figures.items()}
    observed = 0.0 if result.evaluation is None else result.evaluation.observed
    return document | {"observed": observed, "outages": {cause.value: n for cause, n in result.outages.items()}}


def _print(found: dict[str, Result], scored: tuple[int, int]) -> None:
    table = Table(box=None, header_style="bold")
    table.add_column("condition", no_wrap=True)
    for name in ("observed", *SHOWN):
        table.add_column(SHORT.get(name, name), justify="right", no_wrap=True)
    table.add_column("outage", no_wrap=True)
    for name, result in found.items():
        figures = {} if result.evaluation is None else result.evaluation.figures
        shown = [figures.get(figure) for figure in SHOWN]
        cells = ["–" if figure is None else f"{figure.value:.2f}" for figure in shown]
        observed = 0.0 if result.evaluation is None else result.evaluation.observed
        causes = ", ".join(cause.value for cause, _ in result.outages.most_common())
        table.add_row(name, f"{observed:.0%}", *cells, causes)
    Console().print(table)
    typer.echo(f"Frames {scored[0]} to {scored[1]}. Frames of an outage are not scored.")
    typer.echo("mae, bias: of the count in a frame; lines: error of crossings; passerby evaluate --help.")
