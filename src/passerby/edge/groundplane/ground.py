"""The ground of a camera at work: surveyed, or learned from the people who pass; gone once the camera moves."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from passerby.datatypes.calibration import Calibration
from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.tracks import Tracks
from passerby.edge.groundplane.passages import Passage, Passages
from passerby.edge.groundplane.record import GroundRecord
from passerby.edge.groundplane.selfcalibration import SOURCE, SelfCalibrator

Keep = Callable[[GroundRecord], None]
"""Remembers a record across runs of the node."""

EVERY = timedelta(minutes=15)
"""What was learned is taken over, told and kept on these marks of the clock alone: when it happens tells of nobody."""
REST_SECONDS = 30.0
"""One passage in so long is enough, and costs half a percent of a core."""
FEWEST_TOGETHER = 20
"""What is taken over, told or kept rests on so many more people than before, so that it shows nobody."""
TOLD_M = 0.05


class Ground:
    """Gives the calibration that stands now, if any.

    A surveyed one stands until the camera moves. Without one, the node learns it, from tracks that it follows anyway,
    and takes over what it knows every quarter of an hour. When the camera moves, what was learned is forgotten and what
    was surveyed lapses; a restart does not change that, putting the camera back does.
    """

    def __init__(
        self,
        picture: tuple[int, int],
        given: Calibration | None,
        *,
        known: GroundRecord | None = None,
        keep: Keep = lambda _record: None,
    ) -> None:
        """``given``: surveyed. ``known``: what ``keep`` was last told of this camera."""
        self._picture = picture
        self._given = given
        self._keep = keep
        basis = SOURCE if given is None else sha256(given.homography.tobytes()).hexdigest()
        self._record = known if known is not None and known.basis == basis else GroundRecord(basis)
        self._before: GroundRecord | None = None
        self._learned: Calibration | None = None
        self._mark: float | None = None
        if given is None:
            self._begin()

    @property
    def calibration(self) -> Calibration | None:
        """What stands now; its standard error may still be too large for metres."""
        if self._record.lapsed is not None:
            return None
        return self._given or self._learned

    @property
    def told_error_m(self) -> float | None:
        """The standard error of a place as it is shown: rounded up to 5 cm; None where nothing is known."""
        if (calibration := self.calibration) is None:
            return None
        return math.ceil(calibration.standard_error_m / TOLD_M - 1e-9) * TOLD_M

    @property
    def lapsed(self) -> str | None:
        """Since when (ISO 8601, UTC) the camera looks elsewhere than its surveyed points say."""
        return self._record.lapsed

    def observe(self, tracks: Tracks) -> None:
        """Take one frame; frames come in order of time."""
        if self._given is not None or self._record.lapsed is not None:
            return
        self._passages.add(tracks)
        mark = tracks.instant.timestamp() // EVERY.total_seconds()
        if self._mark is not None and mark != self._mark:
            self._take_over()
        self._mark = mark

    def moved(self, since: datetime) -> None:
        """The camera looks elsewhere. May be said again and again."""
        if self._record.lapsed is None:
            self._before = self._record
            self._set(GroundRecord(self._record.basis, lapsed=since.astimezone(UTC).isoformat(timespec="seconds")))

    def stands(self) -> None:
        """The camera looks where it looked when this run began. May be said again and again.

        What lapsed in an earlier run stays so where it was surveyed; what is learned is learned anew.
        """
        if self._before is not None:
            self._set(self._before)
            self._before = None
        elif self._record.lapsed is not None and self._given is None:
            self._set(GroundRecord(self._record.basis))
            self._begin()

    def _begin(self) -> None:
        record = self._record
        self._calibrator = SelfCalibrator(self._picture)
        if record.mean is not None and record.spread is not None and record.standard_error_m is not None:
            camera = self._calibrator.resume(record.mean, record.spread)
            self._learned = Calibration(camera.homography(), record.standard_error_m, SOURCE)
        self._passages = Passages(self._picture, self._learn)
        self._rested = -math.inf
        self._taken = 0
        self._mark = None

    def _learn(self, passage: Passage) -> None:
        if passage[-1, 0] - self._rested >= REST_SECONDS:
            self._rested = passage[-1, 0]
            self._calibrator.learn(passage)

    def _take_over(self) -> None:
        if self._calibrator.people - self._taken < FEWEST_TOGETHER:
            return
        self._taken = self._calibrator.people
        try:
            found = self._calibrator.result()
        except InvalidGeometryError:
            return
        self._learned = found.calibration
        mean, spread = self._calibrator.summary()
        error = found.calibration.standard_error_m
        self._set(replace(self._record, mean=mean, spread=spread, standard_error_m=error))

    def _set(self, record: GroundRecord) -> None:
        self._record = record
        self._keep(record)
