"""Where the ground of each camera is remembered: ``<state>/ground/<camera>.json``, written by the node alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import GroundRecord
from passerby.public.ledger.disk import Disk


class Grounds:
    """One file for each camera, there completely or not at all. It holds facts about the camera, nothing of people."""

    def __init__(self, state: Path) -> None:
        """``state``: the city's folder."""
        self._folder = state / "ground"
        self._disk = Disk()

    def read(self, camera: str) -> dict[str, Any] | None:
        """What was written last. None where nothing was, or what is there is no record: the camera learns anew."""
        try:
            return GroundRecord.from_json(json.loads(self._path(camera).read_text("utf-8"))).to_json()
        except (OSError, ValueError, InvalidGeometryError):
            return None

    def write(self, camera: str, values: Mapping[str, Any]) -> None:
        """Raises InvalidGeometryError where the values are no record, OSError where they cannot be written."""
        text = json.dumps(GroundRecord.from_json(values).to_json(), indent=2)
        self._disk.write_files([(self._path(camera), f"{text}\n".encode())])

    def _path(self, camera: str) -> Path:
        return self._folder / f"{camera}.json"
