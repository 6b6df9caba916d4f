"""A mandate in the forms of three transparency standards.

Eurocities: Algorithmic Transparency Standard 0.3.1 (draft), https://www.algorithmregister.org
ATRS: Algorithmic Transparency Recording Standard 3.0 of the UK government, by the numbers of its template
DTPR: Digital Trust for Places and Routines, AI data chain, https://dtpr.io
"""

from enum import StrEnum
from typing import Any

from passerby.apps.mandates.words import FAMILY_WORDS
from passerby.apps.mandates.worth import length_text, worth_of
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.window import utc_text

_CATEGORIES = {"minimal": "minimal risk", "limited": "limited risk", "high": "high risk"}
_SOURCE = "Pictures of the cameras named in the mandate, looked at in memory and never kept"
_TRAINING = (
    "None of the city's. The detector was trained by others on public pictures; nothing is learned from passers-by."
)
_REVIEW = "No decision about a person is made. People read aggregate numbers and decide about places."
_STOP = "Any oversight role alone suspends it at once, and it ends by itself on its last day."


class Standard(StrEnum):
    """Standards that a mandate can be exported to."""

    EUROCITIES = "eurocities"
    ATRS = "atrs"
    DTPR = "dtpr"


def export_as(mandate: Mandate, standard: Standard, *, country: str = "", domain: str = "generic") -> dict[str, Any]:
    """JSON values. ``country`` and ``domain``: of the Eurocities standard, which a mandate does not have."""
    match standard:
        case Standard.EUROCITIES:
            return _eurocities(mandate, country, domain)
        case Standard.ATRS:
            return _atrs(mandate)
        case Standard.DTPR:
            return _dtpr(mandate)


def _eurocities(mandate: Mandate, country: str, domain: str) -> dict[str, Any]:
    d: Any = mandate.document
    organization, _, department = d["accountable"]["controller"].partition(", ")
    return {
        "standard_version": "0.3.1",
        "name": mandate.title,
        "organization": organization,
        "department": department or organization,
        "country": country,
        "contact_email": d["accountable"]["contact"],
        "description_short": d["purpose"]["question"][:150],
        "status": "planned",
        "remark": f"Mandate {mandate.hash}; its state is in the city's open log.",
        "decision_making_process": d["purpose"]["decision"],
        "domain": domain,
        "area": _area(mandate),
        "goal": d["purpose"]["question"],
        "impact": f"{d['affected']['people']}: {d['affected']['impact']}",
        "risks": d["risk"]["risks"],
        "risk_category": _CATEGORIES.get(d["risk"]["category"].split(" ")[0].lower(), d["risk"]["category"]),
        "proportionality": d["legal"]["necessity"],
        "lawful_basis": d["legal"]["basis"],
        "training_data": _TRAINING,
        "source_data": _SOURCE,
        "connected_data_sources": "None",
        "DPIA_description": d["risk"]["dpia"],
        "algorithm_type": "hybrid",
        "description": _how(mandate),
        "methods_and_models": _methods(mandate),
        "performance": _performance(mandate),
        "alternatives_considered": d["legal"]["alternatives"],
        "type": "descriptive",
        "monitoring": d["oversight"]["audit"],
        "human_intervention": f"{_REVIEW} {d['oversight']['revocation']}",
        "objection_procedure": d["oversight"]["complaint"],
        "rollback": _STOP,
    }


