"""How often the standard error says how wrong places are: ``python -m tests.reference.calibration.table 200``."""

import sys

import numpy as np
from tests.reference.calibration.library import PICTURE, Array, scene

from passerby.datatypes.calibration import LARGEST_ERROR_M
from passerby.edge.groundplane import calibrate

GROUPS = ((2.0, 2.6), (2.6, 5.0), (5.0, 15.0), (2.0, 15.0))


def results(seeds: range, people: int | None = None) -> Array:
    """float64[N, 3]: true error and standard error of each scene, height of its camera; m."""
    rows = []
    for seed in seeds:
        one = scene(seed, people)
        found = calibrate(one.passages, PICTURE)
        rows.append((one.error_m(found.camera), found.calibration.standard_error_m, one.camera.height))
    return np.array(rows)


def table(rows: Array) -> str:
    """Markdown, a line for each group of heights."""
    lines = [
        "| camera | cameras | median error | within 1 SE | within 2 SE | metres given | of these within 2 SE | worst |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for low, high in GROUPS:
        error, standard, _ = rows[(rows[:, 2] >= low) & (rows[:, 2] <= high)].T
        given = standard <= LARGEST_ERROR_M
        within = f"{(error < 2 * standard)[given].mean():.0%} | {error[given].max():.2f} m" if given.any() else "– | –"
        lines.append(
            f"| {low:g} to {high:g} m high | {len(error)} | {np.median(error):.2f} m | {(error < standard).mean():.0%} "
            f"| {(error < 2 * standard).mean():.0%} | {given.mean():.0%} | {within} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(results(range(int(sys.argv[1]) if len(sys.argv) > 1 else 200))))
