"""The model card says how many cars are found from above; this holds it current."""

from pathlib import Path

import pytest
from tests.reference.vehicles.table import CLIP, OTHER, rows

from passerby.apps.assets.entries import find

CARD = Path(__file__).parents[3] / "docs/models/nanodet.md"


@pytest.mark.skipif(not (CLIP.is_file() and OTHER.is_file()), reason="no footage or second detector in ../shared")
def test_the_card_says_what_is_found() -> None:
    if not find("embedded").present:
        pytest.skip("the embedded detector is not here: passerby models get embedded")
    said = CARD.read_text("utf-8")
    for row in rows():
        assert row in said
