"""Some nouns have one maker. Whoever else constructs them opens a second door."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/passerby"

MAKERS = {
    "Release": ("gate/release.py",),
    "Authorization": ("gate/mandate/authorize.py",),
    "Measure": ("edge/measurement/", "edge/counters/", "edge/transfer/"),
}


def places_that_construct(tree: Path, noun: str) -> set[str]:
    found = set()
    for file in tree.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
                if name == noun:
                    found.add(file.relative_to(tree).as_posix())
    return found


@pytest.mark.parametrize("noun", MAKERS)
def test_only_its_maker_constructs_it(noun: str) -> None:
    places = places_that_construct(SOURCE, noun)
    assert places, f"nobody constructs {noun}"
    assert all(place.startswith(MAKERS[noun]) for place in places), places


def test_a_second_door_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "sly.py").write_text("import m\nm.Release(1, 2)\n", "utf-8")
    assert places_that_construct(tmp_path, "Release") == {"sly.py"}


def test_every_folder_of_code_is_a_package() -> None:
    folders = {file.parent for file in SOURCE.rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders)
