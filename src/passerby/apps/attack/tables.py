"""The tables of ``docs/privacy.md``: made by ``passerby privacy``, and kept current by a test."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from passerby.apps.attack.twins import CAPS, Change
from passerby.apps.mandates.worth import PLACES, length_text
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.family import Family
from passerby.gate.privacy.mechanism import half_width, outside, randomize, scale_of

TRACKS = 2
SHARES = ((900, Fraction("0.6")), (3600, Fraction("0.2")), (86400, Fraction("0.2")))
EPSILONS = (Fraction("0.5"), Fraction(1), Fraction(2))
EXAMPLE = {
    Family.AREA_ENTRIES: Fraction(1),
    Family.LINE_CROSSINGS: Fraction("0.6"),
    Family.PERSON_SECONDS: Fraction("0.2"),
    Family.CLOSE_PAIR_SECONDS: Fraction("0.2"),
    Family.SPEED: Fraction("0.2"),
    Family.COUNTER_PASSAGES: Fraction(1),
}
"""ε a day of each family in the examples."""
_BUSY_HOURS = 16


class PageError(PasserbyError):
    """A page has no place for a table."""


def utility() -> str:
    """± at 95 % of area entries (K = 2, a track counts in 2 cells) for places and ε, as Markdown."""
    places = PLACES[1:]
    rows = []
    for epsilon in EPSILONS:
        for seconds, share in SHARES:
            width = half_width(scale_of(TRACKS * CAPS[Family.AREA_ENTRIES], epsilon * share))
            cells = [f"{float(epsilon):g}", length_text(seconds), f"±{width}"]
            for _, an_hour in places:
                number = an_hour * min(seconds, _BUSY_HOURS * 3600) // 3600
                cells.append(f"{number:,} ± {width} ({100 * width / number:.1f} %)")
            rows.append(cells)
    return _table(["ε a day", "window", "95 %", *(name for name, _ in places)], rows)


def intervals(draws: int = 0) -> str:
    """Δ₁, scale, ± and coverage of each family's interval, as Markdown; by formula, and by drawing so many times."""
    rows = []
    for family, epsilon in EXAMPLE.items():
        for seconds, share in SHARES:
            sensitivity = TRACKS * CAPS.get(family, 1)
            scale = scale_of(sensitivity, epsilon * share)
            width = half_width(scale)
            row = [family.value, length_text(seconds), str(sensitivity), f"{scale:.6f}", f"±{width:,}"]
            row.append(f"{100 * (1 - outside(scale, width)):.2f} %")
            if draws:
                noise = np.abs(randomize([0] * draws, scale))
                row.append(f"{100 * float(np.mean(noise <= width)):.2f} %")
            rows.append(row)
    heads = ["family", "window", "Δ₁", "b", "95 %", "covers, by formula"]
    return _table([*heads, f"covers, {draws:,} draws"] if draws else heads, rows)


def twins(changes: Iterable[Change]) -> str:
    """Largest changes by one person beside what is declared, as Markdown."""
    rows = [
        [
            change.recording,
            change.family.value,
            str(change.change),
            f"{CAPS[change.family]} × {change.tracks} = {CAPS[change.family] * change.tracks}",
            str(TRACKS * CAPS[change.family]),
            f"{change.above} of {change.twins}",
        ]
        for change in changes
    ]
    heads = ["recording", "family", "largest change", "cap × tracks left", "declared Δ₁ (K = 2)", "above cap × tracks"]
    return _table(heads, rows)


def put(page: Path, name: str, table: str) -> None:
    """Write a table into its place: between ``<!-- NAME -->`` and ``<!-- /NAME -->``. Raises PageError."""
    text = page.read_text("utf-8")
    page.write_text(replaced(text, name, table), "utf-8")


def replaced(text: str, name: str, table: str) -> str:
    """The text with the table in its place. Raises PageError."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise PageError(f"page has no place for {name}", expected=f"{begin.strip()} and {end}, once each")
    before, rest = text.split(begin)
    return before + begin + table + end + rest.split(end)[1]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
