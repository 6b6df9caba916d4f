"""A description that cannot be used names its field."""

import pytest

from passerby.apps.assets.entries import entries
from passerby.datatypes.kind import Kind
from passerby.edge.detection import DetectorSpecError, read_spec


def text_of(name: str) -> str:
    return next(entry.text for entry in entries() if entry.name == name)


def test_every_detector_of_the_catalogue_can_be_read() -> None:
    detectors = [entry for entry in entries() if entry.kind == "detector"]
    assert detectors
    for entry in detectors:
        spec = read_spec(entry.text)
        assert Kind.PERSON in spec.classes.values()
        assert 0 < spec.threshold <= spec.confident < 1
        assert spec.sha256 == entry.sha256


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("width = 416", "width = -1", "input.width"),
        ('colour = "rgb"', 'colour = "grey"', "input.colour"),
        ('type = "nanodet"', 'type = "ssd"', "head.type"),
        ("threshold = 0.25", 'threshold = "low"', "head.threshold"),
        ('0 = "person"', '0 = "face"', "classes.0"),
        ('0 = "person"\n', "", "no person"),
        ("[input]", "[input", "not TOML"),
    ],
)
def test_a_wrong_field_is_named(old: str, new: str, named: str) -> None:
    text = text_of("nanodet")
    assert old in text
    with pytest.raises(DetectorSpecError, match=named):
        read_spec(text.replace(old, new, 1))
