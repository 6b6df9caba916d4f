"""What is sent: topics and payloads. Released numbers, states of sensors, and descriptions for Home Assistant.

Topics are ``PREFIX/sensor/family/subject/category/seconds`` for numbers, ``PREFIX/sensor/state``, ``PREFIX/available``,
and ``PREFIX/skipped`` for what was not told. All of them are retained: who subscribes late has the newest at once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from passerby import __version__
from passerby.datatypes.window import utc_text
from passerby.public.directory import City, Sensor, SensorState
from passerby.public.store.rows import Published
from passerby.public.store.streams import Stream

ONLINE, OFFLINE = b"online", b"offline"


@dataclass(frozen=True, slots=True)
class Topics:
    """``prefix``: of everything of this city. ``discovery``: where Home Assistant listens."""

    prefix: str = "passerby"
    discovery: str = "homeassistant"

    @property
    def available(self) -> str:
        """Whether the publisher is there; the broker itself says that it is not."""
        return f"{self.prefix}/available"

    @property
    def skipped(self) -> str:
        """Which numbers were not told."""
        return f"{self.prefix}/skipped"

    def state(self, sensor: str) -> str:
        """What a sensor does."""
        return f"{self.prefix}/{sensor}/state"

    def number(self, stream: Stream) -> str:
        """Newest number of a stream."""
        cell = stream.cell
        return f"{self.prefix}/{cell.sensor}/{cell.family.value}/{cell.subject}/{cell.category}/{stream.resolution}"

    def config(self, sensor: str) -> str:
        """Description of a sensor for Home Assistant."""
        return f"{self.discovery}/device/{self.prefix.replace('/', '_')}_{sensor}/config"


@dataclass(frozen=True, slots=True)
class Message:
    """One retained message."""

    topic: str
    payload: bytes


def number_message(topics: Topics, item: Published) -> Message:
    """A release; ``value`` is null where there was an outage."""
    record = item.record
    content = {
        "value": record.value,
        "half_width": record.half_width,
        "coverage": record.coverage / 1000,
        "outage": None if record.outage is None else record.outage.value,
        "start": utc_text(record.window.start),
        "end": utc_text(record.window.end),
        "unit": record.cell.family.unit,
        "mandate": record.mandate,
        "manifest": item.manifest,
        "index": item.index,
    }
    return Message(topics.number(item.stream), _json(content))


def skipped_message(topics: Topics, after: int, until: int) -> Message:
    """Releases that were not told: with an id above ``after`` and up to ``until``; ``cursor`` leads to them."""
    return Message(topics.skipped, _json({"cursor": str(after), "until": until}))


def state_message(topics: Topics, sensor: str, state: SensorState) -> Message:
    """What a sensor does now."""
    return Message(topics.state(sensor), state.value.encode())


def config_message(topics: Topics, city: City, sensor: Sensor, streams: Iterable[Stream]) -> Message:
    """Device discovery of Home Assistant: one device a sensor, one entity a stream, and one for its state."""
    name = f"{topics.prefix.replace('/', '_')}_{sensor.id}"
    components: dict[str, object] = {
        "state": {
            "platform": "sensor",
            "unique_id": f"{name}_state",
            "name": "State",
            "state_topic": topics.state(sensor.id),
            "device_class": "enum",
            "options": [state.value for state in SensorState],
            "entity_category": "diagnostic",
        }
    }
    for stream in streams:
        cell = stream.cell
        key = "_".join((cell.family.value, cell.subject, cell.category, str(stream.resolution)))
        key = key.replace(".", "_").replace("-", "_")
        components[key] = {
            "platform": "sensor",
            "unique_id": f"{name}_{key}",
            "name": f"{cell.subject} {cell.category} {cell.family.value.replace('_', ' ')}, {stream.resolution} s",
            "state_topic": topics.number(stream),
            "value_template": "{{ value_json.value }}",
            "json_attributes_topic": topics.number(stream),
            "unit_of_measurement": cell.family.unit,
            "state_class": "measurement",
        }
    content = {
        "device": {
            "identifiers": [name],
            "name": sensor.name,
            "manufacturer": "Passerby",
            "model": sensor.type.value,
            "suggested_area": city.name,
        },
        "origin": {"name": "Passerby", "sw_version": __version__},
        "availability_topic": topics.available,
        "components": components,
        "qos": 1,
    }
    return Message(topics.config(sensor.id), _json(content))


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
