"""A counter that a city already owns: infrared, loop, or a camera that counts by itself."""

from dataclasses import dataclass

from passerby.datatypes.camera import check_identifier
from passerby.datatypes.place import Place


@dataclass(frozen=True, slots=True)
class Counter:
    """Identity and place of one counter. It gives passages per public window, nothing else."""

    id: str
    name: str
    place: Place

    def __post_init__(self) -> None:
        check_identifier(self.id, "counter")
