"""The README of the library runs as it stands, and names every module."""

import re
from pathlib import Path

import passerby.tlog

FOLDER = Path(passerby.tlog.__path__[0])
README = (FOLDER / "README.md").read_text("utf-8")


def test_the_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, object] = {}
    for code in blocks:
        exec(compile(code, "README.md", "exec"), names)


def test_it_names_every_module() -> None:
    modules = {file.stem for file in FOLDER.glob("*.py")} - {"__init__", "canonical"}
    assert {name for name in modules if f"`{name}" not in README} == set()
