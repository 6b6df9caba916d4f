"""The ground of each camera in the city's folder."""

from pathlib import Path

import pytest

from passerby.apps.node.grounds import Grounds
from passerby.datatypes.errors import InvalidGeometryError
from passerby.edge.groundplane import GroundRecord

MOVED = GroundRecord("people who pass", lapsed="2026-03-01T12:00:00+00:00")


def test_what_was_written_is_read_by_the_next_run(tmp_path: Path) -> None:
    Grounds(tmp_path).write("gate", MOVED.to_json())
    assert Grounds(tmp_path).read("gate") == MOVED.to_json()
    assert Grounds(tmp_path).read("square") is None
    assert [path.name for path in (tmp_path / "ground").iterdir()] == ["gate.json"]


def test_a_file_that_is_no_record_is_none(tmp_path: Path) -> None:
    grounds = Grounds(tmp_path)
    grounds.write("gate", MOVED.to_json())
    (tmp_path / "ground/gate.json").write_text("[1, 2", "utf-8")
    assert grounds.read("gate") is None
    (tmp_path / "ground/gate.json").write_text("{}", "utf-8")
    assert grounds.read("gate") is None


def test_what_is_no_record_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidGeometryError):
        Grounds(tmp_path).write("gate", {"basis": "people who pass"})
    assert not (tmp_path / "ground").exists()
