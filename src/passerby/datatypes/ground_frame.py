"""Where a local ground frame lies on the Earth."""

import math
from dataclasses import dataclass

from passerby.datatypes.errors import InvalidGeometryError
from passerby.datatypes.place import Place

_EQUATOR_M, _ECCENTRICITY_2 = 6_378_137.0, 0.006_694_379_990_14
"""Semi-major axis and first eccentricity squared of WGS 84."""


@dataclass(frozen=True, slots=True)
class GroundFrame:
    """Ties metres of a calibration to WGS 84.

    ``origin``: place of (0, 0) m. ``bearing``: degrees clockwise from true north in which the y axis points; x is to
    its right, seen from above. ``standard_error_m``: of the origin.
    """

    origin: Place
    bearing: float
    standard_error_m: float

    def __post_init__(self) -> None:
        if not (0 <= self.bearing < 360 and abs(self.origin.latitude) <= 89 and self.standard_error_m > 0):
            raise InvalidGeometryError(
                "ground frame lies nowhere",
                expected="a bearing in [0, 360) degrees, away from the poles, and an error above 0 m",
                came=f"bearing {self.bearing}, latitude {self.origin.latitude}, error {self.standard_error_m} m",
                remedy="Give the bearing of the y axis clockwise from true north, and how well the origin is known.",
            )

    def place(self, x: float, y: float) -> Place:
        """The place of (``x``, ``y``) m, on the plane that touches WGS 84 in the origin: up to 70° of latitude good to
        3 cm within 300 m, to 30 cm within a kilometre.
        """
        turn = math.radians(self.bearing)
        east = x * math.cos(turn) + y * math.sin(turn)
        north = y * math.cos(turn) - x * math.sin(turn)
        latitude = math.radians(self.origin.latitude)
        flat = 1 - _ECCENTRICITY_2 * math.sin(latitude) ** 2
        along_meridian = _EQUATOR_M * (1 - _ECCENTRICITY_2) / flat**1.5
        along_parallel = _EQUATOR_M / math.sqrt(flat) * math.cos(latitude)
        longitude = self.origin.longitude + math.degrees(east / along_parallel)
        return Place(self.origin.latitude + math.degrees(north / along_meridian), (longitude + 180) % 360 - 180)
