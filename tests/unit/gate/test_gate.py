"""What the gate lets out, and everything that it refuses."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from passerby.apps.attack.faults import FaultyDisk
from passerby.datatypes.family import Family
from passerby.datatypes.release import Release
from passerby.gate import gate as gate_module
from passerby.gate.gate import GateError
from passerby.gate.mandate.document import MandateError, parse_document
from passerby.gate.manifest import batch_root, decimal, signed_by
from passerby.gate.privacy.accountant import BudgetError
from passerby.gate.privacy.journal import JournalError
from passerby.tlog.key import KeyType, SigningKey

QUARTER = timedelta(minutes=15)


def rows(batch: Any) -> list[list[str]]:
    return [line.split(",") for line in batch.lines]


def test_a_window_gives_one_line_for_each_cell_whatever_is_in_it(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    for k, value in enumerate((0, 7, None)):
        batch = gate.release(house.measures(mandate, noon + k * QUARTER, value), house.authorizations(mandate))
        assert ["/".join(row[:4]) for row in rows(batch)] == [str(cell) for cell in mandate.cells]
        assert all((row[6] == "") == (value is None) for row in rows(batch))
        assert all(row[10] == ("no-signal" if value is None else "") for row in rows(batch))


def test_lines_do_not_depend_on_the_order_of_the_measures(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    batch = gate.release(house.measures(mandate, noon, windows=2)[::-1], house.authorizations(mandate))
    keys = [(row[4], "/".join(row[:4])) for row in rows(batch)]
    assert keys == sorted(keys)


def test_hour_and_day_come_with_the_window_that_ends_them_and_have_noise_of_their_own(house: Any) -> None:
    gate, mandate = house.open(), house.mandate()
    start = datetime(2026, 5, 31, 21, tzinfo=UTC)  # midnight in Tallinn
    batch = gate.release(house.measures(mandate, start, 1000, windows=96), house.authorizations(mandate))
    lengths = [
        datetime.fromisoformat(row[5]) - datetime.fromisoformat(row[4])
        for row in rows(batch)
        if row[1] == "area_entries" and row[3] == "person"
    ]
    assert lengths == [QUARTER] * 96 + [timedelta(hours=1)] * 24 + [timedelta(days=1)]
    by_scale = {row[7] for row in rows(batch) if row[1] == "area_entries"}
    assert by_scale == {"6.666667", "20.000000"}
    day = [int(row[6]) for row in rows(batch)][-len(mandate.cells)]
    assert abs(day - 96_000) < 2_000


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_of_23_and_25_hours_are_one_day_each(house: Any, day: str, hours: int) -> None:
    gate, mandate = house.open(), house.mandate()
    start = datetime.fromisoformat(day).replace(tzinfo=mandate.zone).astimezone(UTC)
    batch = gate.release(house.measures(mandate, start, 3, windows=4 * hours), house.authorizations(mandate))
    assert len(batch.lines) == len(mandate.cells) * (4 * hours + hours + 1)
    assert gate.charged("square-1", day) == Fraction("1.6")
    before, after = (datetime.fromisoformat(day) + timedelta(days=n) for n in (-1, 1))
    assert gate.charged("square-1", before.date().isoformat()) == 0
    assert gate.charged("square-1", after.date().isoformat()) == 0


def test_a_day_is_debited_once_with_all_families_and_shares(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    for k in range(3):
        gate.release(house.measures(mandate, noon + k * QUARTER), house.authorizations(mandate))
    assert gate.charged("square-1", "2026-06-01") == Fraction("1.6")


def test_what_was_released_is_refused_now_and_after_every_restart(house: Any, noon: datetime) -> None:
    mandate = house.mandate()
    house.open().release(house.measures(mandate, noon, windows=3), house.authorizations(mandate))
    for _ in range(2):
        for k in range(-4, 3):
            with pytest.raises(GateError, match="already"):
                house.open().release(house.measures(mandate, noon + k * QUARTER), house.authorizations(mandate))
    house.open().release(house.measures(mandate, noon + 3 * QUARTER), house.authorizations(mandate))


def test_a_refused_release_leaves_no_trace_in_the_totals(house: Any) -> None:
    """Windows that were refused must not count in the hour that they lie in."""
    gate, mandate = house.open(), house.mandate()
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    authorizations = house.authorizations(mandate)
    gate.release(house.measures(mandate, start, 0, windows=3), authorizations)
    for _ in range(50):
        with pytest.raises(GateError):
            gate.release(house.measures(mandate, start, 1_000_000, windows=2), authorizations)
    batch = gate.release(house.measures(mandate, start + 3 * QUARTER, 0), authorizations)
    hours = [int(row[6]) for row in rows(batch) if row[7] in ("20.000000", "33.333334")]
    assert len(hours) == 4
    assert max(map(abs, hours)) < 2_000


def test_after_a_restart_a_total_says_how_little_it_saw(house: Any, noon: datetime) -> None:
    mandate = house.mandate()
    house.open().release(house.measures(mandate, noon, 5), house.authorizations(mandate))
    batch = house.open().release(house.measures(mandate, noon + QUARTER, 5, windows=3), house.authorizations(mandate))
    hour = [row for row in rows(batch) if row[4].endswith("12:00:00Z") and row[5].endswith("13:00:00Z")]
    assert {(row[9], row[10]) for row in hour} == {("750", "")}
    house.open().release(house.measures(mandate, noon + 4 * QUARTER, 5, windows=3), house.authorizations(mandate))
    batch = house.open().release(house.measures(mandate, noon + 7 * QUARTER, 5), house.authorizations(mandate))
    hour = [row for row in rows(batch) if row[4].endswith("13:00:00Z") and row[5].endswith("14:00:00Z")]
    assert {(row[6], row[9], row[10]) for row in hour} == {("", "250", "restart")}


def test_windows_off_the_grid_are_refused(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    whole = house.measures(mandate, noon)
    for start, end in ((0, 300), (60, 960), (0, 1800), (300, 900)):
        window = replace(whole[0].window, start=noon + timedelta(seconds=start), end=noon + timedelta(seconds=end))
        with pytest.raises(GateError, match="not on the grid"):
            gate.release([replace(one, window=window) for one in whole], house.authorizations(mandate))
    assert gate.charged("square-1", "2026-06-01") == 0


@pytest.mark.parametrize("change", [lambda m: m[1:], lambda m: m[:-1], lambda m: [*m, m[0]], lambda m: [m[0]] * len(m)])
def test_cells_that_are_missing_or_double_are_refused(house: Any, noon: datetime, change: Any) -> None:
    gate, mandate = house.open(), house.mandate()
    with pytest.raises(GateError, match="not complete"):
        gate.release(change(house.measures(mandate, noon)), house.authorizations(mandate))


def test_nothing_is_released_without_an_authorization_that_covers_it(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    measures, (authorization,) = house.measures(mandate, noon), house.authorizations(mandate)
    other = house.mandate(tracks=3)
    for wrong in (
        [],
        [replace(authorization, valid_until=noon)],
        [replace(authorization, valid_from=noon + QUARTER)],
        [replace(authorization, sensor="square-2")],
        [authorization, replace(authorization, mandate=other, sensor="square-2")],
    ):
        with pytest.raises(GateError):
            gate.release(measures, wrong)
    with pytest.raises(GateError):
        gate.release([], [authorization])
    assert gate.pending() == []


def test_mandates_share_the_cap_of_a_sensor(house: Any, noon: datetime) -> None:
    gate, first = house.open(), house.mandate()
    gate.release(house.measures(first, noon), house.authorizations(first))
    second = house.mandate(
        family=[
            {"name": "area_entries", "epsilon": "0.2", "cap": 2},
            {"name": "line_crossings", "epsilon": "0.2", "cap": 2},
        ]
    )
    gate.release(house.measures(second, noon), house.authorizations(second))
    assert gate.charged("square-1", "2026-06-01") == 2
    third = house.mandate(
        family=[
            {"name": "area_entries", "epsilon": "0.000001", "cap": 2},
            {"name": "line_crossings", "epsilon": "0.000001", "cap": 2},
        ]
    )
    for _ in range(2):
        with pytest.raises(BudgetError, match="is spent"):
            house.open().release(house.measures(third, noon), house.authorizations(third))


def test_a_later_mandate_cannot_raise_the_cap(house: Any, noon: datetime) -> None:
    first, generous = house.mandate(), house.mandate(sensor_cap="100")
    house.open().release(house.measures(first, noon), house.authorizations(first))
    with pytest.raises(BudgetError, match="at most ε 2 a day"):
        house.open().release(house.measures(generous, noon), house.authorizations(generous))


def test_a_smaller_k_does_not_stretch_the_cap(house: Any, noon: datetime) -> None:
    """ε for K = 1 costs a track twice as much as ε for K = 2."""
    first, single = (
        house.mandate(),
        house.mandate(
            tracks=1,
            sensor_cap="1.3",
            family=[
                {"name": "area_entries", "epsilon": "0.2", "cap": 2},
                {"name": "line_crossings", "epsilon": "0.1", "cap": 2},
            ],
        ),
    )
    gate = house.open()
    gate.release(house.measures(first, noon), house.authorizations(first))
    with pytest.raises(BudgetError):
        gate.release(house.measures(single, noon), house.authorizations(single))


def test_what_another_node_charged_counts_here(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    leaf = {
        "type": "budget-day",
        "day": "2026-06-01",
        "mandate": "f" * 64,
        "node": "other",
        "sensors": {"square-1": "0.5"},
    }
    gate.learn(leaf)
    gate.learn(leaf)
    assert gate.charged("square-1", "2026-06-01") == Fraction("0.5")
    with pytest.raises(BudgetError, match=r"ε 0.5 already"):
        gate.release(house.measures(mandate, noon), house.authorizations(mandate))


def test_two_nodes_do_not_measure_one_sensor_under_one_mandate(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    gate.release(house.measures(mandate, noon), house.authorizations(mandate))
    gate.learn(
        {
            "type": "budget-day",
            "day": "2026-06-01",
            "mandate": mandate.hash,
            "node": "other",
            "sensors": {"square-1": "1"},
        }
    )
    with pytest.raises(BudgetError, match="measured by another node"):
        gate.release(house.measures(mandate, noon + QUARTER), house.authorizations(mandate))


def test_a_journal_older_than_the_log_releases_nothing(house: Any, noon: datetime) -> None:
    mandate = house.mandate()
    gate = house.open()
    old = house.journal.read_bytes()
    leaves = gate.release(house.measures(mandate, noon), house.authorizations(mandate)).leaves
    house.close()
    house.journal.write_bytes(old)
    gate = house.open()
    for leaf in leaves:
        gate.learn(json.loads(leaf))
    with pytest.raises(GateError, match="older than the log"):
        gate.release(house.measures(mandate, noon, 9), house.authorizations(mandate))


def test_two_machines_with_one_journal_both_stop(house: Any, new_house: Any, noon: datetime, tmp_path: Path) -> None:
    """Each releases the same window before it hears of the other; then neither goes on."""
    mandate, gate = house.mandate(), house.open()
    house.close()
    copy = new_house(tmp_path / "copy")
    copy.folder.mkdir()
    copy.journal.write_bytes(house.journal.read_bytes())
    gates = [house.open(), copy.open()]
    batches = [gate.release(house.measures(mandate, noon), house.authorizations(mandate)) for gate in gates]
    for gate, other in zip(gates, reversed(batches), strict=True):
        for leaf in other.leaves:
            gate.learn(json.loads(leaf))
        with pytest.raises(GateError, match="two machines"):
            gate.release(house.measures(mandate, noon + QUARTER), house.authorizations(mandate))


@pytest.mark.parametrize(("windows", "outage"), [(40, ""), (19, "restart")])
def test_a_day_is_judged_by_the_hours_of_its_mandate(house: Any, windows: int, outage: str) -> None:
    """Ten hours, all seen, are a day's total; less than half of them are an outage."""
    gate, mandate = house.open(), replace(house.mandate(), hours=(8, 18))
    morning = datetime(2026, 6, 1, 5, tzinfo=UTC)
    gate.release(house.measures(mandate, morning, 3, windows=windows), house.authorizations(mandate))
    batch = gate.release(house.measures(mandate, morning + timedelta(days=1)), house.authorizations(mandate))
    days = [row for row in rows(batch) if row[5] == "2026-06-01T21:00:00Z" and row[4] == "2026-05-31T21:00:00Z"]
    assert {row[10] for row in days} == {outage}
    assert {row[9] for row in days} == {str(50 * round(20 * windows / 96))}


