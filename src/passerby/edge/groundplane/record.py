"""What is remembered of a camera's ground from one run of the node to the next: facts about the camera alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from passerby.datatypes.errors import InvalidGeometryError

PARAMETERS = 5
"""Of a camera: the first ones of a candidate. How fast people walk there is not remembered."""


@dataclass(frozen=True, slots=True)
class GroundRecord:
    """``basis``: of which calibration this is said, ``people who pass`` or a digest of surveyed points. ``lapsed``:
    since when (ISO 8601, UTC) the camera looks elsewhere, or None.

    ``mean``, ``spread``: of the likely cameras (see ``candidates``), and ``standard_error_m``; None until enough people
    passed. ``spread`` is the covariance, row by row.
    """

    basis: str
    lapsed: str | None = None
    mean: tuple[float, ...] | None = None
    spread: tuple[float, ...] | None = None
    standard_error_m: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "GroundRecord":
        """Raises InvalidGeometryError where the values are no record."""
        try:
            mean, spread, error = values["mean"], values["spread"], values["standard_error_m"]
            if mean is not None:
                mean, spread = tuple(map(float, mean)), tuple(map(float, spread))
                square = np.array(spread).reshape(PARAMETERS, PARAMETERS)
                sound = len(mean) == PARAMETERS and bool(np.isfinite([*mean, *spread]).all()) and float(error) > 0
                if not sound or np.linalg.eigvalsh(square).min() < -1e-9:
                    raise ValueError
            lapsed = values["lapsed"]
            return cls(str(values["basis"]), None if lapsed is None else str(lapsed), mean, spread, error)
        except (KeyError, TypeError, ValueError, np.linalg.LinAlgError) as error_:
            raise InvalidGeometryError(
                "record of a camera's ground is not readable",
                expected="the values that the node wrote",
                came=type(error_).__name__,
                remedy="Remove the file: the camera then learns its ground anew.",
            ) from error_
