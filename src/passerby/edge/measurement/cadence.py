"""How often a mandate needs a look."""

from passerby.datatypes.cadence import Cadence
from passerby.datatypes.camera import Camera
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate

FLOW = Cadence(0.4)
"""Who crosses, how fast, how near to whom: a track must hold from look to look. Somebody who walks goes half a metre
in between; at half a second more of them are missed."""
OCCUPANCY = Cadence(1.0, key_seconds=2.0, again=0.3)
"""How many, for how long: each look stands for the time until the next."""


def cadence_for(camera: Camera, mandate: Mandate) -> Cadence:
    """The slowest cadence at which all of a camera's measures can be met. A background plate is proven empty by looks
    that follow closely on each other."""
    families = {cell.family for cell in mandate.cells_of(camera.id)}
    slow = families <= {Family.PERSON_SECONDS} and not mandate.background_plate
    return OCCUPANCY if slow else FLOW
