"""From TOML that people write to the mandate that the software enforces."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jsonschema import Draft202012Validator

from passerby.datatypes.area import MeasurementArea
from passerby.datatypes.cell import Cell
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.family import Family
from passerby.datatypes.line import MeasurementLine
from passerby.datatypes.mandate import FamilyBudget, Mandate
from passerby.datatypes.resolution import Resolution
from passerby.datatypes.window import Window, utc_text
from passerby.gate.canonical import canonical
from passerby.gate.mandate.faults import fault_texts
from passerby.gate.mandate.schema import CATEGORY, SCHEMA

_VALIDATOR = Draft202012Validator(SCHEMA)
_IN_AREAS = {Family.AREA_ENTRIES, Family.PERSON_SECONDS}


LARGEST = 65_000
"""Bytes of canonical JSON; a leaf of the log holds 65,535. A use that needs more is split by sensors."""


MOST_SHOWN = 8


class MandateError(PasserbyError):
    """A mandate is not one. ``faults``: what is wrong with its form, a sentence each; none where the form is right."""

    faults: tuple[str, ...] = ()


def parse_toml(text: str) -> Mandate:
    """A mandate from its TOML; instants may be TOML date-times with an offset. Raises MandateError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MandateError("mandate is not TOML", expected="TOML 1.0", came=str(error)) from error
    return parse_document(_plain(document))


def parse_document(document: Any) -> Mandate:
    """A mandate from its JSON values. Raises MandateError with every fault and where it is."""
    faults = sorted(_VALIDATOR.iter_errors(document), key=lambda fault: [str(part) for part in fault.absolute_path])
    if faults:
        texts = tuple(dict.fromkeys(text for fault in faults for text in fault_texts(fault)))
        error = MandateError(
            "mandate has a form that is not on the menu",
            expected="the fields of spec/mandate.md",
            came="; ".join(texts[:MOST_SHOWN]),
            remedy="Check it: passerby mandate check FILE.",
        )
        error.faults = texts
        raise error
    size = len(canonical(document))
    _require(size <= LARGEST, "mandate does not fit into a leaf of the log", f"at most {LARGEST} bytes", f"{size}")
    schedule, privacy = document["schedule"], document["privacy"]
    starts, expires = _instant(schedule["starts"]), _instant(schedule["expires"])
    _require(starts < expires, "mandate ends before it starts", "starts before expires", f"{starts} to {expires}")
    first, last = schedule["hours"]
    _require(first < last, "mandate has no hours", "hours = [from, to) with from < to", f"{first} to {last}")
    cells = _cells(document["measure"])
    budgets = _budgets(privacy["family"], {cell.family for cell in cells})
    resolutions = _resolutions(privacy["resolution"])
    total = sum((b.epsilon for b in budgets.values()), Fraction(0))
    cap = Fraction(privacy["sensor_cap"])
    _require(total <= cap, "families spend more than the cap of a sensor", f"at most ε {cap} a day", f"ε {total}")
    _require_shares(cells, budgets, resolutions[0].seconds, privacy["track_seconds"])
    archive = document.get("archive")
    counters = {cell.family for cell in cells} == {Family.COUNTER_PASSAGES}
    _require(
        archive is None or counters, "only counters have an archive", "counter_passages alone", "a family of cameras"
    )
    plate = document["data"]["background_plate"]
    _require(counters or "detector" in document, "mandate names no detector", "[detector] with name and sha256", "none")
    seen = {cell.sensor for cell in cells if cell.family is not Family.COUNTER_PASSAGES}
    drawn = [camera["id"] for camera in document.get("camera", [])]
    _require(
        sorted(drawn) == sorted(seen),
        "mandate does not say where its cameras are",
        f"one [[camera]] for each of {', '.join(sorted(seen)) or 'no camera'}",
        ", ".join(drawn) or "none",
    )
    return Mandate(
        hash=document_hash(document),
        id=document["mandate"]["id"],
        title=document["mandate"]["title"],
        starts=starts,
        expires=expires,
        notice_seconds=schedule["notice_seconds"],
        zone=_zone(schedule["zone"]),
        hours=(first, last),
        cells=cells,
        budgets=budgets,
        resolutions=resolutions,
        tracks=privacy["tracks"],
        track_seconds=privacy["track_seconds"],
        sensor_cap=cap,
        background_plate=plate,
        archive=None if archive is None else Window(_instant(archive["start"]), _instant(archive["end"])),
        document=document,
        log=document["mandate"].get("log"),
    )


