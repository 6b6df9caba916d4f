"""Query parameters that several resources share."""

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime, BeforeValidator, Field

from passerby.datatypes.family import Family
from passerby.public.api.geography import Bounds
from passerby.public.api.problem import BadQueryError
from passerby.public.store.query import Filter

IDENTIFIER = r"^[a-z0-9-]{1,64}$"
HASH = r"^[0-9a-f]{64}$"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _civil_date(value: object) -> object:
    """Lets no number pass for a date, as pydantic would."""
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError("expected a date such as 2026-11-23")
    return value


def _instant(value: object) -> object:
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("expected an instant such as 2026-11-23T09:00:00Z")
    return value


Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many items.", examples=[100])]
Cursor = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}$", description="`next` of the page before.", examples=["10485759"])
]
SensorCursor = Annotated[str | None, Query(pattern=IDENTIFIER, description="`next` of the page before.")]
Words = Annotated[
    str | None, Query(max_length=80, description="Part of a name or id, in any case.", examples=["harbour"])
]
_LONGITUDE = r"-?(180(\.0{1,12})?|(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,12})?)"
_LATITUDE = r"-?(90(\.0{1,12})?|[0-8]?[0-9](\.[0-9]{1,12})?)"
_BOX = f"^{_LONGITUDE},{_LATITUDE},{_LONGITUDE},{_LATITUDE}$"


def _within(
    bbox: Annotated[
        str | None,
        Query(
            json_schema_extra={"pattern": _BOX},
            description="Inside west,south,east,north in degrees; west above east crosses the 180th meridian.",
            examples=["24.7,59.4,24.8,59.5"],
        ),
    ] = None,
) -> Bounds | None:
    if bbox is None:
        return None
    if not re.match(_BOX, bbox) or bbox.endswith("\n"):
        raise BadQueryError("bbox is no box", expected="west,south,east,north in degrees, WGS 84", came=repr(bbox)[:80])
    return Bounds(*map(float, bbox.split(",")))


Within = Annotated[Bounds | None, Depends(_within)]
SensorId = Annotated[str | None, Query(pattern=IDENTIFIER, description="Camera or counter.", examples=["plaza"])]
FamilyName = Annotated[Family | None, Query(description="Which kind of number.", examples=["area_entries"])]
Subject = Annotated[str | None, Query(pattern=IDENTIFIER, description="Area, line or counter.", examples=["junction"])]
Category = Annotated[
    str | None, Query(pattern=r"^[a-z0-9.-]{1,64}$", description="Part of the family.", examples=["person"])
]
Seconds = Annotated[int | None, Query(ge=1, le=86400, description="Step of the grid in s; 86400 is the civil day.")]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
Start = Annotated[Instant | None, Query(description="Windows that start at or after this instant (RFC 3339).")]
End = Annotated[Instant | None, Query(description="Windows that start before this instant (RFC 3339).")]
CivilDate = Annotated[date, BeforeValidator(_civil_date), Field(examples=["2026-03-01"])]
HashPath = Annotated[str, Path(pattern=HASH, examples=["ab" * 32])]
SensorPath = Annotated[str, Path(pattern=IDENTIFIER, examples=["plaza"])]


def _wanted(
    sensor: SensorId = None,
    family: FamilyName = None,
    subject: Subject = None,
    category: Category = None,
    resolution: Seconds = None,
    start: Start = None,
    end: End = None,
) -> Filter:
    return Filter(sensor, family, subject, category, resolution, start, end)


Wanted = Annotated[Filter, Depends(_wanted)]
