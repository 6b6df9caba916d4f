"""What the public side may ask the house: who is measured where, under which mandate, in which state."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypedDict

from passerby.apps.city import CameraSection, CityFileError, MapSection
from passerby.apps.city import City as CityFile
from passerby.apps.node.advice import machine_of
from passerby.apps.node.geometry import camera_of, error_on_map_m, outlines
from passerby.apps.node.house import House
from passerby.apps.node.status import StatusBoard
from passerby.datatypes.cell import Cell
from passerby.datatypes.counter import Counter
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing, State
from passerby.gate.release import COVERAGE_STEP
from passerby.machine import cores
from passerby.public.directory import (
    Attribution,
    Basemap,
    City,
    Load,
    LogDescription,
    Machine,
    Moment,
    Sensor,
    SensorState,
    SensorType,
    Sources,
)
from passerby.public.licence import Licence

_KNOWN = (State.IN_FORCE, State.EXPIRED, State.SUSPENDED, State.REVOKED)
_STATES = {"measuring": SensorState.MEASURING, "outage": SensorState.OUTAGE, "ended": SensorState.ASLEEP}
Plate = Callable[[str], bytes | None]


class PublicView:
    """Describes the house; the description is made anew only when the log brought something about mandates.

    What changes, changes at a whole second or because the log grew, so the log is asked once a second at most.
    """

    def __init__(
        self,
        house: House,
        board: StatusBoard,
        counters: Sequence[tuple[Counter, str]],
        plate: Plate,
        counters_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """``counters``: with their time zones. Raises CityFileError where the map of streets cannot be read."""
        self._house = house
        self._board = board
        self._counters = counters
        self._plate = plate
        self._counters_stopped = counters_stopped
        self._sensors: dict[str, tuple[tuple[Mandate, ...], Sensor]] = {}
        self._known = _Known((-1, datetime.min), (), {}, {})
        self._described: tuple[_Known, City] | None = None
        self._basemap = _basemap(house.city.map)

    def sources(self) -> Sources:
        """For ``create_app``."""
        return Sources(self.city, self.standings, self.state, self._plate, self.load, self.machine)

    def standings(self) -> Sequence[Standing]:
        """Every mandate of the log."""
        return self._now().standings

    def city(self) -> City:
        """The city as residents see it."""
        known, described = self._now(), self._described
        if described is not None and (described[0] is known or described[0].states == known.states):
            city = described[1]
        else:
            city = self._describe([s for s in known.standings if s.state in _KNOWN])
        self._described = known, city
        return city

    def state(self, sensor: str) -> SensorState:
        """What a sensor does now; a counter reports when it reports, unless something stopped them."""
        known = self._now()
        if not any(known.states[mandate] is State.IN_FORCE for mandate in known.covering.get(sensor, ())):
            return SensorState.NOT_MANDATED
        if sensor not in self._board:
            return SensorState.OUTAGE if self._counters_stopped() else SensorState.MEASURING
        return _STATES.get(self._board.of(sensor).state, SensorState.ASLEEP)

    def load(self, sensor: str) -> Load | None:
        """What a camera at work costs; its coverage as coarse as in a release."""
        camera = self._board.of(sensor) if sensor in self._board else None
        if camera is None or camera.state not in ("measuring", "outage") or not camera.stream_seconds:
            return None
        return Load(
            looks=round(camera.frames / camera.stream_seconds, 1),
            cost=round(camera.steady_cost, 3),
            delay=round(camera.delay_seconds, 1),
            coverage=None
            if camera.coverage is None
            else COVERAGE_STEP * round(1000 * camera.coverage / COVERAGE_STEP) / 1000,
            rest=round(camera.rest, 2),
            stream=camera.stream,
            position_error=camera.position_error_m,
        )

    def machine(self) -> Machine:
        """What the cameras need of this machine."""
        return machine_of(self._board.all(), cores())

    def _now(self) -> "_Known":
        known, at = self._known, (self._house.view.size, datetime.now(UTC).replace(microsecond=0))
        if known.at != at:
            standings = self._house.view.standings(at[1])
            states = {standing.mandate.hash: standing.state for standing in standings}
            covering = known.covering if len(standings) == len(known.standings) else _covering(standings)
            known = self._known = _Known(at, standings, states, covering)
        return known

    def _describe(self, standings: Sequence[Standing]) -> City:
        city: CityFile = self._house.city
        mine: dict[str, dict[Mandate, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        for standing in sorted(standings, key=lambda standing: standing.state is State.IN_FORCE):
            for cell in standing.mandate.cells:
                mine[cell.sensor][standing.mandate].append(cell)
        sensors = [self._same(section.id, mine[section.id], partial(self._camera, section)) for section in city.camera]
        sensors += [
            self._same(counter.id, mine[counter.id], partial(_counter, counter, zone))
            for counter, zone in self._counters
        ]
        return City(
            name=city.name,
            log=LogDescription(city.log.origin, self._house.policy.logs[0].key.text, self._house.policy.text),
            sensors=tuple(sorted(sensors, key=lambda sensor: sensor.id)),
            attributions=tuple(Attribution(a.text, a.url, a.licence) for a in city.attribution),
            notes=city.notes,
            moments=tuple(Moment(moment.title, moment.first, moment.last) for moment in city.moment),
            basemap=self._basemap,
            licence=Licence.parse(city.data.licence),
        )

    def _same(
        self, sensor: str, mine: dict[Mandate, list[Cell]], make: Callable[[dict[Mandate, list[Cell]]], Sensor]
    ) -> Sensor:
        """The sensor as it was made for these mandates in this order, or made now."""
        mandates, known = tuple(mine), self._sensors.get(sensor)
        if known is None or known[0] != mandates:
            known = self._sensors[sensor] = mandates, make(mine)
        return known[1]

    def _camera(self, section: CameraSection, mine: dict[Mandate, list[Cell]]) -> Sensor:
        """Drawn as its last mandate draws it; those in force come last."""
        drawn = camera_of(section, next(reversed(mine), None))
        found = outlines(drawn)
        return Sensor(
            id=section.id,
            name=section.name,
            type=SensorType.CAMERA,
            place=drawn.place,
            zone=section.zone,
            picture=section.picture,
            areas=drawn.areas,
            lines=drawn.lines,
            outlines=found,
            ground_error_m=error_on_map_m(drawn) if found else None,
            **_measured(mine),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What the log says at ``at``, its size and the second: standings, states by mandate, mandates by sensor."""

    at: tuple[int, datetime]
    standings: tuple[Standing, ...]
    states: Mapping[str, State]
    covering: Mapping[str, Sequence[str]]


