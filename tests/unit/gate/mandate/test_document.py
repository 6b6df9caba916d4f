"""From TOML to the mandate that the software enforces, and every form that it refuses."""

import copy
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate
from passerby.gate.mandate import SCHEMA, MandateError, parse_document, parse_toml
from passerby.gate.mandate.document import document_hash

EXAMPLE = (Path(__file__).parents[4] / "spec/examples/square.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def square() -> Mandate:
    return parse_toml(EXAMPLE)


def test_what_the_text_says_is_what_is_enforced(square: Mandate) -> None:
    assert square.starts == datetime(2026, 2, 28, 22, tzinfo=UTC)
    assert square.expires == datetime(2026, 8, 31, 21, tzinfo=UTC)
    assert square.hours == (6, 24)
    assert (square.tracks, square.track_seconds, square.sensor_cap) == (2, 120, Fraction(2))
    assert square.budgets[Family.LINE_CROSSINGS].epsilon == Fraction(3, 5)
    assert square.sensitivity(Family.AREA_ENTRIES) == 4
    assert [r.seconds for r in square.resolutions] == [900, 3600, 86400]
    assert len(square.cells) == 5
    assert square.sensors == ("square",)


def test_the_hash_is_of_the_values_and_not_of_the_way_they_are_written(square: Mandate) -> None:
    other = EXAMPLE.replace("2026-03-01T00:00:00+02:00", "2026-02-28T22:00:00Z").replace("[120, 200]", "[120.0, 200]")
    assert other != EXAMPLE
    assert parse_toml(f"# a comment\n{other}").hash == square.hash
    assert document_hash(square.document) == square.hash


def test_one_letter_makes_another_mandate(square: Mandate) -> None:
    assert parse_toml(EXAMPLE.replace("Mill Street", "Mill street")).hash != square.hash


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def changed(document: dict[str, Any]) -> None:
        *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        inner: Any = document
        for part in above:
            inner = inner[part]
        if value is None:
            del inner[last]
        else:
            inner[last] = value

    return changed


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("legal", None, "legal is missing"),
        ("legal.basis", None, "legal.basis is missing"),
        ("privacy.family.0.cap", "2", "privacy.family.0.cap is '2', which is no integer"),
        ("cost.paid_by", "fines", "cost.paid_by is no field of a mandate"),
        ("legal.basis", "", "legal.basis"),
        ("legal.basis", 7, "legal.basis"),
        ("schedule.starts", "2026-02-30T00:00:00Z", "instant does not exist"),
        ("schedule.starts", "2027-01-01T00:00:00Z", "ends before it starts"),
        ("schedule.starts", "2026-03-01", "schedule.starts"),
        ("schedule.zone", "Europe/Atlantis", "time zone is unknown"),
        ("schedule.zone", "../../etc/passwd", "time zone is unknown"),
        ("schedule.hours", [20, 6], "has no hours"),
        ("schedule.hours", [0, 25], "schedule.hours.1"),
        ("schedule.notice_seconds", 0, "schedule.notice_seconds"),
        ("privacy.tracks", 0, "privacy.tracks"),
        ("privacy.track_seconds", 7200, "privacy.track_seconds"),
        ("privacy.sensor_cap", "1.5", "spend more than the cap"),
        ("privacy.sensor_cap", 2, "privacy.sensor_cap"),
        ("privacy.family.0.epsilon", "0", "ε above 0"),
        ("privacy.family.0.epsilon", "1e9", "privacy.family.0.epsilon"),
        ("privacy.family.0.epsilon", "-1", "privacy.family.0.epsilon"),
        ("privacy.family.0.name", "speed", "budgets do not fit the measures"),
        ("privacy.family.0.name", "line_crossings", "two budgets"),
        ("privacy.resolution.0.share", "0.9", "more than the whole"),
        ("privacy.resolution.0.share", "0", "share"),
        ("privacy.resolution.0.seconds", 700, "do not nest"),
        ("measure.0.polygon", None, "wrong shape"),
        ("measure.0.polygon", [[0, 0], [10, 10], [10, 0], [0, 10]], "crosses itself"),
        ("measure.1.line", [[1, 1], [1, 1]], "too short"),
        ("measure.0.line", [[0, 0], [9, 9]], "wrong shape"),
        ("measure.0.sensor", "Square", "measure.0.sensor"),
        ("measure.0.categories", ["person.forward"], "category of another family"),
        ("measure.0.categories", ["1.5m"], "category of another family"),
        ("measure.0.categories", ["person", "person"], "names a number twice"),
        ("measure.0.categories", ["face"], "measure.0.categories.0"),
        ("camera", None, "does not say where its cameras are"),
        ("camera.0.id", "station", "does not say where its cameras are"),
        ("camera.0.calibration", "none", "camera.0.calibration"),
        ("detector", None, "names no detector"),
        ("detector.sha256", "AB" * 32, "detector.sha256"),
        ("oversight.log_freshness_seconds", 8 * 86400, "log_freshness_seconds"),
        ("mandate.id", "a/b", "mandate.id"),
        ("mandate.supersedes", "the last one", "mandate.supersedes"),
    ],
)
def test_what_is_not_a_mandate_is_refused_with_the_place(path: str, value: Any, says: str, square: Mandate) -> None:
    document = copy.deepcopy(dict(square.document))
    change(path, value)(document)
    with pytest.raises(PasserbyError) as caught:
        parse_document(document)
    assert says in str(caught.value)


def test_every_fault_of_the_form_is_told() -> None:
    with pytest.raises(MandateError) as caught:
        parse_document({})
    assert len(caught.value.faults) == len(SCHEMA["required"])
    assert "purpose is missing" in caught.value.faults


@pytest.mark.parametrize("text", ["", "=", "[mandate]\nid = 'x'\nid = 'y'", "\x00"])
def test_what_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(MandateError):
        parse_toml(text)


def test_a_text_that_does_not_fit_into_a_leaf_is_refused(square: Mandate) -> None:
    document: Any = copy.deepcopy(dict(square.document))
    for section in ("legal", "affected", "risk", "accountable"):
        document[section] = dict.fromkeys(document[section], "ä" * 4000)
    with pytest.raises(MandateError, match="does not fit into a leaf"):
        parse_document(document)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(MandateError, match="instant has no offset"):
        parse_toml(EXAMPLE.replace("2026-03-01T00:00:00+02:00", "2026-03-01T00:00:00"))


def test_counters_need_no_camera_and_may_have_an_archive(square: Mandate) -> None:
    document: Any = copy.deepcopy(dict(square.document))
    for name in ("camera", "detector"):
        del document[name]
    document["measure"] = [
        {"sensor": "mill", "family": "counter_passages", "subject": "mill", "categories": ["person"]}
    ]
    document["privacy"]["family"] = [{"name": "counter_passages", "epsilon": "1", "cap": 1}]
    document["archive"] = {"start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}
    mandate = parse_document(document)
    assert mandate.archive is not None
    assert mandate.archive.seconds == 366 * 86400


def test_the_example_is_toml_that_people_can_read() -> None:
    assert tomllib.loads(EXAMPLE)["mandate"]["id"] == "town-square"
