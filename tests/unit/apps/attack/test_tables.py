"""The figures of docs/privacy.md are what their commands give."""

import math
import re
from pathlib import Path

import pytest

from passerby.apps.attack import tables
from passerby.apps.attack.tables import PageError, replaced
from passerby.apps.attack.twins import CAPS, by_bodies, by_records, from_truth, square, worst_of
from passerby.apps.evaluate.truth import read_truth
from passerby.apps.mandates.files import read_mandate

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs/privacy.md"
TRUTH = ROOT.parent / "shared/footage/pets09-s2l1.truth.txt"


def test_utility_and_intervals_are_current() -> None:
    text = PAGE.read_text("utf-8")
    assert replaced(text, "utility", tables.utility()) == text
    assert replaced(text, "intervals", tables.intervals()) == text


def test_intervals_cover_as_the_page_says() -> None:
    """Within half a percent of 95 % for every family at every window whose scale is at least 11."""
    for row in tables.intervals(draws=30_000).splitlines()[2:]:
        _, _, _, scale, _, exact, drawn = (cell.strip() for cell in row.strip("| ").split(" | "))
        exactly, often = float(exact.removesuffix(" %")), float(drawn.removesuffix(" %"))
        assert 95 <= exactly <= 95 + 5 * (math.exp(1 / float(scale)) - 1)
        assert float(scale) < 11 or exactly <= 95.5
        assert abs(often - exactly) < 0.6


def test_the_odds_on_the_page_follow_from_its_epsilons() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) \| (\d+) % \| (\d+) % \|$", text, re.M)
    assert len(rows) == 5
    for epsilon, even, tenth in rows:
        assert [int(even), int(tenth)] == [round(after(p, float(epsilon))) for p in (0.5, 0.1)]
    days = re.findall(r"^\| .* \| (\d+) \| ([\d.]+) \| ([\d.]+) % \|$", text, re.M)
    assert len(days) == 5
    for tracks, epsilon, even in days:
        assert float(epsilon) == pytest.approx(1.6 * int(tracks) / 2)
        decimals = len(even.partition(".")[2])
        assert float(even) == round(after(0.5, float(epsilon)), decimals)


def after(before: float, epsilon: float) -> float:
    """Most that a belief, in percent, can become: its odds times e^ε."""
    odds = before / (1 - before) * math.exp(epsilon)
    return 100 * odds / (1 + odds)


def test_one_person_less_stays_within_the_caps_of_its_tracks() -> None:
    for change in by_records(square(11, people=6, seconds=40)):
        assert change.above == 0
        assert change.change <= CAPS[change.family] * change.tracks


def test_a_body_that_hides_another_changes_its_tracks() -> None:
    """Twins see what caps do not: with somebody in front gone, the one behind is found."""
    scene = square(12, seconds=40)
    bodies, records = ([change.change for change in found] for found in (by_bodies(scene), by_records(scene)))
    assert bodies != records


@pytest.mark.skipif(not TRUTH.exists(), reason=f"{TRUTH} is not here")
def test_the_twins_of_pets_are_current() -> None:
    scene = from_truth("PETS", read_truth(TRUTH), read_mandate(ROOT / "demo/mandates/junction.toml"), 7.0)
    rows = tables.twins(worst_of(by_records(scene), "pets09-s2l1, true tracks")).splitlines()[2:]
    text = PAGE.read_text("utf-8")
    assert len(rows) == len(CAPS)
    assert all(row in text for row in rows), rows


def test_a_page_without_the_place_is_refused() -> None:
    assert replaced("a\n<!-- x -->\nold\n<!-- /x -->\nb", "x", "new\n") == "a\n<!-- x -->\nnew\n<!-- /x -->\nb"
    with pytest.raises(PageError):
        replaced("nothing", "x", "")
