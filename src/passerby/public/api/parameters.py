"""Query parameters that several resources share."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime

from passerby.datatypes.family import Family

IDENTIFIER = r"^[a-z0-9-]{1,64}$"
HASH = r"^[0-9a-f]{64}$"

Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many items.", examples=[100])]
Cursor = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}$", description="`next` of the page before.", examples=["10485759"])
]
SensorCursor = Annotated[str | None, Query(pattern=IDENTIFIER, description="`next` of the page before.")]
SensorId = Annotated[str | None, Query(pattern=IDENTIFIER, description="Camera or counter.", examples=["plaza"])]
FamilyName = Annotated[Family | None, Query(description="Which kind of number.", examples=["area_entries"])]
Subject = Annotated[str | None, Query(pattern=IDENTIFIER, description="Area, line or counter.", examples=["junction"])]
Category = Annotated[
    str | None, Query(pattern=r"^[a-z0-9.-]{1,64}$", description="Part of the family.", examples=["person"])
]
Seconds = Annotated[int | None, Query(ge=1, le=86400, description="Step of the grid in s; 86400 is the civil day.")]
Start = Annotated[AwareDatetime | None, Query(description="Windows that start at or after this instant (RFC 3339).")]
End = Annotated[AwareDatetime | None, Query(description="Windows that start before this instant (RFC 3339).")]
HashPath = Annotated[str, Path(pattern=HASH)]
SensorPath = Annotated[str, Path(pattern=IDENTIFIER)]
