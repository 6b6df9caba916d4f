"""What an operator may see of a node at work: cost, speed, coverage, budget. Never a count."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Literal

CameraState = Literal["asleep", "not-mandated", "measuring", "outage", "ended"]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera now. ``stages``: s of CPU time by stage. ``coverage``: of the last window, None before it."""

    state: CameraState = "asleep"
    frames: int = 0
    stream_seconds: float = 0.0
    busy_seconds: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    coverage: float | None = None
    windows: int = 0
    epsilon_spent: str = "0"
    note: str = ""

    @property
    def speed(self) -> float:
        """How many times faster than real time the work is: seconds of stream for each second of work."""
        return self.stream_seconds / self.busy_seconds if self.busy_seconds else 0.0


class StatusBoard:
    """Latest status by camera; safe between threads."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._lock = Lock()
        self._status = {camera: CameraStatus() for camera in cameras}

    def update(self, camera: str, **changes: object) -> None:
        """Replace some fields of one camera's status."""
        with self._lock:
            self._status[camera] = replace(self._status[camera], **changes)  # type: ignore[arg-type]

    def of(self, camera: str) -> CameraStatus:
        """The status of one camera."""
        with self._lock:
            return self._status[camera]

    def all(self) -> dict[str, CameraStatus]:
        """A copy of every camera's status."""
        with self._lock:
            return dict(self._status)
