"""``/feeds/mandates.atom`` for people who follow their city's decisions, and ``/metrics`` for those who run it."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated
from xml.etree import ElementTree

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from passerby.datatypes.standing import End, Standing, State
from passerby.datatypes.window import utc_text
from passerby.public.api.context import Context
from passerby.public.api.problem import RESPONSES, NotFoundError
from passerby.public.directory import Load, Machine, SensorState, SensorType

ATOM = "http://www.w3.org/2005/Atom"
_ENTRIES = 100
_FRESH_SECONDS = 5.0
Page = Annotated[int, Query(ge=1, le=1_000_000, description="1 holds what changed last.", examples=[1])]


def router(context: Context) -> APIRouter:
    """The resources."""
    routes = APIRouter(responses=RESPONSES)
    health = _Health(context)

    @routes.get(
        "/feeds/mandates.atom",
        tags=["mandates"],
        summary="Atom feed of what the city decides to measure",
        response_class=Response,
        responses={200: {"content": {"application/atom+xml": {"schema": {"type": "string"}}}}},
    )
    def atom(request: Request, page: Page = 1) -> Response:
        """The mandates that changed last, 100 a page; links as RFC 5005 has them lead through all of them."""
        feed = _feed(context, context.address(request), page)
        return Response(ElementTree.tostring(feed, "utf-8", xml_declaration=True), media_type="application/atom+xml")

    @routes.get(
        "/metrics",
        tags=["health"],
        summary="Prometheus: health of the system, no number of anybody",
        response_class=PlainTextResponse,
    )
    def metrics() -> Response:
        return PlainTextResponse(health.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return routes


def changed(standing: Standing) -> datetime:
    """When a mandate came to stand where it stands, as far as the log tells."""
    ended = [end.public_since for end in standing.ends if end.public_since is not None]
    began = [moment for moment in (standing.public_since, standing.in_force_from) if moment is not None]
    known = [moment for moment in began if not ended or moment < min(ended)] + ended
    known += [standing.mandate.expires] if standing.state is State.EXPIRED else []
    past = [moment for moment in known if moment <= standing.at]
    return max(past, default=min(standing.mandate.starts, standing.at))


def _feed(context: Context, base: str, page: int) -> ElementTree.Element:
    every = sorted(
        context.sources.standings(), key=lambda standing: (changed(standing), standing.log_index), reverse=True
    )
    last = max(1, -(-len(every) // _ENTRIES))
    if page > last:
        raise NotFoundError("the feed has no such page", expected=f"1 to {last}", came=str(page))
    standings = every[(page - 1) * _ENTRIES : page * _ENTRIES]
    city = context.sources.city()
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "title", f"{city.name}: mandates")
    _add(feed, "id", f"{base}/feeds/mandates.atom")
    _add(feed, "updated", utc_text(changed(every[0]) if every else datetime(1970, 1, 1, tzinfo=UTC)))
    ElementTree.SubElement(_add(feed, "author"), "name").text = city.name
    around = {"self": page, "first": 1, "previous": page - 1, "next": page + 1, "last": last}
    for relation, number in around.items():
        if 1 <= number <= last:
            query = "" if number == 1 else f"?page={number}"
            _add(feed, "link", rel=relation, href=f"{base}/feeds/mandates.atom{query}")
    _add(feed, "link", rel="license", href=city.licence.url)
    for standing in standings:
        mandate = standing.mandate
        entry = _add(feed, "entry")
        _add(entry, "title", f"{mandate.title}: {standing.state.value}")
        _add(entry, "id", f"urn:sha256:{mandate.hash}")
        _add(entry, "updated", utc_text(changed(standing)))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{base}/mandates/{mandate.hash}")
        _add(entry, "link", rel="related", type="application/json", href=f"{base}/api/v1/mandates/{mandate.hash}")
        _add(entry, "category", term=standing.state.value)
        sensors = ", ".join(mandate.sensors[:20])
        until = f"{sensors}; from {utc_text(mandate.starts)} until {utc_text(mandate.expires)}"
        _add(entry, "summary", "; ".join([until, *map(_end_words, standing.ends)]))
    return feed


def _end_words(end: End) -> str:
    when = "" if end.public_since is None else f" {utc_text(end.public_since)}"
    return f"{end.kind.value}{when} by {', '.join(end.signed_by)}: {end.reason}"


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element


class _Health:
    """The text for Prometheus, made anew at most once in ``_FRESH_SECONDS``: a large city has many sensors to ask."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._known: tuple[float, str] | None = None

    def text(self) -> str:
        """Never older than ``_FRESH_SECONDS``."""
        with self._lock:
            now = time.monotonic()
            if self._known is None or now - self._known[0] > _FRESH_SECONDS:
                self._known = now, _metrics(self._context)
            return self._known[1]


