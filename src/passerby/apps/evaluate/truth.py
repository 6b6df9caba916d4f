"""Truth in the format of MOTChallenge: one line a box, ``frame,id,x,y,w,h,flag,…``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from passerby.apps.evaluate.errors import EvaluationError
from passerby.apps.evaluate.scene import Seen, overlap

PEDESTRIAN = 1
SAME_BOX = 0.5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truth:
    """All boxes of a sequence.

    ``frame``: int64[N], 1-based. ``id``: int64[N]. ``xyxy``: float64[N, 4] px. ``ground``: float64[N, 2] m or NaN.
    ``counts``: bool[N]; a box that does not count (flag 0, another class than pedestrian) is neither missed nor wrong.
    """

    frame: NDArray[np.int64]
    id: NDArray[np.int64]
    xyxy: NDArray[np.float64]
    ground: NDArray[np.float64]
    counts: NDArray[np.bool_]

    @property
    def has_ground(self) -> bool:
        """Whether anybody's place on the ground is known."""
        return bool(np.isfinite(self.ground[self.counts]).any())

    def at(self, frame: int, seconds: float) -> Seen:
        """Those who count in a frame."""
        here = (self.frame == frame) & self.counts
        return Seen(self.id[here], self.xyxy[here], self.ground[here], seconds)

    def without_ignored(self, frame: int, seen: Seen) -> Seen:
        """What was seen, less what lies on a box that does not count and on none that does."""
        here = self.frame == frame
        ignored = self.xyxy[here & ~self.counts]
        if not len(ignored) or not len(seen.id):
            return seen
        everything = np.concatenate([self.xyxy[here & self.counts], ignored])
        shared = overlap(everything, seen.xyxy)
        rows, columns = linear_sum_assignment(-np.where(shared >= SAME_BOX, shared, 0))
        drop = (shared[rows, columns] >= SAME_BOX) & (rows >= len(everything) - len(ignored))
        keep = np.ones(len(seen.id), bool)
        keep[columns[drop]] = False
        return seen.only(keep)


def read_truth(path: Path) -> Truth:
    """Read a truth file. Seven columns or more; nine hold class and visibility (MOT16 on), ten hold X, Y, Z in metres
    (3D MOT 2015; -1,-1,-1 where they are unknown). Raises EvaluationError that names the line."""
    rows = []
    try:
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"truth {path.name} cannot be read", expected="a text file in MOT format") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = [float(part) for part in line.replace(" ", ",").split(",") if part]
        except ValueError:
            values = []
        if len(values) < 6 or values[0] < 1 or values[4] <= 0 or values[5] <= 0 or not np.isfinite(values).all():
            raise EvaluationError(
                f"line {number} of {path.name} is no box",
                expected="frame,id,left,top,width,height,flag,… with frames from 1",
                came=f"{len(values)} numbers",
            )
        rows.append([*[*values, 1.0][:7], *_ground(values), _class(values)])
    if not rows:
        raise EvaluationError(f"truth {path.name} is empty", expected="frame,id,left,top,width,height,flag,…")
    table = np.array(rows, np.float64)
    corner, size = table[:, 2:4], table[:, 4:6]
    return Truth(
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        np.concatenate([corner, corner + size], axis=1),
        table[:, 7:9],
        (table[:, 6] != 0) & (table[:, 9] == PEDESTRIAN),
    )


def _ground(values: list[float]) -> list[float]:
    known = len(values) == 10 and values[7:] != [-1.0, -1.0, -1.0]
    return values[7:9] if known else [np.nan, np.nan]


def _class(values: list[float]) -> float:
    return values[7] if len(values) in (8, 9) and values[7] >= 1 else float(PEDESTRIAN)
