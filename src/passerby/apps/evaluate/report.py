"""The report as one HTML file: figures, and plots drawn as vectors on an empty plan, never on a frame."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from passerby.apps.evaluate.breakdown import COLUMNS, ROWS, Breakdown
from passerby.apps.evaluate.evaluation import Evaluation

WIDTH, HEIGHT, MARGIN = 720, 200, 40
STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1b2a33, #e6eef2); --soft: light-dark(#64757f, #9db0ba);
  --paper: light-dark(#fff, #11191e); --blue: light-dark(#1f6f8b, #5fb3d1); --red: light-dark(#b5442e, #ec8a72); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 48rem;
  margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .5rem; }
td.number, th.number { text-align: right; vertical-align: top;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
small { color: var(--soft); }
tbody tr { border-top: 1px solid color-mix(in srgb, var(--soft) 40%, transparent); }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--soft); }
p.note { color: var(--soft); }
"""


def report(found: Mapping[str, Evaluation], what: Mapping[str, str], detector: str, video: str) -> str:
    """The page. ``found``: by pipeline, that of production first. ``what``: figure → what it says."""
    evaluation = next(iter(found.values()))
    first, last = evaluation.frames
    parts = evaluation.breakdown
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>How wrong are the counts</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>
<h1>How wrong are the counts</h1>
<p>{escape(video)}, frames {first} to {last}, {evaluation.frame_rate:g} a second, detector {escape(detector)};
{evaluation.observed:.0%} of the frames were good enough to look at. Intervals: 95 %, by drawing blocks of
{evaluation.block_frames} frames again.</p>
{_table(found, what)}
<h2>Over time</h2><p class="note">People counted less people there.</p>{_line(parts.seconds, parts.error)}
<h2>Over the picture</h2>
<p class="note">Feet of people, by cell of the picture. Colour: share missed. A number: false people there.</p>
{_plan(parts)}
<h2>By distance</h2><p class="note">Share of people found, by their height in the picture; far away is small.</p>
{
        _bars(
            [f"{low:.0f}–{high:.0f} px" for low, high, _, _ in parts.by_height],
            [share for *_, share in parts.by_height],
            [f"{share:.0%} of {n}" for *_, n, share in parts.by_height],
            1.0,
        )
    }
<h2>By crowding</h2><p class="note">Mean absolute error, by the number of people in the picture.</p>
{
        _bars(
            [str(people) for people, _, _ in parts.by_crowd],
            [error for *_, error in parts.by_crowd],
            [f"{error:.2f}" for *_, error in parts.by_crowd],
            max([1.0, *(error for *_, error in parts.by_crowd)]),
        )
    }
</body></html>
"""


def _table(found: Mapping[str, Evaluation], what: Mapping[str, str]) -> str:
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in found)
    rows = []
    for name, says in what.items():
        cells = ""
        for evaluation in found.values():
            figure = evaluation.figures[name]
            text = (
                "–"
                if figure is None
                else f"{figure.value:.3f}<br/><small>{figure.low:.2f} to {figure.high:.2f}</small>"
            )
            cells += f'<td class="number">{text}</td>'
        rows.append(f"<tr><td>{escape(says)} <small>({name})</small></td>{cells}</tr>")
    return f"<table><thead><tr><th>figure</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _svg(body: str, label: str, height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">{body}</svg>'


def _line(seconds: NDArray[np.float64], error: NDArray[np.float64]) -> str:
    most = max(1.0, float(np.abs(error).max()))
    span = max(float(seconds[-1] - seconds[0]), 1e-9)
    x = MARGIN + (WIDTH - 2 * MARGIN) * (seconds - seconds[0]) / span
    y = HEIGHT / 2 - (HEIGHT / 2 - 20) * error / most
    steps = [f"M{x[0]:.1f},{y[0]:.1f}"] + [f"H{b[0]:.1f}V{b[1]:.1f}" for _, b in pairwise(zip(x, y, strict=True))]
    reach = HEIGHT / 2 - 20
    marks = f'<text x="4" y="24">{most:+g}</text><text x="4" y="{HEIGHT / 2 + reach + 4}">{-most:+g}</text>'
    axis = f'<path d="M{MARGIN},{HEIGHT / 2}H{WIDTH - MARGIN}" stroke="var(--soft)" stroke-dasharray="3 3"/>'
    ends = f'<text x="{MARGIN}" y="{HEIGHT - 4}">{seconds[0]:.0f} s</text>'
    ends += f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 4}" text-anchor="end">{seconds[-1]:.0f} s</text>'
    path = f'<path d="{"".join(steps)}" fill="none" stroke="var(--blue)" stroke-width="1.5"/>'
    return _svg(axis + path + marks + ends, "error of the count over time")


def _plan(parts: Breakdown) -> str:
    width, height = parts.picture
    tall = round(WIDTH * height / width)
    cell_x, cell_y = WIDTH / COLUMNS, tall / ROWS
    body = f'<rect width="{WIDTH}" height="{tall}" fill="none" stroke="var(--soft)"/>'
    for row in range(ROWS):
        for column in range(COLUMNS):
            there, missed, wrong = (int(part[row, column]) for part in (parts.there, parts.missed, parts.wrong))
            x, y = column * cell_x, row * cell_y
            middle, base = x + cell_x / 2, y + cell_y / 2
            if there:
                size = min(1.0, 0.35 + 0.65 * there / max(int(parts.there.max()), 1))
                body += _pictogram(middle, base, cell_y * 0.8 * size, missed / there)
            if wrong:
                body += f'<text x="{x + cell_x - 3:.0f}" y="{y + cell_y - 4:.0f}" text-anchor="end">{wrong}</text>'
    return _svg(body, "people missed and false people over the picture", tall)


def _pictogram(x: float, y: float, tall: float, missed: float) -> str:
    """A figure whose colour goes from found (blue) to missed (red); its size says how many were there."""
    head, colour = tall * 0.14, f"color-mix(in oklab, var(--red) {missed:.0%}, var(--blue))"
    body = f"M{x - head:.1f},{y - tall * 0.18:.1f}h{2 * head:.1f}v{tall * 0.34:.1f}h{-head * 0.4:.1f}"
    body += f"v{tall * 0.34:.1f}h{-head * 1.2:.1f}v{-tall * 0.34:.1f}h{-head * 0.4:.1f}z"
    return (
        f'<g fill="{colour}"><title>{missed:.0%} missed</title>'
        f'<circle cx="{x:.1f}" cy="{y - tall * 0.36:.1f}" r="{head:.1f}"/><path d="{body}"/></g>'
    )


def _bars(names: Sequence[str], values: Sequence[float], texts: Sequence[str], most: float) -> str:
    step = (WIDTH - 2 * MARGIN) / max(len(names), 1)
    body = f'<path d="M{MARGIN},{HEIGHT - 30}H{WIDTH - MARGIN}" stroke="var(--soft)"/>'
    for k, (name, value, text) in enumerate(zip(names, values, texts, strict=True)):
        tall, x = (HEIGHT - 60) * value / most, MARGIN + k * step
        body += f'<rect x="{x + 0.15 * step:.1f}" y="{HEIGHT - 30 - tall:.1f}" width="{0.7 * step:.1f}"'
        body += f' height="{tall:.1f}" fill="var(--blue)"/>'
        body += f'<text x="{x + step / 2:.1f}" y="{HEIGHT - 34 - tall:.1f}" text-anchor="middle">{escape(text)}</text>'
        body += f'<text x="{x + step / 2:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(name)}</text>'
    return _svg(body, "bars: " + ", ".join(f"{n} {t}" for n, t in zip(names, texts, strict=True)))
