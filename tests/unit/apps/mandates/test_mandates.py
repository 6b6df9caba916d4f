"""What people read about a mandate before they sign: words, worth, advice, changes, exports, questions."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.apps.city import City, read_city
from passerby.apps.mandates.advice import unusual
from passerby.apps.mandates.changes import changes, effects
from passerby.apps.mandates.exports import Standard, export_as
from passerby.apps.mandates.questions import ask_mandate
from passerby.apps.mandates.toml import write_toml
from passerby.apps.mandates.words import plain_words
from passerby.apps.mandates.worth import Worth, length_text, worth_of
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate
from passerby.gate.mandate import parse_document, parse_toml

ROOT = Path(__file__).parents[4]
EXAMPLES = sorted((ROOT / "spec/examples").glob("*.toml"))
SQUARE = parse_toml((ROOT / "spec/examples/square.toml").read_text("utf-8"))


def changed(change: Callable[[Any], object]) -> Mandate:
    document = copy.deepcopy(dict(SQUARE.document))
    change(document)
    return parse_document(document)


def test_worth_says_where_a_number_is_right_and_where_useless() -> None:
    twelve = Worth(Family.AREA_ENTRIES, 900, 12)
    assert twelve.sentence() == (
        "±12 entries per 15 minutes: right for a square with 500, a station with 3,000; "
        "rough for a quiet street with 40; useless for an alley with 5."
    )
    assert (twelve.right_from, twelve.useless_below) == (120, 24)


def test_worth_follows_the_budget() -> None:
    widths = [worth.half_width for worth in worth_of(SQUARE)]
    halved = changed(lambda d: d["privacy"]["family"][0].update(epsilon="0.5"))
    assert [worth.half_width for worth in worth_of(halved)][:3] == pytest.approx([2 * w for w in widths[:3]], abs=1)


def test_plain_words_name_what_is_measured_and_what_is_refused() -> None:
    text = "\n".join(plain_words(SQUARE))
    for expected in (
        "square, market: how many enter the area (person)",
        "From 2026-03-01 00:00 until 2026-09-01 00:00 (Europe/Tallinn), from 6:00 to 24:00.",
        "Notice before it begins: 14 days.",
        "Never, by anyone: identification of anybody",
        "at most 2 tracks of 120 s on a day",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("seconds", "text"), [(900, "15 minutes"), (3600, "hour"), (86400, "day"), (1209600, "14 days"), (61, "61 seconds")]
)
def test_lengths_in_words(seconds: int, text: str) -> None:
    assert length_text(seconds) == text


def test_an_ordinary_mandate_is_not_unusual() -> None:
    assert list(unusual(SQUARE)) == []
    assert list(unusual(SQUARE, [SQUARE])) == []


def test_advice_compares_with_the_others_of_the_log() -> None:
    bold = changed(
        lambda d: (
            d["schedule"].update(notice_seconds=3600),
            d["privacy"].update(tracks=1, sensor_cap="3"),
            d["privacy"]["family"][0].update(epsilon="2"),
        )
    )
    remarks = list(unusual(bold, [SQUARE]))
    assert "notice: hour, less than in any of the 1 other mandates of the log (14 days)." in remarks
    assert "ε for a sensor and day: 2.6, more than in any of the 1 other mandates of the log (1.6)." in remarks
    assert any("covers square at the same time; the budgets do not fit" in remark for remark in remarks)
    assert any("people need days" in remark for remark in remarks)


def test_advice_finds_numbers_that_are_of_use_nowhere() -> None:
    faint = changed(lambda d: d["privacy"]["family"][1].update(epsilon="0.001"))
    assert any("is of use nowhere" in remark for remark in unusual(faint))


def test_a_successors_changes_are_marked_word_by_word() -> None:
    later = changed(
        lambda d: (
            d["purpose"].update(decision="Whether the market moves to the station in spring."),
            d["measure"].pop(1),
            d["privacy"]["family"].pop(1),
        )
    )
    found = {change.field: change.marked() for change in changes(SQUARE, later)}
    assert found["purpose.decision"].startswith("Whether the market moves to the ~~square~~ **station** in")
    assert found["measure[square/line_crossings/mill-street].line"] == "~~40, 180, 700, 190~~"
    assert found["privacy.family[line_crossings].epsilon"] == "~~0.6~~"
    assert not any(field.startswith("legal") for field in found)
    assert list(changes(SQUARE, SQUARE)) == []


def test_effects_say_whether_more_is_allowed() -> None:
    wider = changed(
        lambda d: (
            d["measure"][0].update(polygon=[[0, 100], [768, 100], [768, 576], [0, 576]]),
            d["measure"][0]["categories"].append("car"),
            d["schedule"].update(notice_seconds=86400, hours=[0, 24]),
            d["privacy"].update(tracks=4, sensor_cap="4"),
        )
    )
    found = list(effects(SQUARE, wider))
    assert "allows more: measures square/area_entries/market/car" in found
    assert any(text.startswith("allows more: area square/market is ") for text in found)
    assert "allows more: notice: 14 days → day" in found
    assert "allows more: hours a day: 18 → 24" in found
    assert "allows less: tracks that the noise hides (K): 2 → 4" in found
    assert found == sorted(found, key=lambda text: text.startswith("allows less"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_toml_that_is_written_reads_the_same(path: Path) -> None:
    mandate = parse_toml(path.read_text("utf-8"))
    assert parse_toml(write_toml(mandate.document)).hash == mandate.hash


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_any_title_survives_toml(title: str) -> None:
    mandate = changed(lambda d: d["mandate"].update(title=title))
    assert parse_toml(write_toml(mandate.document)).hash == mandate.hash


EUROCITIES_REQUIRED = {
    "name", "organization", "department", "country", "contact_email", "description_short", "status",
    "decision_making_process", "domain", "area", "goal", "impact", "risks", "risk_category", "proportionality",
    "lawful_basis", "training_data", "source_data", "connected_data_sources", "algorithm_type", "type", "monitoring",
    "human_intervention", "objection_procedure",
}  # fmt: skip


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_exports_fill_what_the_standards_require(path: Path) -> None:
    mandate = parse_toml(path.read_text("utf-8"))
    eurocities = export_as(mandate, Standard.EUROCITIES, country="Estonia")
    assert {name for name in EUROCITIES_REQUIRED if not eurocities.get(name)} == set()
    assert eurocities["risk_category"] in {"minimal risk", "limited risk", "high risk", "unacceptable"}
    assert len(eurocities["description_short"]) <= 150
    assert 500 <= len(eurocities["description"]) <= 10000
    atrs = export_as(mandate, Standard.ATRS)
    assert [name.split(" ")[0] for name in atrs["tier_2"]] == ["2.1", "2.2", "2.3", "2.4", "2.5"]
    assert all(value for section in atrs["tier_2"].values() for value in section.values())
    dtpr = export_as(mandate, Standard.DTPR)
    assert {"accountable", "purpose", "affected", "functional_modes", "processing", "rights"} <= {
        element["category"] for element in dtpr["elements"]
    }
    assert all(element["additional_description"] for element in dtpr["elements"])


CITY = """
name = "Town"
state = "state"
[log]
origin = "log.town.example"
quorum = 0
[[camera]]
id = "square"
name = "Square"
latitude = 59.437
longitude = 24.745
zone = "Europe/Tallinn"
picture = [768, 576]
"""


@pytest.fixture
def city(tmp_path: Path) -> City:
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    return read_city(tmp_path / "city.toml")


def test_answers_make_a_mandate(city: City) -> None:
    answers = {
        "Short name": "square",
        "Permitted uses, separated by ;": "planning; the market",
        "Numbers for square": "1 2 3 4 5",
        "Kinds, separated by spaces": "person bicycle",
        "Name of the area": "market",
        "Points of the area": "120,200 600,200 700,500",
        "Name of the line": "street",
        "Points of the line": "0,0 700,10",
        "Hours, from-to": "7-19",
    }
    asked: list[str] = []

    def ask(why: str, question: str, usual: str | None) -> str:
        assert why
        asked.append(question)
        return answers.get(question, usual or "As the council decided")

    mandate = parse_document(ask_mandate(city, ask, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)))
    assert {cell.family for cell in mandate.cells} == set(Family) - {Family.COUNTER_PASSAGES}
    assert mandate.hours == (7, 19)
    assert mandate.zone.key == "Europe/Tallinn"
    assert (mandate.expires - mandate.starts).days == 180
    assert len(asked) == len(set(asked))
    assert parse_toml(write_toml(mandate.document)).hash == mandate.hash


def test_an_answer_that_is_not_understood_is_asked_again(city: City) -> None:
    hours = iter(["all day", "8", "8-20"])

    def ask(_: str, question: str, usual: str | None) -> str:
        if question == "Hours, from-to":
            return next(hours)
        if question.startswith("Points"):
            return "10,10 300,20 100,200" if "area" in question else "0,0 700,10"
        return usual or ("market" if "area" in question else "a-name")

    assert ask_mandate(city, ask, datetime(2026, 11, 24, tzinfo=UTC))["schedule"]["hours"] == [8, 20]
