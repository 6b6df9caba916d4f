"""Windows of the public grid, filled frame by frame and closed with exactly one Measure for each cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from passerby.datatypes.calibration import LARGEST_ERROR_M
from passerby.datatypes.camera import Camera
from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import InvalidValueError
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.positions import Positions
from passerby.datatypes.tracks import Tracks
from passerby.datatypes.window import Window, window_at
from passerby.edge.measurement.areas import AreaEntries, PersonSeconds
from passerby.edge.measurement.caps import Allowance
from passerby.edge.measurement.lines import LineCrossings
from passerby.edge.measurement.nearness import ClosePairSeconds, Speeds
from passerby.edge.measurement.sample import Sample

LEAST_COVERAGE = 0.5
LONGEST_STEP, LATE = 1.5, 1.5
FORGET_SECONDS = 4.0
"""A track that was silent for so long does not come back: by then it was cut."""
METRIC = {Family.CLOSE_PAIR_SECONDS, Family.SPEED}
Counting = AreaEntries | PersonSeconds | LineCrossings | ClosePairSeconds | Speeds


@dataclass(frozen=True, slots=True, repr=False)
class OpenWindow:
    """What a window holds before it closes; as secret as what it will be. ``until``: UTC, of the last frame in it."""

    until: datetime
    measures: tuple[Measure, ...]


class Measurement:
    """Exact values of one camera under one mandate, in memory, window after window.

    A window with less than half of its time observed is an outage with the cause of its longest gap. Families in
    metres are an outage where in any frame there was no calibration, or one whose standard error is above 0.5 m.
    """

    def __init__(self, camera: Camera, mandate: Mandate, *, longest_look: float = 0.0) -> None:
        """``longest_look``: usual time between two frames, s, where it is long: a frame stands for so much time."""
        self._longest_step = max(LONGEST_STEP, LATE * longest_look)
        self._cells = mandate.cells_of(camera.id)
        self._zone = mandate.zone
        self._seconds = min(resolution.seconds for resolution in mandate.resolutions)
        self._metric = True
        self._families = _families(camera, mandate, self._cells)
        self._window: Window | None = None
        self._values: dict[Cell, int] = {}
        self._observed = 0.0
        self._causes: dict[Outage, float] = {}
        self._last: float | None = None
        self._seen: dict[int, float] = {}

    def observe(self, tracks: Tracks, positions: Positions | None) -> list[Measure]:
        """Take one frame; returns the measures of the windows that it closes."""
        closed = self._advance(tracks.instant)
        now = tracks.instant.timestamp()
        step = 0.0 if self._last is None else now - self._last
        if step > self._longest_step:
            step = 0.0
        assert self._window is not None
        self._observed += min(step, now - self._window.start.timestamp())
        self._last = now
        metric = positions is not None and positions.standard_error_m <= LARGEST_ERROR_M
        self._metric = self._metric and metric
        sample = Sample(
            tracks.id,
            [Kind(k).label for k in tracks.kind.tolist()],
            tracks.foot.astype(np.float64),
            (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).astype(np.float64),
            positions.xy if positions is not None and metric else None,
            step,
            now,
        )
        for family, counting in self._families.items():
            self._add(family, counting.observe(sample), self._values)
        self._forget(sample)
        return closed

    def gap(self, cause: Outage, since: datetime, instant: datetime) -> list[Measure]:
        """Account for a stretch without pictures; returns the measures of the windows that it closes.

        What was taken for observed since ``since`` was not: it is off the coverage of the window that is open.
        """
        closed = self._advance(max(since, self._window.start) if self._window else since)
        if self._window is not None and self._last is not None:
            believed = self._last - max(since, self._window.start).timestamp()
            self._observed = max(0.0, self._observed - max(0.0, believed))
        while self._window is not None and self._window.end <= instant:
            begin = max(since, self._window.start)
            self._note(cause, (self._window.end - begin).total_seconds())
            closed += self._advance(self._window.end)
        if self._window is not None:
            self._note(cause, (instant - max(since, self._window.start)).total_seconds())
        self._last = None
        return closed

    def open_window(self) -> OpenWindow | None:
        """The window that is open, None in a gap: another measurement goes on with it where this one ends early."""
        if self._window is None or self._last is None:
            return None
        coverage, values = self._coverage(self._window), self._counted()
        return OpenWindow(
            datetime.fromtimestamp(self._last, UTC),
            tuple(self._measure(cell, self._window, coverage, values) for cell in self._cells),
        )

    def go_on(self, earlier: OpenWindow) -> None:
        """Begin with the window that another measurement of the same mandate left open. A gap must follow: nobody's
        track goes on."""
        self._window = earlier.measures[0].window
        self._values = {measure.cell: measure.value or 0 for measure in earlier.measures}
        self._observed = earlier.measures[0].coverage * self._window.seconds
        self._metric = all(measure.outage is None for measure in earlier.measures)

    def close(self) -> list[Measure]:
        """End of the stream: close the open window with what was observed of it."""
        if self._window is None:
            return []
        measures = self._measures(self._window)
        self._window = None
        return measures

    def _advance(self, instant: datetime) -> list[Measure]:
        closed: list[Measure] = []
        while self._window is None or instant >= self._window.end:
            if self._window is None:
                self._window = window_at(instant, self._zone, self._seconds)
            else:
                if self._last is not None:
                    tail = self._window.end.timestamp() - self._last
                    late = (instant - self._window.end).total_seconds()
                    self._observed += tail if 0 < tail <= self._longest_step and late < self._longest_step else 0.0
                closed += self._measures(self._window)
                self._window = window_at(self._window.end, self._zone, self._seconds)
            self._values = dict.fromkeys(self._cells, 0)
            self._observed, self._causes, self._metric = 0.0, {}, True
        return closed

    def _measures(self, window: Window) -> list[Measure]:
        self._values = self._counted()
        if (pairs := self._close_pairs) is not None:
            pairs.end_window()
        coverage = self._coverage(window)
        cause = max(self._causes, key=lambda c: self._causes[c], default=Outage.NO_SIGNAL)
        if coverage < LEAST_COVERAGE:
            return [Measure(cell, window, None, coverage, cause) for cell in self._cells]
        return [self._measure(cell, window, coverage, self._values) for cell in self._cells]

    def _counted(self) -> dict[Cell, int]:
        """Values of the open window; those of pairs follow from the whole of it."""
        values = self._values.copy()
        if (pairs := self._close_pairs) is not None:
            self._add(Family.CLOSE_PAIR_SECONDS, pairs.counted(), values)
        return values

    @property
    def _close_pairs(self) -> ClosePairSeconds | None:
        counting = self._families.get(Family.CLOSE_PAIR_SECONDS)
        return counting if isinstance(counting, ClosePairSeconds) else None

    def _coverage(self, window: Window) -> float:
        return min(1.0, self._observed / window.seconds)

    def _measure(self, cell: Cell, window: Window, coverage: float, values: Mapping[Cell, int]) -> Measure:
        if cell.family in METRIC and not self._metric:
            return Measure(cell, window, None, coverage, Outage.UNCALIBRATED)
        return Measure(cell, window, values[cell], coverage)

    def _add(self, family: Family, found: Iterable[tuple[str, str, int]], values: dict[Cell, int]) -> None:
        for subject, category, amount in found:
            cell = Cell(self._cells[0].sensor, family, subject, category)
            if cell in values:
                values[cell] += amount

    def _note(self, cause: Outage, seconds: float) -> None:
        self._causes[cause] = max(self._causes.get(cause, 0.0), seconds)

    def _forget(self, sample: Sample) -> None:
        self._seen.update(dict.fromkeys(sample.id.tolist(), sample.time))
        gone = {track for track, seen in self._seen.items() if sample.time - seen > FORGET_SECONDS}
        if not gone:
            return
        speeds = self._families.get(Family.SPEED)
        if isinstance(speeds, Speeds):
            self._add(Family.SPEED, speeds.finish(gone), self._values)
        self._seen = {track: seen for track, seen in self._seen.items() if track not in gone}
        for counting in self._families.values():
            counting.keep(set(self._seen))


def _families(camera: Camera, mandate: Mandate, cells: tuple[Cell, ...]) -> dict[Family, Counting]:
    found: dict[Family, Counting] = {}
    for family in {cell.family for cell in cells}:
        mine = [cell for cell in cells if cell.family is family]
        subjects = {cell.subject for cell in mine}
        allowance = Allowance(mandate.budgets[family].cap)
        areas = tuple(area for area in camera.areas if area.id in subjects)
        lines = tuple(line for line in camera.lines if line.id in subjects)
        known = {s.id for s in areas} | {s.id for s in lines}
        if family in METRIC:
            known = subjects
        if subjects - known:
            raise InvalidValueError(
                f"camera {camera.id!r} lacks what the mandate names",
                expected=", ".join(sorted(subjects)),
                came=", ".join(sorted(known)) or "none",
                remedy="Draw it in city.toml as the mandate describes it.",
            )
        if family is Family.AREA_ENTRIES:
            found[family] = AreaEntries(areas, allowance)
        elif family is Family.PERSON_SECONDS:
            found[family] = PersonSeconds(areas, allowance)
        elif family is Family.LINE_CROSSINGS:
            found[family] = LineCrossings(lines, allowance)
        elif family is Family.CLOSE_PAIR_SECONDS:
            found[family] = ClosePairSeconds(
                mine[0].subject, _distances(mine), mandate.budgets[family].cap, _windows_of_a_track(mandate)
            )
        elif family is Family.SPEED:
            found[family] = Speeds(mine[0].subject, _bins(mine), allowance)
        else:
            raise InvalidValueError(f"a camera does not measure {family.value}", expected="a family of cameras")
    return found


def _windows_of_a_track(mandate: Mandate) -> int:
    """How many windows of the finest resolution a track can touch before it is cut."""
    return 1 + -(-mandate.track_seconds // min(resolution.seconds for resolution in mandate.resolutions))


def _distances(cells: list[Cell]) -> dict[str, float]:
    return {cell.category: float(cell.category.removesuffix("m")) for cell in cells}


def _bins(cells: list[Cell]) -> dict[str, tuple[float, float]]:
    bins = {}
    for cell in cells:
        low, high = cell.category.split("-")
        bins[cell.category] = (float(low), float("inf") if high == "up" else float(high))
    return bins
