"""Retooling by the text of a mandate."""

from typing import Any

import pytest

from passerby.gate.mandate import LimitsError, MandateError, NotAuthorizedError, mandate_leaf
from passerby.gate.mandate.leaf import LeafRefusedError


def _set(section: str, **values: Any) -> Any:
    return lambda document: document[section].update(values)


def test_edit_after_signing(town: Any, refuses: Any) -> None:
    """Change one word of a signed mandate and log it with the signatures that were for the other text."""
    signed, edited = town.draft(), town.draft(_set("purpose", decision="Whom to fine"))
    town.log(mandate_leaf(edited))
    swapped = town.approval(signed).replace(signed.hash.encode(), edited.hash.encode())
    with refuses(
        LeafRefusedError,
        "approval of mandate town-square is not signed; expected signature lines of the city's roles over this "
        "mandate, each key once; got signature of council does not fit the text. "
        "Sign the mandate as it is in the log: passerby mandate sign.",
    ):
        town.view().admit(swapped)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: d["measure"][0]["polygon"].append([0, 300]), id="widen_an_area"),
        pytest.param(lambda d: d["measure"][0]["categories"].append("car"), id="add_a_measure"),
        pytest.param(lambda d: d["measure"][1].update(line=[[0, 0], [700, 500]]), id="move_a_line"),
        pytest.param(_set("detector", sha256="c" * 64), id="swap_the_detector"),
        pytest.param(lambda d: d["privacy"]["family"][0].update(epsilon="1.4"), id="change_epsilon"),
        pytest.param(_set("privacy", tracks=4), id="change_k"),
        pytest.param(_set("privacy", track_seconds=600), id="change_rho"),
        pytest.param(lambda d: d["privacy"]["resolution"][0].update(seconds=60), id="change_windows"),
        pytest.param(lambda d: d["privacy"]["family"][0].update(cap=1), id="lower_the_sensitivity"),
        pytest.param(_set("schedule", hours=[0, 24]), id="longer_hours"),
        pytest.param(_set("schedule", expires="2026-10-01T00:00:00Z"), id="later_expiry"),
    ],
)
def test_successor_on_old_approval(change: Any, town: Any, refuses: Any) -> None:
    """Once it is in force, widen an area, add a measure, move a line, swap the detector, change ε, K, ρ or the windows,
    lower the sensitivity, lengthen hours or life, and let the new text live on the old approval."""
    signed = town.enact()
    edited = town.draft(change)
    town.log(town.approval(signed).replace(signed.hash.encode(), edited.hash.encode()))
    town.give_notice(edited)
    town.log(town.approval(signed).replace(signed.hash.encode(), edited.hash.encode()))
    with refuses(
        NotAuthorizedError,
        "mandate town-square is not in force; expected a mandate that was approved, gave its notice and has not ended; "
        "got state logged. See what is missing: passerby mandate show.",
    ):
        town.authorize(edited)
    assert town.authorize(signed).mandate.hash == signed.hash


def test_text_that_is_not_in_the_log(town: Any, refuses: Any) -> None:
    """Measure under a mandate that everybody signed and nobody published."""
    town.enact()
    with refuses(
        NotAuthorizedError,
        "mandate … is not in the log; expected a mandate among the 4 leaves; got none with this hash. "
        "Publish it: passerby mandate publish.",
    ):
        town.authorize(town.draft(_set("purpose", decision="Another")))


def test_add_a_camera(town: Any, refuses: Any) -> None:
    """Point the node at a camera that the mandate does not name."""
    mandate = town.enact()
    with refuses(NotAuthorizedError, "mandate town-square does not cover school; expected square."):
        town.authorize(mandate, sensor="school")


def test_shorten_the_notice(town: Any, refuses: Any) -> None:
    """Have all roles approve a mandate with an hour's notice."""
    with refuses(
        LimitsError,
        "mandate town-square goes beyond the city's limits; expected a notice of at least 432000 s; got 3600 s. "
        "The limits stand in the roles leaf of the log; no approval lifts them.",
    ):
        town.view().admit(mandate_leaf(town.draft(_set("schedule", notice_seconds=3600))))