def document_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), hex."""
    return sha256(canonical(document)).hexdigest()


def _require_shares(
    cells: tuple[Cell, ...], budgets: dict[Family, FamilyBudget], window: int, track_seconds: int
) -> None:
    """Close pairs split a track's cap over distances and the windows that it can touch: docs/adr/0020."""
    close = [cell for cell in cells if cell.family is Family.CLOSE_PAIR_SECONDS]
    if not close:
        return
    distances = max(sum(cell.sensor == sensor for cell in close) for sensor in {cell.sensor for cell in close})
    least = distances * (1 + -(-track_seconds // window))
    cap = budgets[Family.CLOSE_PAIR_SECONDS].cap
    expected = f"at least {least}: one for each distance in each window of a track"
    _require(cap >= least, "cap of close_pair_seconds is too small", expected, str(cap))


def _require(holds: bool, problem: str, expected: str, came: str) -> None:
    if not holds:
        raise MandateError(problem, expected=expected, came=came, remedy="Check it: passerby mandate check FILE.")


def _plain(value: Any) -> Any:
    """TOML values as JSON values; instants as UTC text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise MandateError("instant has no offset", expected="such as 2026-11-23T09:00:00Z", came=str(value))
        return utc_text(value)
    return json.loads(json.dumps(value, default=str))


def _instant(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise MandateError("instant does not exist", expected="such as 2026-11-23T09:00:00Z", came=text) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MandateError("time zone is unknown", expected="a zone such as Europe/Tallinn", came=name) from error


def _cells(measures: list[dict[str, Any]]) -> tuple[Cell, ...]:
    cells = []
    shapes: dict[tuple[str, str], Any] = {}
    for measure in measures:
        family = Family(measure["family"])
        _require(
            ("polygon" in measure) == (family in _IN_AREAS),
            f"{family.value} has a wrong shape",
            "a polygon for areas only",
            "another",
        )
        _require(
            ("line" in measure) == (family is Family.LINE_CROSSINGS),
            f"{family.value} has a wrong shape",
            "a line for crossings only",
            "another",
        )
        if "polygon" in measure:
            MeasurementArea(measure["subject"], tuple((float(x), float(y)) for x, y in measure["polygon"]))
        if "line" in measure:
            start, end = (tuple(float(v) for v in point) for point in measure["line"])
            MeasurementLine(measure["subject"], (start[0], start[1]), (end[0], end[1]))
        _require(
            all(re.search(CATEGORY[family], category) for category in measure["categories"]),
            f"{family.value} has a category of another family",
            CATEGORY[family],
            ", ".join(measure["categories"]),
        )
        shape = measure.get("polygon") or measure.get("line")
        _require(
            shape is None or shapes.setdefault((measure["sensor"], measure["subject"]), shape) == shape,
            f"mandate draws {measure['subject']!r} in two ways",
            "one shape for each name",
            "two",
        )
        cells += [Cell(measure["sensor"], family, measure["subject"], category) for category in measure["categories"]]
    _require(len(set(cells)) == len(cells), "mandate names a number twice", "each cell once", "a repetition")
    return tuple(sorted(cells))


def _budgets(families: list[dict[str, Any]], measured: set[Family]) -> dict[Family, FamilyBudget]:
    budgets = {Family(f["name"]): FamilyBudget(Family(f["name"]), Fraction(f["epsilon"]), f["cap"]) for f in families}
    _require(len(budgets) == len(families), "family has two budgets", "one for each family", "a repetition")
    _require(
        set(budgets) == measured,
        "budgets do not fit the measures",
        ", ".join(sorted(measured)),
        ", ".join(sorted(budgets)),
    )
    _require(all(b.epsilon > 0 for b in budgets.values()), "family has no budget", "ε above 0", "0")
    return budgets


def _resolutions(steps: list[dict[str, Any]]) -> tuple[Resolution, ...]:
    found = tuple(sorted(Resolution(s["seconds"], Fraction(s["share"])) for s in steps))
    _require(sum(r.share for r in found) <= 1, "shares of ε are more than the whole", "at most 1", "more")
    for finer, coarser in pairwise(found):
        _require(
            coarser.seconds > finer.seconds and coarser.seconds % finer.seconds == 0,
            "resolutions do not nest",
            "each a multiple of the finer one",
            f"{finer.seconds} s and {coarser.seconds} s",
        )
    return found