def test_coverage_is_published_in_steps_of_five_percent(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    measures = [replace(one, coverage=0.9631) for one in house.measures(mandate, noon)]
    assert {row[9] for row in rows(gate.release(measures, house.authorizations(mandate)))} == {"950"}


def test_leaves_that_prove_nothing_change_nothing(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    forged = {
        "type": "manifest",
        "node": "node.city.example",
        "sequence": 5,
        "mandate": "0" * 64,
        "count": 1,
        "root": "0" * 64,
    }
    for leaf in (
        {**forged, "signature": "— node.city.example AAAAAAAA"},
        forged,
        {"type": "manifest"},
        {
            "type": "budget-day",
            "day": "2026-06-01",
            "mandate": "0" * 64,
            "node": "other",
            "sensors": {"square-1": "1/0"},
        },
        {"type": "budget-day", "sensors": []},
        {},
    ):
        gate.learn(leaf)
    assert gate.charged("square-1", "2026-06-01") == 0
    assert gate.release(house.measures(mandate, noon), house.authorizations(mandate)).sequence == 0


def test_a_batch_is_pending_until_it_is_published_and_the_same_after_each_restart(house: Any, noon: datetime) -> None:
    mandate = house.mandate()
    released = [
        house.open().release(house.measures(mandate, noon + k * QUARTER), house.authorizations(mandate))
        for k in range(3)
    ]
    assert house.open().pending() == released
    house.open().acknowledge([1])
    gate = house.open()
    assert gate.pending() == [released[0], released[2]]
    gate.acknowledge([0, 1, 2, 17])
    assert house.open().pending() == []
    assert (
        house.open().release(house.measures(mandate, noon + 3 * QUARTER), house.authorizations(mandate)).sequence == 3
    )


def test_the_leaves_of_a_batch_are_its_budget_days_and_its_signed_manifest(house: Any, noon: datetime) -> None:
    gate, mandate = house.open(), house.mandate()
    first = gate.release(house.measures(mandate, noon), house.authorizations(mandate))
    budget, manifest = (json.loads(leaf) for leaf in first.leaves)
    assert budget == {
        "type": "budget-day",
        "day": "2026-06-01",
        "mandate": mandate.hash,
        "node": "node.city.example",
        "sensors": {"square-1": "1.6"},
    }
    assert manifest["root"] == first.root == batch_root(first.lines)
    assert (manifest["count"], manifest["sequence"], manifest["mandate"]) == (4, 0, mandate.hash)
    assert signed_by(manifest, house.key.verifier)
    assert not signed_by({**manifest, "count": 5}, house.key.verifier)
    second = gate.release(house.measures(mandate, noon + QUARTER), house.authorizations(mandate))
    assert [json.loads(leaf)["type"] for leaf in second.leaves] == ["manifest"]


def test_a_day_that_was_debited_and_never_released_is_logged_with_the_next_batch(
    house: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, mandate = house.open(), house.mandate()
    with monkeypatch.context() as broken:
        broken.setattr(gate_module, "release", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            gate.release(house.measures(mandate, noon), house.authorizations(mandate))
    gate = house.open()
    assert gate.charged("square-1", "2026-06-01") == Fraction("1.6")
    batch = gate.release(house.measures(mandate, noon + QUARTER), house.authorizations(mandate))
    assert json.loads(batch.leaves[0])["sensors"] == {"square-1": "1.6"}


def test_the_journal_keeps_its_size_over_a_year(house: Any, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "_SLACK", 20_000)
    gate, mandate = house.open(FaultyDisk()), house.mandate()
    for day in range(200):
        batch = gate.release(house.measures(mandate, noon + timedelta(days=day)), house.authorizations(mandate))
        gate.acknowledge([batch.sequence])
        assert house.journal.stat().st_size < 80_000
    gate = house.open()
    assert all(
        gate.charged("square-1", (noon + timedelta(days=d)).date().isoformat()) == Fraction("1.6") for d in range(200)
    )
    with pytest.raises(GateError):
        gate.release(house.measures(mandate, noon + timedelta(days=199)), house.authorizations(mandate))


def test_no_exact_value_is_in_the_journal(house: Any, noon: datetime) -> None:
    """A count with a shape that noise cannot hide is nowhere on the disk: what is there was randomised."""
    gate, mandate = house.open(), house.mandate()
    batch = gate.release(house.measures(mandate, noon, 7_340_033), house.authorizations(mandate))
    house.close()
    text = b"".join(path.read_bytes() for path in house.folder.iterdir())
    assert text.count(b"7340033") == sum(row[6] == "7340033" for row in rows(batch))


def test_another_nodes_journal_is_refused(house: Any) -> None:
    house.open()
    house.close()
    house.key = SigningKey("else.city.example", KeyType.ED25519, bytes([9] * 32))
    with pytest.raises(JournalError, match="another node"):
        house.open()


def test_epsilon_is_written_rounded_up() -> None:
    assert [decimal(Fraction(t)) for t in ("1.6", "2", "1/3", "0.000001", "0")] == [
        "1.6",
        "2",
        "0.333333333334",
        "0.000001",
        "0",
    ]


def test_a_release_is_a_number_or_an_outage(house: Any, noon: datetime) -> None:
    cell, window = house.mandate().cells[0], house.measures(house.mandate(), noon)[0].window
    with pytest.raises(Exception, match="neither number nor outage"):
        Release(cell, window, None, 1.0, 3, 1000, None, "0" * 64)


def test_a_cap_of_close_pairs_that_leaves_no_share_is_no_mandate(house: Any) -> None:
    values = dict(house.mandate().document)
    pairs = {"sensor": "square-1", "family": "close_pair_seconds", "subject": "ground", "categories": ["1.0m", "2.0m"]}
    values["measure"] = [pairs]

    def privacy(cap: int) -> dict[str, Any]:
        family = [{"name": "close_pair_seconds", "epsilon": "1", "cap": cap}]
        return {**dict(house.mandate().document["privacy"]), "family": family}

    assert parse_document({**values, "privacy": privacy(4)}).sensitivity(Family.CLOSE_PAIR_SECONDS) == 8
    with pytest.raises(MandateError, match="at least 4: one for each distance in each window of a track; got 3"):
        parse_document({**values, "privacy": privacy(3)})
