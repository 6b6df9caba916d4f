"""The menu is closed: what is refused has no field, no name, no library, no switch and no plug-in behind it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.detections import Detections
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind
from passerby.datatypes.measure import Measure
from passerby.datatypes.release import Release
from passerby.datatypes.tracks import Tracks
from passerby.edge.detection import read_spec
from passerby.gate.mandate import PROHIBITED_USES, SCHEMA

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/passerby"

REFUSED = {
    "face", "faces", "facial", "identify", "recognize", "recognise", "reid", "reidentify", "reidentification",
    "embedding", "embeddings", "appearance", "gait", "biometric", "biometrics", "gender", "sex", "female", "male",
    "ethnicity", "race", "skin", "emotion", "emotions", "mood", "sentiment", "anpr", "alpr", "lpr", "ocr", "passport",
    "watchlist", "suspect", "crop", "crops",
}  # fmt: skip
LIBRARIES = re.compile(
    r"face|dlib|mediapipe|insight|deepface|reid|openalpr|ocr|tesseract|fast-alpr|emotion|fer\b|openpose|clip\b", re.I
)
FACE_FUNCTIONS = {"FaceDetectorYN", "FaceRecognizerSF", "CascadeClassifier", "face", "text", "dnn_superres"}
DYNAMIC = {"eval", "exec", "compile", "__import__", "import_module", "entry_points", "spec_from_file_location"}
ENVIRONMENT: dict[str, set[str]] = {
    "__init__.py": set(),
    "apps/node/worker/__main__.py": set(),
    "apps/assets/cache.py": {"PASSERBY_CACHE", "XDG_CACHE_HOME"},
    "apps/bench/node/bench.py": set(),
    "apps/bench/live/watched.py": set(),
    "apps/bench/live/fragile.py": {"FOLDER"},
}
"""Where the environment is used, and what is read of it: only the folder of files whose digests are checked. The first
two read nothing: they set what keeps a library quiet, and to one thread. Benches tell the nodes that they start which
folder is theirs; the worker that is made to crash reads it, and no node of a city starts that one."""


@cache
def trees(root: Path) -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(root.rglob("*.py"))
    return tuple((file.relative_to(root).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files)


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that the code gives or uses."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name


def words(name: str) -> set[str]:
    return {word.lower() for part in re.split(r"[_.]", name) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", part)}


def doors(root: Path) -> list[str]:
    return [f"{file}: {name}" for file, tree in trees(root) for name in names(tree) if words(name) & REFUSED]


def dynamic(root: Path) -> list[str]:
    return [f"{file}: {name}" for file, tree in trees(root) for name in names(tree) if name in DYNAMIC]


def environment(root: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file, tree in trees(root):
        if {"environ", "getenv"} & set(names(tree)):
            keys = {
                node.args[0].value
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
                if "environ" in ast.dump(node.func) or "getenv" in ast.dump(node.func)
            }
            keys |= {
                ast.unparse(node.slice)
                for node in ast.walk(tree)
                if isinstance(node, ast.Subscript)
                and isinstance(node.ctx, ast.Load)
                and "environ" in ast.dump(node.value)
            }
            found[file] = {str(key) for key in keys}
    return found


def test_no_name_in_the_code_is_about_who_somebody_is() -> None:
    assert doors(SOURCE) == []


def test_nothing_is_loaded_that_is_not_imported() -> None:
    found = dynamic(SOURCE)
    assert [place for place in found if not place.endswith(": compile")] == []
    compiled = {place.split(":")[0] for place in found}
    for file, tree in trees(SOURCE):
        if file in compiled:
            calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
            used = [f for f in calls if isinstance(f, ast.Attribute) and f.attr == "compile"]
            assert all(isinstance(f.value, ast.Name) and f.value.id == "re" for f in used), file
            assert not any(isinstance(f, ast.Name) and f.id == "compile" for f in calls), file


def test_no_environment_variable_changes_what_is_measured() -> None:
    assert environment(SOURCE) == ENVIRONMENT


@pytest.mark.parametrize(
    ("text", "found"),
    [("def match_faces(crop): ...\n", doors), ("import os\nDEBUG = os.getenv('DEBUG')\n", environment)],
)
def test_a_planted_door_is_found(text: str, found: Any, tmp_path: Path) -> None:
    (tmp_path / "sly.py").write_text(text, "utf-8")
    assert found(tmp_path)


def test_a_planted_plug_in_is_found(tmp_path: Path) -> None:
    (tmp_path / "sly.py").write_text("from importlib.metadata import entry_points\nentry_points()\n", "utf-8")
    assert dynamic(tmp_path)


def test_no_library_of_the_house_is_made_for_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [one for one in project["dependencies"] if LIBRARIES.search(one)] == []
    assert [one for group in project["optional-dependencies"].values() for one in group if LIBRARIES.search(one)] == []
    locked = (ROOT / "requirements.lock").read_text("utf-8")
    assert [line for line in locked.splitlines() if "==" in line and LIBRARIES.search(line.split("==")[0])] == []
    assert "entry-points" not in project


def test_opencv_is_used_for_arithmetic_and_not_for_faces_or_text() -> None:
    used = {
        node.attr
        for _, tree in trees(SOURCE / "edge")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cv2"
    }
    assert used
    assert used & FACE_FUNCTIONS == set()


def test_the_nouns_have_no_place_for_a_person() -> None:
    assert {f.name for f in fields(Detections)} == {"xyxy", "score", "kind", "instant"}
    assert {f.name for f in fields(Tracks)} == {"id", "xyxy", "kind", "instant"}
    assert {f.name for f in fields(Measure)} == {"cell", "window", "value", "coverage", "outage"}
    assert {f.name for f in fields(Release)} == {
        "cell", "window", "value", "scale", "half_width", "coverage", "outage", "mandate",
    }  # fmt: skip


def test_kinds_and_families_are_the_ones_that_were_decided() -> None:
    assert {kind.label for kind in Kind} == {"person", "bicycle", "motorcycle", "car", "bus", "truck"}
    assert {family.value for family in Family} == {
        "area_entries", "line_crossings", "person_seconds", "close_pair_seconds", "speed", "counter_passages",
    }  # fmt: skip


def test_a_detector_of_anything_else_is_refused() -> None:
    text = (SOURCE / "apps/assets/catalogue/nanodet.toml").read_text("utf-8")
    assert read_spec(text)
    with pytest.raises(PasserbyError, match="'face'"):
        read_spec(re.sub(r'= "car"', '= "face"', text, count=1))


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from _objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _objects(part)


def test_no_table_of_a_mandate_takes_a_field_that_is_not_named() -> None:
    tables = list(_objects(SCHEMA))
    assert len(tables) > 15
    assert all(table["additionalProperties"] is False for table in tables)
    assert SCHEMA["properties"]["purpose"]["properties"]["prohibited_uses"] == {"const": list(PROHIBITED_USES)}
