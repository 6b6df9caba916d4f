"""``/data/catalog.jsonld``: the city's data set for portals, as DCAT-AP 3 in JSON-LD."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.datatypes.window import utc_text
from passerby.public.api.answers import answer
from passerby.public.api.context import Context
from passerby.public.api.problem import RESPONSES
from passerby.public.api.sensorthings.resource import ROOT as SENSORTHINGS
from passerby.public.licence import Licence
from passerby.public.store.rows import instant

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
}
_MEDIA_TYPES = "http://www.iana.org/assignments/media-types/"
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_PUBLIC = {"@id": f"{_AUTHORITY}access-right/PUBLIC", "@type": "dct:RightsStatement"}
_TRANSPORT = {
    "@id": f"{_AUTHORITY}data-theme/TRAN",
    "@type": "skos:Concept",
    "skos:prefLabel": {"@value": "Transport", "@language": "en"},
}


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["files"], responses=RESPONSES)

    @routes.get(
        "/data/catalog.jsonld",
        summary="DCAT-AP 3 catalogue",
        response_class=Response,
        responses={200: {"content": {"application/ld+json": {"schema": {"type": "object"}}}}},
    )
    def catalogue(request: Request) -> Response:
        return answer(_catalogue(context, context.address(request)), "application/ld+json")

    return routes


def _catalogue(context: Context, base: str) -> dict[str, Any]:
    city = context.sources.city()
    publisher = {"@id": f"{base}/#publisher", "@type": "foaf:Agent", "foaf:name": _text(city.name)}
    dataset = {
        "@id": f"{base}/data/#releases",
        "@type": "dcat:Dataset",
        "dct:title": _text(f"{city.name}: counts from cameras and counters"),
        "dct:description": _text(
            "How many people and vehicles pass, stay and cross, each number with noise, a 95 % interval, the mandate "
            "under which it was measured, and a proof in an open log."
        ),
        "dct:publisher": {"@id": publisher["@id"]},
        "dct:accessRights": _PUBLIC,
        "dcat:keyword": [_text(word) for word in ("pedestrians", "traffic", "open data", "differential privacy")],
        "dcat:theme": _TRANSPORT,
        "dcat:distribution": [
            _distribution(base, "CSV", "text/csv", "/data/days", city.licence),
            _distribution(base, "PARQUET", "application/vnd.apache.parquet", "/data/days", city.licence),
        ],
    }
    if city.attributions:
        dataset["dct:provenance"] = [
            {"@type": "dct:ProvenanceStatement", "rdfs:label": _text(f"{a.text} ({a.licence}), {a.url}")}
            for a in city.attributions
        ]
    temporal = _temporal(context)
    if temporal is not None:
        dataset["dct:temporal"] = temporal
    box = _box(context)
    if box is not None:
        literal = {"@value": box, "@type": "geosparql:wktLiteral"}
        dataset["dct:spatial"] = {"@type": "dct:Location", "dcat:bbox": literal}
    services = [
        _service(base, "api", "JSON API", "/api/v1", "/api/v1/openapi.json", dataset, city.licence),
        _service(base, "sensorthings", "OGC SensorThings 1.1", SENSORTHINGS, SENSORTHINGS, dataset, city.licence),
    ]
    catalogue = {
        "@id": f"{base}/data/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _text(f"Passerby of {city.name}"),
        "dct:description": _text("What this city measures in public, and nothing of anybody."),
        "dct:publisher": {"@id": publisher["@id"]},
        "dcat:dataset": {"@id": dataset["@id"]},
        "dcat:service": [{"@id": service["@id"]} for service in services],
    }
    return {"@context": _CONTEXT, "@graph": [publisher, catalogue, dataset, *services]}


def _distribution(base: str, form: str, media_type: str, path: str, licence: Licence) -> dict[str, Any]:
    return {
        "@id": f"{base}/data/#{form.lower()}",
        "@type": "dcat:Distribution",
        "dct:title": _text(f"{form} for each day"),
        "dcat:accessURL": {"@id": f"{base}{path}", "@type": "rdfs:Resource"},
        "dct:format": {"@id": f"{_AUTHORITY}file-type/{form}", "@type": "dct:MediaTypeOrExtent"},
        "dcat:mediaType": {"@id": f"{_MEDIA_TYPES}{media_type}", "@type": "dct:MediaType"},
        "dct:license": _licence(licence),
    }


def _licence(licence: Licence) -> dict[str, Any]:
    names = {} if licence.spdx is None else {"dct:identifier": licence.spdx}
    return {"@id": licence.url, "@type": "dct:LicenseDocument", "dct:title": _text(licence.title), **names}


def _service(
    base: str, name: str, title: str, path: str, description: str, dataset: dict[str, Any], licence: Licence
) -> dict[str, Any]:
    return {
        "@id": f"{base}/#{name}",
        "@type": "dcat:DataService",
        "dct:title": _text(title),
        "dcat:endpointURL": {"@id": f"{base}{path}", "@type": "rdfs:Resource"},
        "dcat:endpointDescription": {"@id": f"{base}{description}", "@type": "rdfs:Resource"},
        "dcat:servesDataset": {"@id": dataset["@id"]},
        "dct:license": {"@id": licence.url},
        "dct:accessRights": _PUBLIC,
    }


def _temporal(context: Context) -> dict[str, Any] | None:
    streams = context.store.streams
    if not len(streams):
        return None
    bounds = ("dcat:startDate", int(streams.first.min())), ("dcat:endDate", int(streams.last.max()))
    times = {name: {"@value": utc_text(instant(second)), "@type": "xsd:dateTime"} for name, second in bounds}
    return {"@type": "dct:PeriodOfTime", **times}


def _box(context: Context) -> str | None:
    places = [sensor.place for sensor in context.index.sensors]
    if not places:
        return None
    south, north = min(p.latitude for p in places), max(p.latitude for p in places)
    west, east = min(p.longitude for p in places), max(p.longitude for p in places)
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({', '.join(f'{x} {y}' for x, y in corners)}))"


def _text(words: str) -> dict[str, str]:
    return {"@value": words, "@language": "en"}