def _covering(standings: Sequence[Standing]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for standing in standings:
        for sensor in standing.mandate.sensors:
            found[sensor].append(standing.mandate.hash)
    return found


def _counter(counter: Counter, zone: str, mine: Mapping[Mandate, Sequence[Cell]]) -> Sensor:
    return Sensor(
        id=counter.id,
        name=counter.name,
        type=SensorType.COUNTER,
        place=counter.place,
        zone=zone,
        **_measured(mine),
    )


class _Measured(TypedDict):
    cells: tuple[Cell, ...]
    resolutions: tuple[int, ...]
    mandates: tuple[str, ...]


def _measured(mine: Mapping[Mandate, Sequence[Cell]]) -> _Measured:
    return {
        "cells": tuple(sorted({cell for cells in mine.values() for cell in cells})),
        "resolutions": tuple(sorted({r.seconds for mandate in mine for r in mandate.resolutions})),
        "mandates": tuple(mandate.hash for mandate in mine),
    }


def _basemap(section: MapSection) -> Basemap:
    streets: bytes | None = None
    if section.streets is not None:
        try:
            streets = section.streets.read_bytes()
            kind = json.loads(streets).get("type")
        except (OSError, ValueError, AttributeError) as error:
            raise CityFileError(f"cannot read {section.streets}", expected="GeoJSON", came=str(error)) from error
        if kind != "FeatureCollection":
            raise CityFileError(f"{section.streets} is no map", expected="a FeatureCollection", came=repr(kind)[:80])
    return Basemap(streets, section.tiles, section.attribution)
