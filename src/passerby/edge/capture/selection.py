"""What of a stream is decoded, and what of that is looked at."""

from passerby.datatypes.cadence import Cadence

TOLERANCE = 1.1
"""Key frames so much further apart than asked for are near enough: cameras count frames, not seconds."""


class Selection:
    """Follows a cadence through one stream. Without one, everything is decoded and looked at.

    Once two key frames were near enough together nothing else is decoded; where they turn out not to be, everything
    is again, from the next one on. Times are s of the stream.
    """

    def __init__(self, cadence: Cadence | None) -> None:
        self._cadence = cadence
        self._limit = 0.0 if cadence is None else TOLERANCE * cadence.key_seconds
        self._key: float | None = None
        self._whole = True
        self._looked: float | None = None
        self._before: float | None = None

    def decodes(self, seconds: float, *, is_key: bool) -> bool:
        """Whether a packet is decoded. To be asked of all packets, in order."""
        if self._limit and is_key:
            self._whole = self._key is None or not 0 < seconds - self._key <= self._limit
            self._key = seconds
        return self._whole or is_key

    @property
    def alone(self) -> bool:
        """Whether what is decoded now stands alone: a key frame, and none of those around it."""
        return not self._whole

    def looks(self, seconds: float) -> bool:
        """Whether a decoded picture is due: the one that is nearest to the cadence. To be asked of all of them."""
        if self._cadence is None:
            return True
        step = 0.0 if self._before is None else seconds - self._before
        self._before = seconds
        if self._looked is not None and 0 <= seconds - self._looked < self._cadence.seconds - step / 2:
            return False
        self._looked = seconds
        return True
