"""A detector that a user brings: described by a TOML beside it, and named whole in the mandate."""

import hashlib
import re
from pathlib import Path

import pytest

from passerby.apps.assets.entries import find
from passerby.apps.assets.errors import AssetError
from passerby.apps.assets.fetch import get
from passerby.edge.detection import read_spec

DOCS = (Path(__file__).parents[4] / "docs/detectors.md").read_text("utf-8")


def description(sha256: str) -> str:
    found = re.search(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1].replace("0" * 64, sha256)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "square.onnx").write_bytes(b"a model")
    (tmp_path / "square.toml").write_text(description(hashlib.sha256(b"a model").hexdigest()), "utf-8")
    return tmp_path


def test_the_example_of_the_docs_describes_a_detector(folder: Path) -> None:
    entry = find(str(folder / "square.toml"))
    assert entry.present
    assert entry.path == folder / "square.onnx"
    assert read_spec(entry.text).width == 416


def test_another_file_is_not_the_one_described(folder: Path) -> None:
    (folder / "square.onnx").write_bytes(b"another model")
    entry = find(str(folder / "square.toml"))
    assert not entry.present
    with pytest.raises(AssetError, match="its digest into it"):
        get(entry, lambda _what, _share: None)


def test_a_changed_threshold_is_another_detector_for_a_mandate(folder: Path) -> None:
    before = find(str(folder / "square.toml")).identity
    text = (folder / "square.toml").read_text("utf-8")
    (folder / "square.toml").write_text(text.replace("confident = 0.4", "confident = 0.1"), "utf-8")
    after = find(str(folder / "square.toml")).identity
    assert before["sha256"] == after["sha256"]
    assert before["description"] != after["description"]
    assert set(find("embedded").identity) == {"sha256"}


def test_a_missing_description_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="cannot read"):
        find(str(tmp_path / "nothing.toml"))