def _metrics(context: Context) -> str:
    states = Counter(context.sources.state(sensor.id) for sensor in context.index.sensors)
    streams = context.store.streams
    lines = ["# HELP passerby_sensors Cameras and counters by what they do.", "# TYPE passerby_sensors gauge"]
    lines += [f'passerby_sensors{{state="{state.value}"}} {states[state]}' for state in SensorState]
    lines += ["# HELP passerby_releases Releases in the store.", "# TYPE passerby_releases gauge"]
    lines += [f"passerby_releases {len(context.store)}"]
    if len(streams):
        lines += [
            "# HELP passerby_last_window_end_seconds End of the newest window.",
            "# TYPE passerby_last_window_end_seconds gauge",
        ]
        lines += [f"passerby_last_window_end_seconds {int(streams.last.max())}"]
    return "\n".join(lines + _loads(context)) + "\n"


_LOADS: dict[str, tuple[str, Callable[[Load], float | None]]] = {
    "looks_per_second": ("Pictures looked at in a second of stream.", lambda load: load.looks),
    "cpu_ratio": (
        "CPU seconds for a second of stream, of what does not depend on who is there.",
        lambda load: load.cost,
    ),
    "delay_seconds": ("From a picture until it was looked at.", lambda load: load.delay),
    "coverage_ratio": ("Share of the last window that was observed.", lambda load: load.coverage),
    "rest_ratio": ("Share of the last minute not decoded: the machine has too little for all.", lambda load: load.rest),
    "position_error_meters": ("Standard error of a place on the ground.", lambda load: load.position_error),
}


def _loads(context: Context) -> list[str]:
    """One line a camera, so that an operator sees which one lags; what it saw is in none of them."""
    cameras = [sensor.id for sensor in context.index.sensors if sensor.type is SensorType.CAMERA]
    lines = ["# HELP passerby_camera_state What a camera does.", "# TYPE passerby_camera_state gauge"]
    lines += [
        f'passerby_camera_state{{camera="{camera}",state="{context.sources.state(camera).value}"}} 1'
        for camera in cameras
    ]
    loads = {camera: load for camera in cameras if (load := context.sources.load(camera)) is not None}
    for name, (what, value_of) in _LOADS.items():
        lines += [f"# HELP passerby_camera_{name} {what}", f"# TYPE passerby_camera_{name} gauge"]
        for camera, load in loads.items():
            value = value_of(load)
            if value is not None:
                lines.append(f'passerby_camera_{name}{{camera="{camera}"}} {value:g}')
    lines += ["# HELP passerby_camera_stream Stream that is taken.", "# TYPE passerby_camera_stream gauge"]
    lines += [f'passerby_camera_stream{{camera="{camera}",stream="{load.stream}"}} 1' for camera, load in loads.items()]
    return lines + _machine(context.sources.machine())


def _machine(machine: Machine | None) -> list[str]:
    """What would help whoever runs it."""
    if machine is None:
        return []
    gauges = {
        "cores": ("Cores that cameras may use.", {"": float(machine.cores)}),
        "cores_needed": ("Cores that the cameras at work need.", {"": machine.needed}),
        "cameras_resting": ("Cameras that rest in turn: there are too few cores.", {"": float(machine.resting)}),
        "cores_saved": ("Cores that a change would save.", {f'{{by="{by}"}}': x for by, x in machine.savings.items()}),
    }
    lines: list[str] = []
    for name, (what, values) in gauges.items():
        lines += [f"# HELP passerby_{name} {what}", f"# TYPE passerby_{name} gauge"]
        lines += [f"passerby_{name}{label} {round(value, 3):g}" for label, value in values.items()]
    return lines
