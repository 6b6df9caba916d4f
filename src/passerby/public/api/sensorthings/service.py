"""Answers one request: walks the address, then builds the entity, set, property or links that it names."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote, urlencode

from passerby.public.api.context import Context
from passerby.public.api.problem import BadQueryError, BusyError, NotFoundError, UnsupportedQueryError
from passerby.public.api.sensorthings import observations
from passerby.public.api.sensorthings.address import Step
from passerby.public.api.sensorthings.evaluate import holds
from passerby.public.api.sensorthings.expression import read_instant
from passerby.public.api.sensorthings.model import NAVIGATION, Model, Ref, datastream_id
from passerby.public.api.sensorthings.options import Options
from passerby.public.store import query
from passerby.public.store.rows import Published
from passerby.public.store.select import Condition, count, select

MAX_QUESTIONS = 400
LARGE = 20_000
_SCANNING = BoundedSemaphore(1)
_PATH_MARKS = "/()':$"
_TIMES = ("time", "phenomenonTime", "resultTime")

Scope = Sequence[int] | None
"""Numbers of streams whose Observations are meant; None is all."""


class Service:
    """One request. ``root``: address of the service, without a slash at its end."""

    def __init__(self, context: Context, root: str) -> None:
        self._store = context.store
        self._index = context.index
        self._model = Model(context)
        self._root = root
        self._questions = 0
        self._published: dict[int, Published] = {}

    def set_of(self, kind: str, around: Ref | None, relation: str) -> "EntitySet":
        """All entities of a kind, or those at the end of a relation."""
        if kind == "Observations":
            return EntitySet(kind, (), self._scope(around))
        if around is None:
            return EntitySet(kind, self._model.all(kind), None)
        return EntitySet(kind, self._related(around, relation), None)

    def find(self, ref: Ref) -> Ref:
        """The same reference. Raises NotFoundError."""
        if ref.kind == "Observations":
            known = isinstance(ref.id, int) and self._observation(ref.id) is not None
        else:
            known = isinstance(ref.id, str) and self._model.exists(ref)
        if not known:
            raise NotFoundError("there is no such entity", came=self.link(ref))
        return ref

    def follow(self, ref: Ref, step: Step) -> "Ref | EntitySet":
        """One relation further. Raises NotFoundError."""
        relation = NAVIGATION[ref.kind].get(step.name)
        if relation is None:
            raise NotFoundError(f"{ref.kind} have no such relation", came=step.name)
        kind, many = relation
        if not many:
            return self._related(ref, step.name)[0]
        found = self.set_of(kind, ref, step.name)
        if step.id is None:
            return found
        inner = self.find(Ref(kind, step.id))
        if kind == "Observations":
            within = isinstance(step.id, int) and self._observed(step.id).stream.number in (found.scope or ())
        else:
            within = inner in found.refs
        if not within:
            raise NotFoundError("the entity is not in this set", came=self.link(inner))
        return inner

    def properties(self, ref: Ref) -> dict[str, Any]:
        """Everything an entity says, without links."""
        if ref.kind == "Observations":
            return observations.properties(self._observed(ref.id))
        return self._model.properties(ref)

    def entity(self, ref: Ref, options: Options) -> dict[str, Any]:
        """One entity with links, as ``$select`` and ``$expand`` wish. Raises BadQueryError."""
        known, relations = self.properties(ref), NAVIGATION[ref.kind]
        names = ("@iot.id", *known, *relations) if options.select is None else options.select
        content: dict[str, Any] = {}
        if options.select is None or "id" in names or "@iot.id" in names:
            content["@iot.id"] = ref.id
        if options.select is None or "@iot.selfLink" in names:
            content["@iot.selfLink"] = self.link(ref)
        for name in names:
            if name in known:
                content[name] = known[name]
            elif name in relations and name not in options.expand:
                content[f"{name}@iot.navigationLink"] = f"{self.link(ref)}/{name}"
            elif name not in relations and name not in ("id", "@iot.id", "@iot.selfLink"):
                raise BadQueryError(f"{ref.kind} have no such property", expected=", ".join(known), came=repr(name))
        for relation, nested in options.expand.items():
            self._expand(ref, relation, nested, content)
        return content

    def collection(
        self, found: "EntitySet", options: Options, path: str, pairs: Iterable[tuple[str, str]]
    ) -> dict[str, Any]:
        """A page of a set; ``path`` and ``pairs`` are those of the request, for the link to the next page."""
        refs, total, more = self.page(found, options)
        content: dict[str, Any] = {}
        if total is not None:
            content["@iot.count"] = total
        if more:
            kept = [(name, text) for name, text in pairs if name not in ("$skip", "$top")]
            following = urlencode(
                [*kept, ("$top", options.top), ("$skip", options.skip + options.top)], quote_via=quote, safe="$"
            )
            content["@iot.nextLink"] = f"{self._root}/{quote(path, safe=_PATH_MARKS)}?{following}"
        content["value"] = [self.entity(ref, options) for ref in refs]
        return content

    def page(self, found: "EntitySet", options: Options) -> tuple[list[Ref], int | None, bool]:
        """The entities of a page, how many there are in all if that was asked, and whether others follow."""
        if found.kind == "Observations":
            return self._observations(found.scope, options)
        if len(found.refs) > LARGE and (options.filter is not None or options.orderby):
            with _one_scan():
                return self._listed(found.refs, options)
        return self._listed(found.refs, options)

    def _listed(self, refs: Sequence[Ref], options: Options) -> tuple[list[Ref], int | None, bool]:
        wanted = options.filter
        if wanted is not None:
            passing = (ref for ref in refs if holds(wanted, lambda steps, ref=ref: self._read(ref, steps)))  # type: ignore[misc]
            whole = options.count or options.orderby
            refs = list(passing if whole else islice(passing, options.skip + options.top + 1))
        if options.orderby:
            refs = list(refs)
            for steps, descending in reversed(options.orderby):
                refs.sort(key=lambda ref: _sortable(self._read(ref, steps)), reverse=descending)
        shown = refs[options.skip : options.skip + options.top + 1]
        total = len(refs) if options.count else None
        return list(shown[: options.top]), total, options.top > 0 and len(shown) > options.top

    def link(self, ref: Ref) -> str:
        """The address of an entity."""
        name = str(ref.id) if isinstance(ref.id, int) else "'" + ref.id.replace("'", "''") + "'"
        return f"{self._root}/{ref.kind}({quote(name, safe=_PATH_MARKS)})"

    def _expand(self, ref: Ref, relation: str, nested: Options, content: dict[str, Any]) -> None:
        target = NAVIGATION[ref.kind].get(relation)
        if target is None:
            raise BadQueryError(
                f"{ref.kind} have no such relation", expected=", ".join(NAVIGATION[ref.kind]), came=relation
            )
        kind, many = target
        if not many:
            content[relation] = self.entity(self._related(ref, relation)[0], nested)
            return
        refs, total, more = self.page(self.set_of(kind, ref, relation), nested)
        if total is not None:
            content[f"{relation}@iot.count"] = total
        if more:
            skip = nested.skip + nested.top
            content[f"{relation}@iot.nextLink"] = f"{self.link(ref)}/{relation}?$top={nested.top}&$skip={skip}"
        content[relation] = [self.entity(inner, nested) for inner in refs]

    def _related(self, ref: Ref, relation: str) -> Sequence[Ref]:
        if ref.kind != "Observations":
            return self._model.related(ref, relation)
        stream = self._observed(ref.id).stream
        if relation == "Datastream":
            return [Ref("Datastreams", datastream_id(stream))]
        return [Ref("FeaturesOfInterest", f"{stream.cell.sensor}:{stream.cell.subject}")]

    def _scope(self, around: Ref | None) -> Scope:
        if around is None:
            return None
        if around.kind == "Datastreams":
            stream = self._model.stream(str(around.id))
            return [] if stream is None else [stream.number]
        return [stream.number for stream in self._model.streams_of_feature(str(around.id))]

    def _observations(self, scope: Scope, options: Options) -> tuple[list[Ref], int | None, bool]:
        self._ask()
        condition = Condition()
        if options.filter is not None:
            streams = self._store.streams
            meant = range(len(streams)) if scope is None else scope
            compiler = observations.Compiler(
                (streams[number] for number in meant),
                lambda stream, steps: self._read_stream(
                    datastream_id(stream), stream.cell.sensor, stream.cell.subject, steps
                ),
            )
            with _one_scan() if len(meant) > LARGE else nullcontext():
                condition = compiler.condition(options.filter)
        order = observations.order(options.orderby)
        rows = select(self._store, scope, condition, order, options.top + 1, options.skip)
        self._published |= {row.id: row for row in rows}
        total = count(self._store, scope, condition) if options.count else None
        refs = [Ref("Observations", row.id) for row in rows]
        return refs[: options.top], total, options.top > 0 and len(refs) > options.top

    def _observation(self, number: int) -> Published | None:
        if number not in self._published:
            self._ask()
            found = query.one(self._store, number)
            if found is None or self._index.get(found.record.cell.sensor) is None:
                return None
            self._published[number] = found
        return self._published[number]

    def _observed(self, number: str | int) -> Published:
        found = self._observation(int(number))
        if found is None:
            raise NotFoundError("there is no such entity", came=f"Observations({number})")
        return found

    def _ask(self) -> None:
        self._questions += 1
        if self._questions > MAX_QUESTIONS:
            raise BadQueryError(
                "request expands too much", expected=f"at most {MAX_QUESTIONS} sets of Observations", remedy="Use $top."
            )

    def _read(self, ref: Ref, steps: tuple[str, ...]) -> list[Any]:
        """Every value at the end of a path."""
        head, *rest = steps
        if head in NAVIGATION[ref.kind]:
            if NAVIGATION[ref.kind][head][0] == "Observations":
                raise UnsupportedQueryError("entities cannot be filtered by their Observations")
            return (
                [value for inner in self._related(ref, head) for value in self._read(inner, tuple(rest))]
                if rest
                else []
            )
        if head in ("id", "@iot.id"):
            return [ref.id]
        value: Any = self.properties(ref)
        for name in steps:
            if not isinstance(value, dict):
                return []
            if name not in value:
                if name == head:
                    raise BadQueryError(f"{ref.kind} have no such property", expected=", ".join(value), came=repr(name))
                return []
            value = value[name]
        return [read_instant(value.partition("/")[0])] if head in _TIMES else [value]

    def _read_stream(self, datastream: str, sensor: str, subject: str, steps: tuple[str, ...]) -> list[Any]:
        rest = steps[1:]
        if not rest or self._index.get(sensor) is None:
            return []
        is_stream = steps[0] == "Datastream"
        return self._read(
            Ref("Datastreams", datastream) if is_stream else Ref("FeaturesOfInterest", f"{sensor}:{subject}"), rest
        )


class EntitySet:
    """Entities of one kind: listed, or for Observations the streams that they belong to."""

    def __init__(self, kind: str, refs: Sequence[Ref], scope: Scope) -> None:
        self.kind, self.refs, self.scope = kind, refs, scope


@contextmanager
def _one_scan() -> Iterator[None]:
    """Filters and orders of a large set look at each entity; one at a time leaves the server to others."""
    if not _SCANNING.acquire(blocking=False):
        raise BusyError("another large set is being filtered", remedy="Try again in a moment, or name one entity.")
    try:
        yield
    finally:
        _SCANNING.release()


def _sortable(values: list[Any]) -> tuple[int, Any]:
    value = values[0] if values else None
    if isinstance(value, str):
        return 2, value
    return (
        (1, value.timestamp() if hasattr(value, "timestamp") else value)
        if not isinstance(value, dict | list | None)
        else (0, 0)
    )
