"""Each import contract is kept, and is proven to bite: a planted violation must break exactly it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]

PLANTED = {
    "layers": ("gate/planted.py", "from passerby.edge import capture\n"),
    "stages": ("edge/tracking/planted.py", "from passerby.edge import capture\n"),
    "edge-alone": ("edge/capture/planted.py", "import socket\n"),
    "no-pixels": ("public/planted.py", "import cv2\n"),
    "pure-log": ("tlog/planted.py", "import pathlib\n"),
    "light-nouns": ("datatypes/planted.py", "import scipy\n"),
    "neighbours": ("civic/planted.py", "from passerby.civic import objections\n"),
    "civic-sees-public": ("civic/objections/planted.py", "from passerby.gate import release\n"),
    "exact-values": ("public/planted.py", "from passerby.datatypes.measure import Measure\n"),
    "pictures": ("gate/planted.py", "from passerby.datatypes.frame import Frame\n"),
    "no-cycles": ("datatypes/kind.py", "\nimport passerby.datatypes.detections\n"),
}


def lint(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINTER, *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tree / "src")},
        check=False,
    )


def copy_of_the_house(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_house_keeps_every_contract() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(contract: str, tmp_path: Path) -> None:
    tree = copy_of_the_house(tmp_path)
    file, text = PLANTED[contract]
    if file.endswith("kind.py"):
        other = tree / "src/passerby/datatypes/detections.py"
        other.write_text("from passerby.datatypes import kind as _kind\n" + other.read_text("utf-8"), "utf-8")
    target = tree / "src/passerby" / file
    target.write_text((target.read_text("utf-8") if target.exists() else "") + text, "utf-8")
    result = lint(tree, "--contract", contract)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


def test_every_contract_has_a_planted_violation() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    declared = [line.split('"')[1] for line in text.splitlines() if line.startswith("id = ")]
    assert sorted(declared) == sorted(PLANTED)
