"""No picture: why, and since when."""

from dataclasses import dataclass
from datetime import datetime

from passerby.datatypes.outage import Outage


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without pictures, from ``since`` (UTC) until ``instant`` (UTC), when it was last looked."""

    cause: Outage
    since: datetime
    instant: datetime
