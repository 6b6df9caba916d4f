"""Attacks beside the numbers: what is written, printed or logged, and how long it takes."""

import io
import logging
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from time import perf_counter

from passerby.apps.attack.door import Door
from passerby.apps.attack.numbers import Bench, Effort, MakeDoor, worst
from passerby.apps.attack.statistics import Outcome, best_bound, trials_for
from passerby.apps.attack.target import Target
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.window import Window

CROWD = 1_000
"""People in the busy one of two worlds."""


def side_channels(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Files, logs, terminal, messages of errors, texts of objects; and time. They may tell nothing: declared ε is 0."""
    return worst([_written(make, target, effort, scratch), _time(make, target, effort, scratch)])


def _time(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """Seconds that a release takes, with nobody and with a crowd there."""
    bench = Bench(make, target, effort, scratch)
    crowd = {(0, cell): CROWD for cell in target.cells}
    trials = trials_for(0.0, least=effort.least, most=effort.trials)
    scores, worlds = [], []
    for _ in range(2 * trials):
        world = bench.random.getrandbits(1)
        begin = perf_counter()
        bench.release(crowd if world else {})
        scores.append(perf_counter() - begin)
        worlds.append(world)
    low = best_bound(scores, worlds, tests=2)
    return Outcome(low == 0, low, 0.0, f"time of {2 * trials} releases")


def _written(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """An exact count whose digits noise cannot imitate often, looked for in everything but the public numbers."""
    bench = Bench(make, target, effort, scratch)
    marks = (7_340_033, 5_767_169)
    scores, worlds = [], []
    trials = 100
    for _ in range(2 * trials):
        world = bench.random.getrandbits(1)
        windows = bench.windows(bench.day())[:1]
        text = _trace(bench.door, windows, marks[world], target)
        scores.append(float(text.count(str(marks[1]))) - float(text.count(str(marks[0]))))
        worlds.append(world)
    low = best_bound(scores, worlds, tests=2)
    return Outcome(low == 0, low, 0.0, f"{2 * trials} releases by what they leave in files, logs and messages")


def _trace(door: Door, windows: list[Window], mark: int, target: Target) -> str:
    """All that one release leaves behind, less what it makes public."""
    measures = [m for window in windows for m in target.measures(window, dict.fromkeys(target.cells, mark))]
    before = {path: path.stat().st_size for path in door.folder.iterdir()}
    out, handler_text = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(handler_text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    public: list[str] = []
    try:
        with redirect_stdout(out), redirect_stderr(out):
            public = [line.text for line in door.release(measures)]
            messages = [_message(lambda: door.release(measures)), _message(lambda: door.release(measures[1:]))]
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    files = [_tail(path, before.get(path, 0)) for path in door.folder.iterdir()]
    objects = [repr(door.gate), repr(measures), str(measures), repr(vars(door.gate).get("_totals"))]
    text = "\n".join([out.getvalue(), handler_text.getvalue(), *messages, *files, *objects])
    for line in public:
        text = text.replace(line, "")
    return text


def _message(ask: Callable[[], object]) -> str:
    try:
        ask()
    except PasserbyError as error:
        return f"{error} {error.args}"
    return ""


def _tail(path: Path, size: int) -> str:
    data = path.read_bytes()
    return data[size if len(data) >= size else 0 :].decode("utf-8", "replace")
