"""An attack by walking: who stays all day, who zigzags over a border, who stands in a crowd."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.apps.attack.door import Door
from passerby.apps.attack.numbers import Bench, Effort, MakeDoor, worst
from passerby.apps.attack.statistics import Outcome, best_bound, trials_for
from passerby.apps.attack.target import FIRST_DAY, Target
from passerby.apps.attack.walkers import Walker, measure
from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.detections import Detections
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.resolution import Resolution
from passerby.edge.measurement.areas import depth_inside, polygon_array
from passerby.edge.tracking import Tracker

Feet = NDArray[np.float64]
LONGEST_WINDOW = 3600
"""Windows beyond this many seconds are played as such of 15 minutes, for the caps do not depend on them."""


def long_dweller(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """K tracks that do their worst for as long as a track lives, through the real tracker, measurement and caps."""
    found = [] if target.is_counter else [_cut(target)]
    added = {}
    for family in target.families:
        bench = Bench(make, target, effort, scratch)
        values = worst_case(bench.door, family)
        added[family] = sum(abs(value) for value in values.values()) / target.mandate.sensitivity(family)
    most = max(target.families, key=lambda f: (added[f], target.mandate.budgets[f].epsilon))
    for family in target.families if effort.every_family else (most,):
        bench = Bench(make, target, effort, scratch)
        values = {key: v for key, v in worst_case(bench.door, family).items() if key[0] < bench.per_day}
        declared = target.charge(family, bench.levels)
        trials = trials_for(declared, least=effort.least, most=effort.trials)
        low = best_bound(*bench.compare(values, trials, partial(bench.evidence, values)), tests=len(target.families))
        note = f"{family.value}: {target.mandate.tracks} tracks add {added[family]:.0%} of Δ₁"
        found.append(Outcome(low <= declared and added[family] <= 1, low, declared, note))
    return worst(found)


def worst_case(door: Door, family: Family) -> Mapping[tuple[int, Cell], int]:
    """What K tracks change in each window and cell of a family, beside a crowd that is there without them too."""
    target = door.target
    if target.is_counter:
        return {(0, target.cells[0]): door.measured_under.sensitivity(family)}
    under = door.measured_under
    if under.resolutions[0].seconds > LONGEST_WINDOW:
        under = replace(under, resolutions=(Resolution(900, Fraction(1)),))
    length = under.resolutions[0].seconds
    seconds = target.mandate.track_seconds
    frames = length * ceil((seconds + 5) / length)
    feet = _feet(target.camera, family, seconds)
    twins = [Walker(1000 + n, 0, feet, _kind(target, family)) for n in range(target.mandate.tracks)]
    crowd = []
    if family is Family.CLOSE_PAIR_SECONDS:
        crowd = [Walker(10 + n, 0, feet + 4.0 * np.array([n % 4 - 1.5, n // 4 - 1.5])) for n in range(16)]
    start = target.windows(FIRST_DAY, 1)[0].start
    with_twins = measure([*crowd, *twins], target.camera, under, start, frames, frame_rate=1.0)
    without = measure(crowd, target.camera, under, start, frames, frame_rate=1.0)
    changes = {}
    for one, other in zip(with_twins, without, strict=True):
        change = (one.value or 0) - (other.value or 0)
        if change and one.cell.family is family:
            changes[round((one.window.start - start).total_seconds()) // length, one.cell] = change
    return changes


def _feet(camera: Camera, family: Family, seconds: int) -> Feet:
    """Where the feet are in each second of a track that adds as much as it can; float64[T, 2] px."""
    if family is Family.AREA_ENTRIES:
        stops = [point for area in camera.areas for point in ((-500.0, -500.0), _inside(area))]
    elif family is Family.PERSON_SECONDS:
        stops = [_inside(camera.areas[0])]
    elif family is Family.LINE_CROSSINGS:
        stops = [point for line in camera.lines for point in _sides(line.start, line.end)]
    elif family is Family.SPEED:
        return np.linspace((100.0, 500.0), (100.0 + 20.0 * seconds, 500.0), seconds)
    else:
        stops = [(500.0, 500.0)]
    return np.array([stops[second % len(stops)] for second in range(seconds)])


def _inside(area: MeasurementArea) -> tuple[float, float]:
    """The place deepest inside, of a grid of 40 × 40."""
    polygon = np.array(area.polygon)
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    x, y = np.meshgrid(np.linspace(left, right, 40), np.linspace(top, bottom, 40))
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    best = grid[int(np.argmax(depth_inside(polygon_array(area), grid)))]
    return float(best[0]), float(best[1])


def _sides(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """A place on each side of a line, 30 px from its middle."""
    middle = (np.array(start) + np.array(end)) / 2
    along = np.array(end) - np.array(start)
    aside = 30 * np.array([-along[1], along[0]]) / np.linalg.norm(along)
    return [(float(x), float(y)) for x, y in (middle + aside, middle - aside)]


def _kind(target: Target, family: Family) -> Kind:
    labels = {cell.category.split(".")[0] for cell in target.cells if cell.family is family}
    return next((kind for kind in Kind if kind.label in labels), Kind.PERSON)


def _cut(target: Target) -> Outcome:
    """Somebody who stands still: the longest that one track number lives, against ρ."""
    limit = target.mandate.track_seconds
    tracker = Tracker(confident=0.5, track_seconds=limit)
    start, step = datetime(2001, 1, 1, tzinfo=UTC), 0.5
    first: dict[int, float] = {}
    longest = 0.0
    box = np.array([[100, 100, 140, 200]], np.float32)
    for number in range(1 + int(3.5 * limit / step)):
        instant = start + timedelta(seconds=number * step)
        detections = Detections(box, np.array([0.9], np.float32), np.array([0], np.uint8), instant)
        for tracks in tracker.update(detections):
            at = (tracks.instant - start).total_seconds()
            for track in tracks.id.tolist():
                longest = max(longest, at - first.setdefault(track, at))
    declared = sum(target.charge(family, 1) for family in target.families)
    held = longest < limit and len(first) >= 3
    return Outcome(held, 0.0 if held else 2 * declared, declared, f"a track lives {longest:.0f} of {limit} s")