def _atrs(mandate: Mandate) -> dict[str, Any]:
    d: Any = mandate.document
    vendor = d["accountable"]["vendor"]
    return {
        "standard": "Algorithmic Transparency Recording Standard 3.0",
        "tier_1": {
            "1.1 name": mandate.title,
            "1.2 description": f"{d['purpose']['question']} {d['purpose']['decision']}",
            "1.3 website_url": None,
            "1.4 contact_email": d["accountable"]["contact"],
        },
        "tier_2": {
            "2.1 owner_and_responsibility": {
                "2.1.1 organisation": d["accountable"]["controller"],
                "2.1.4 third_party_involvement": "No" if vendor.lower().startswith("none") else "Yes",
                "2.1.4.1 third_party": vendor,
                "2.1.4.5 third_party_data_access_terms": d["data"]["access"],
            },
            "2.2 description_and_rationale": {
                "2.2.1 detailed_description": _how(mandate),
                "2.2.2 scope": f"{'; '.join(d['purpose']['permitted_uses'])}. Never: {_never(d)}.",
                "2.2.3 benefit": d["purpose"]["decision"],
                "2.2.4 previous_process": d["legal"]["necessity"],
                "2.2.5 alternatives_considered": d["legal"]["alternatives"],
            },
            "2.3 decision_making_process": {
                "2.3.1 process_integration": d["purpose"]["decision"],
                "2.3.2 provided_information": _measured(mandate),
                "2.3.3 frequency_and_scale_of_usage": _when(mandate),
                "2.3.4 human_decisions_and_review": _REVIEW,
                "2.3.5 required_training": "Reading a number together with its interval",
                "2.3.6 appeals_and_review": d["oversight"]["complaint"],
            },
            "2.4 tool_specification": {
                "2.4.1 system_architecture": _how(mandate),
                "2.4.2 models": _methods(mandate),
                "2.4.2 performance": _performance(mandate),
                "2.4.3 development_data": _TRAINING,
                "2.4.4 operational_data": _SOURCE,
                "2.4.4 storage": d["data"]["retention"],
                "2.4.4 sharing": d["data"]["sharing"],
            },
            "2.5 risks_mitigations_and_impact_assessments": {
                "2.5.1 impact_assessment": d["risk"]["dpia"],
                "2.5.2 risks_and_mitigations": f"{d['risk']['risks']} {_STOP}",
            },
        },
    }


def _dtpr(mandate: Mandate) -> dict[str, Any]:
    d: Any = mandate.document
    cameras = "detector" in d

    def element(category: str, identity: str, text: str) -> dict[str, str]:
        return {"category": category, "element": identity, "additional_description": text}

    return {
        "datachain": "ai",
        "name": mandate.title,
        "elements": [
            element("accountable", "organization", f"{d['accountable']['controller']}, {d['accountable']['contact']}"),
            element("purpose", "planning_decision_making", d["purpose"]["decision"]),
            element("affected", "people", d["affected"]["people"]),
            element("functional_modes", "perceptive_mode" if cameras else "analytical_mode", _measured(mandate)),
            element("input_dataset", "pixel_based_image" if cameras else "tabular", _SOURCE if cameras else "Counts"),
            *([element("processing", "computer_vision", _methods(mandate))] if cameras else []),
            element("processing", "privacy_transformation", _privacy(mandate)),
            element("output_dataset", "output_about_a_place", _measured(mandate)),
            element("access", "available_to_download", d["data"]["sharing"]),
            element("retention", "no_data_retained", f"Pictures. {d['data']['retention']}"),
            element("storage", "stored_locally", "On the city's own machine"),
            element("rights", "right_object", d["oversight"]["complaint"]),
            element("rights", "right_purpose_limitation", f"Never: {_never(d)}"),
            element("risks_mitigation", "function_creep", f"{d['risk']['risks']} {_STOP}"),
        ],
    }


def _never(document: Any) -> str:
    return "; ".join(document["purpose"]["prohibited_uses"])


def _area(mandate: Mandate) -> str:
    cameras: Any = mandate.document.get("camera", [])
    places = [f"{camera['id']} at {camera['place'][0]}, {camera['place'][1]}" for camera in cameras]
    return "; ".join(places) or ", ".join(mandate.sensors)


def _measured(mandate: Mandate) -> str:
    words = (FAMILY_WORDS[family] for family in sorted(mandate.budgets))
    return f"{'; '.join(words)}. Aggregate numbers with a stated interval, never about a person"


def _when(mandate: Mandate) -> str:
    first, last = mandate.hours
    span = f"{utc_text(mandate.starts)} to {utc_text(mandate.expires)}"
    return f"{span}, {first}:00 to {last}:00, every {length_text(mandate.resolutions[0].seconds)}"


def _methods(mandate: Mandate) -> str:
    detector: Any = mandate.document.get("detector")
    if detector is None:
        return "Counters that exist already; differential privacy (discrete Laplace mechanism)"
    return (
        f"Object detector {detector['name']}, SHA-256 {detector['sha256']}; tracking for at most "
        f"{mandate.track_seconds} s; differential privacy (discrete Laplace mechanism)"
    )


def _privacy(mandate: Mandate) -> str:
    return (
        f"Differential privacy for K = {mandate.tracks} tracks a day, at most ε {float(mandate.sensor_cap):g} for a "
        "sensor and day; each number is randomised once"
    )


def _performance(mandate: Mandate) -> str:
    return " ".join(worth.sentence() for worth in worth_of(mandate))


def _how(mandate: Mandate) -> str:
    return f"{_measured(mandate)}. {_methods(mandate)}. {_privacy(mandate)}. {_SOURCE}."