def test_log_beyond_the_limits(town: Any, refuses: Any) -> None:
    """Log a mandate with an hour's notice all the same, with every approval."""
    hasty = town.enact(_set("schedule", notice_seconds=3600))
    with refuses(NotAuthorizedError, "mandate … is not in the log; expected a mandate among the 4 leaves; got none …"):
        town.authorize(hasty)


def test_protect_fewer_tracks(town: Any, refuses: Any) -> None:
    """Declare K = 1, which halves the noise."""
    with refuses(
        LimitsError,
        "mandate town-square goes beyond the city's limits; expected K of at least 2; a sensor's cap of at most ε 1; "
        "got K = 1; ε 2. The limits stand in the roles leaf of the log; no approval lifts them.",
    ):
        town.view().admit(mandate_leaf(town.draft(_set("privacy", tracks=1))))


def test_raise_the_cap(town: Any, refuses: Any) -> None:
    """Ask for ε 20 a day, so that the noise is nothing."""
    with refuses(
        LimitsError,
        "mandate town-square goes beyond the city's limits; expected a sensor's cap of at most ε 2; got ε 20. "
        "The limits stand in the roles leaf of the log; no approval lifts them.",
    ):
        town.view().admit(mandate_leaf(town.draft(_set("privacy", sensor_cap="20"))))


def test_never_end(town: Any, refuses: Any) -> None:
    """Give a mandate twenty years."""
    with refuses(
        LimitsError,
        "mandate town-square goes beyond the city's limits; expected at most 366 days; got 7489 days. "
        "The limits stand in the roles leaf of the log; no approval lifts them.",
    ):
        town.view().admit(mandate_leaf(town.draft(_set("schedule", expires="2046-09-01T00:00:00Z"))))


def test_measure_who_somebody_is(town: Any, refuses: Any) -> None:
    """Ask for a family that is not on the menu."""
    with refuses(
        MandateError,
        "mandate has a form that is not on the menu; expected the fields of spec/mandate.md; got "
        "measure.0.family is 'face_recognition', which is not on the menu: area_entries, line_crossings, "
        "person_seconds, close_pair_seconds, speed, counter_passages. Check it: passerby mandate check FILE.",
    ):
        town.draft(lambda d: d["measure"][0].update(family="face_recognition"))


def test_split_by_who_somebody_is(town: Any, refuses: Any) -> None:
    """Ask for people of one sex as a category."""
    with refuses(
        MandateError,
        "mandate has a form that is not on the menu; expected the fields of spec/mandate.md; got "
        "measure.0.categories.0 is 'person.female', which is not of the form …",
    ):
        town.draft(lambda d: d["measure"][0].update(categories=["person.female"]))


def test_waive_a_refusal(town: Any, refuses: Any) -> None:
    """Leave identification out of the list of what is never done."""
    with refuses(
        MandateError,
        "mandate has a form that is not on the menu; expected the fields of spec/mandate.md; got "
        "purpose.prohibited_uses is not word for word what every mandate says. "
        "Check it: passerby mandate check FILE.",
    ):
        town.draft(lambda d: d["purpose"].update(prohibited_uses=d["purpose"]["prohibited_uses"][1:]))


def test_invent_a_field(town: Any, refuses: Any) -> None:
    """Write a switch for identification into the mandate and hope that something reads it."""
    with refuses(
        MandateError,
        "mandate has a form that is not on the menu; expected the fields of spec/mandate.md; got "
        "identification is no field of a mandate. "
        "Check it: passerby mandate check FILE.",
    ):
        town.draft(lambda d: d.update(identification={"enabled": True}))


def test_decode_old_footage(town: Any, refuses: Any) -> None:
    """Give a camera an archive, so that recordings of last year may be decoded."""
    with refuses(
        MandateError,
        "only counters have an archive; expected counter_passages alone; got a family of cameras. "
        "Check it: passerby mandate check FILE.",
    ):
        town.draft(lambda d: d.update(archive={"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}))


def test_draw_one_name_twice(town: Any, refuses: Any) -> None:
    """Draw the market as one area to approve and as another to measure."""
    with refuses(
        MandateError,
        "mandate draws 'market' in two ways; expected one shape for each name; got two. "
        "Check it: passerby mandate check FILE.",
    ):
        town.draft(
            lambda d: d["measure"].append(
                {**d["measure"][0], "categories": ["car"], "polygon": [[0, 0], [768, 0], [768, 576]]}
            )
        )
