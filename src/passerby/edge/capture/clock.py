"""The time of day, as something that tests can hold still."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says the time and waits."""

    def now(self) -> datetime:
        """The present instant, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))
