"""What of a stream is decoded, and what of that is looked at."""

from passerby.datatypes.cadence import Cadence

TOLERANCE = 1.1
"""Key frames so much further apart than asked for are near enough: cameras count frames, not seconds."""


class Selection:
    """Follows a cadence through one stream. Without one, everything is decoded and looked at.

    Once two key frames were near enough together nothing is decoded but what the looks at and after them need; where
    they turn out not to be, everything is again, from the next one on. Times are s of the stream.
    """

    def __init__(self, cadence: Cadence | None) -> None:
        self._cadence = cadence
        self._key: float | None = None
        self._until: float | None = None
        self._ends = False
        self._looked: float | None = None
        self._before: float | None = None

    def decodes(self, seconds: float, *, is_key: bool) -> bool:
        """Whether a packet is decoded. To be asked of all packets, in order."""
        if is_key and self._cadence is not None and self._cadence.key_seconds:
            self._until = None if self._key is None else self._needed(self._cadence, seconds, seconds - self._key)
            self._key = seconds
        elif self._until is not None and self._ends:
            return False
        self._ends = self._until is not None and seconds >= self._until
        return True

    @staticmethod
    def _needed(cadence: Cadence, key: float, apart: float) -> float | None:
        """Until when packets are decoded after a key frame that came ``apart`` s after another; None: all of them."""
        if not 0 < apart <= TOLERANCE * cadence.key_seconds:
            return None
        return key if apart <= TOLERANCE * cadence.seconds / 2 else key + cadence.again * apart

    @property
    def whole(self) -> bool:
        """Whether everything is decoded now: key frames do not come often enough."""
        return self._until is None

    @property
    def ends(self) -> bool:
        """Whether the packet that was asked about is the last one that is decoded before the next key frame."""
        return self._ends

    def looks(self, seconds: float) -> bool:
        """Whether a decoded picture is due: the one that is nearest to the cadence. To be asked of all of them."""
        if self._cadence is None:
            return True
        step = 0.0 if self._before is None else seconds - self._before
        self._before = seconds
        wait = self._cadence.seconds
        if self._until is not None and self._key is not None and seconds >= self._key:
            wait = min(wait, self._until - self._key or wait / 2)
        if self._looked is not None and 0 <= seconds - self._looked < wait - step / 2:
            return False
        self._looked = seconds
        return True
