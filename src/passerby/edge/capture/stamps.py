"""Time stamps of a stream → UTC."""

from datetime import datetime, timedelta

from passerby.edge.capture.clock import Clock

LARGEST_SKEW = timedelta(seconds=2)
SLEW_SECONDS = 60.0


class Stamps:
    """Follows the node's clock: the spacing of frames is the stream's, the time of day the node's.

    The clocks are brought together slowly while they are within two seconds, so that neither the drift of a camera's
    clock nor the jitter of a network adds up; where one of them jumps, the stream is anchored anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: datetime | None = None
        self.begin()

    def begin(self) -> None:
        """A new session: its stamps have another origin."""
        self._anchor: datetime | None = None
        self._offset = timedelta(0)

    def instant(self, stream_seconds: float | None) -> datetime | None:
        """UTC of a frame. Time never goes back: None for a frame that would fall before the last one by more than the
        skew, because the node's clock was set back; that time has been accounted for already."""
        now = self._clock.now()
        instant = now if stream_seconds is None else self._follow(timedelta(seconds=stream_seconds), now)
        if self._last is not None and instant < self._last:
            if self._last - instant > LARGEST_SKEW:
                return None
            instant = self._last
        self._last = instant
        return instant

    def _follow(self, offset: timedelta, now: datetime) -> datetime:
        if self._anchor is None or abs(self._anchor + offset - now) > LARGEST_SKEW:
            self._anchor = now - offset
        else:
            share = min(1.0, max(0.0, (offset - self._offset).total_seconds()) / SLEW_SECONDS)
            self._anchor += share * (now - offset - self._anchor)
        self._offset = offset
        return self._anchor + offset
