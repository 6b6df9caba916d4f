"""What an operator may see of a node at work: cost, speed, coverage, budget. Never a count."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Literal

STEADY_STAGES = ("capture", "quality", "detection")
CameraState = Literal["asleep", "not-mandated", "measuring", "outage", "ended"]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera now. ``stages``: s of CPU time by stage. ``coverage``: of the last window, None before it.

    ``delay_seconds``: from the instant of the last picture until it was looked at.
    ``rest``: share of the last minute that was not decoded because the machine has too little for all.
    ``rested_seconds``: of the stream, in all, until the key frame that ends each rest.
    ``whole``: every picture is decoded, not the key frames alone.
    ``slow``: its measures need one look a second. ``stream``: which is taken, and ``why``. ``has_substream``: whether
    there is a choice. ``position_error_m``: standard error of a place on the ground, None while it is not known.
    ``moved_since``: when its surveyed points lapsed.
    """

    state: CameraState = "asleep"
    frames: int = 0
    stream_seconds: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    delay_seconds: float = 0.0
    coverage: float | None = None
    rest: float = 0.0
    rested_seconds: float = 0.0
    whole: bool = True
    slow: bool = False
    stream: Literal["main", "sub"] = "main"
    why: str = ""
    has_substream: bool = False
    position_error_m: float | None = None
    moved_since: str | None = None
    windows: int = 0
    epsilon_spent: str = "0"
    note: str = ""

    @property
    def speed(self) -> float:
        """How many times faster than real time the work is: seconds of stream for each second of CPU time."""
        busy = sum(self.stages.values())
        return self.stream_seconds / busy if busy else 0.0

    @property
    def steady_cost(self) -> float:
        """CPU seconds for a second of stream of the stages that do the same work whoever is there. The cost of the
        others would be a count."""
        return sum(self.cost_of(stage) for stage in STEADY_STAGES)

    def cost_of(self, stage: str) -> float:
        """CPU seconds of one stage for a second of stream that was decoded."""
        decoded = self.stream_seconds - self.rested_seconds
        return self.stages.get(stage, 0.0) / decoded if decoded > 0 else 0.0


class StatusBoard:
    """Latest status by camera; safe between threads."""

    def __init__(self, cameras: tuple[str, ...]) -> None:
        self._lock = Lock()
        self._status = {camera: CameraStatus() for camera in cameras}

    def __contains__(self, camera: str) -> bool:
        return camera in self._status

    def update(self, camera: str, **changes: Any) -> None:
        """Replace some fields of one camera's status."""
        with self._lock:
            self._status[camera] = replace(self._status[camera], **changes)

    def of(self, camera: str) -> CameraStatus:
        """The status of one camera now."""
        with self._lock:
            return self._status[camera]

    def all(self) -> dict[str, CameraStatus]:
        """Every camera's status now."""
        return {camera: self.of(camera) for camera in self._status}
