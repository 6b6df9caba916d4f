"""The form of a mandate: closed, so that nothing can be asked for that is not on the menu."""

from typing import Any

from passerby.datatypes.family import Family
from passerby.datatypes.kind import Kind

PROHIBITED_USES = (
    "identification of anybody",
    "re-identification across cameras or windows",
    "age, sex, origin, emotion or any other trait of a person",
    "storing number plates",
    "storing or passing on pictures",
)
"""Stands in every mandate, word for word; no field can waive it."""

_TEXT = {"type": "string", "minLength": 1, "maxLength": 4000}
_ID = {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}
_INSTANT = {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$"}
_DECIMAL = {"type": "string", "pattern": "^(0|[1-9]\\d{0,3})(\\.\\d{1,6})?$"}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}


def _table(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


def _positive(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


_KIND = "(" + "|".join(kind.label for kind in Kind) + ")"
CATEGORY = {
    Family.AREA_ENTRIES: f"^{_KIND}$",
    Family.LINE_CROSSINGS: f"^{_KIND}\\.(forward|backward)$",
    Family.PERSON_SECONDS: f"^{_KIND}$",
    Family.CLOSE_PAIR_SECONDS: r"^\d\.\d{1,2}m$",
    Family.SPEED: r"^\d{1,2}\.\d-(\d{1,2}\.\d|up)$",
    Family.COUNTER_PASSAGES: f"^{_KIND}$",
}
"""What each family may be split by: kind of road user, direction, distance, speed. Nothing about who somebody is."""

_ANY_CATEGORY = "|".join(CATEGORY.values())

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Passerby mandate, version 1",
    **_table(
        {
            "mandate": _table(
                {
                    "id": _ID,
                    "version": _positive(10**6),
                    "title": _TEXT,
                    "language": {"type": "string", "minLength": 2},
                },
                {"supersedes": _DIGEST, "log": {"type": "string", "pattern": "^[^\\s+]{1,255}$"}},
            ),
            "accountable": _table({"controller": _TEXT, "contact": _TEXT, "vendor": _TEXT}),
            "purpose": _table(
                {
                    "question": _TEXT,
                    "decision": _TEXT,
                    "permitted_uses": _TEXTS,
                    "prohibited_uses": {"const": list(PROHIBITED_USES)},
                }
            ),
            "legal": _table({"basis": _TEXT, "necessity": _TEXT, "alternatives": _TEXT}),
            "affected": _table({"people": _TEXT, "impact": _TEXT}),
            "schedule": _table(
                {
                    "starts": _INSTANT,
                    "expires": _INSTANT,
                    "zone": _TEXT,
                    "notice_seconds": _positive(366 * 86400),
                    "hours": {
                        "type": "array",
                        "items": {"type": "integer", "minimum": 0, "maximum": 24},
                        "minItems": 2,
                        "maxItems": 2,
                    },
                }
            ),
            "measure": {
                "type": "array",
                "minItems": 1,
                "items": _table(
                    {
                        "sensor": _ID,
                        "family": {"enum": [family.value for family in Family]},
                        "subject": _ID,
                        "categories": {
                            "type": "array",
                            "items": {"type": "string", "pattern": _ANY_CATEGORY},
                            "minItems": 1,
                        },
                    },
                    {
                        "polygon": {"type": "array", "items": _POINT, "minItems": 3},
                        "line": {"type": "array", "items": _POINT, "minItems": 2, "maxItems": 2},
                    },
                ),
            },
            "privacy": _table(
                {
                    "tracks": _positive(1000),
                    "track_seconds": _positive(3600),
                    "sensor_cap": _DECIMAL,
                    "family": {
                        "type": "array",
                        "minItems": 1,
                        "items": _table(
                            {
                                "name": {"enum": [family.value for family in Family]},
                                "epsilon": _DECIMAL,
                                "cap": _positive(10**6),
                            }
                        ),
                    },
                    "resolution": {
                        "type": "array",
                        "minItems": 1,
                        "items": _table({"seconds": _positive(86400), "share": _DECIMAL}),
                    },
                }
            ),
            "data": _table(
                {"retention": _TEXT, "access": _TEXT, "sharing": _TEXT, "background_plate": {"type": "boolean"}}
            ),
            "risk": _table({"category": _TEXT, "risks": _TEXT, "dpia": _TEXT}),
            "oversight": _table(
                {
                    "body": _TEXT,
                    "audit": _TEXT,
                    "complaint": _TEXT,
                    "revocation": _TEXT,
                    "log_freshness_seconds": _positive(7 * 86400),
                }
            ),
            "cost": _table({"amount": _TEXT, "public_comment": _TEXT}),
        },
        {
            "camera": {
                "type": "array",
                "minItems": 1,
                "items": _table(
                    {"id": _ID, "place": _POINT, "picture": _POINT},
                    {"calibration": _DIGEST},
                ),
            },
            "archive": _table({"start": _INSTANT, "end": _INSTANT}),
            "detector": _table({"name": _TEXT, "sha256": _DIGEST}, {"description": _DIGEST}),
        },
    ),
}
