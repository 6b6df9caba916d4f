"""The streams of the sensors that a city lists, in the order of sensors: a page deep inside is found at once."""

from functools import cached_property

from passerby.public.directory import Sensor
from passerby.public.store.streams import Stream, Streams


class Listing:
    """A snapshot: made anew when the description of the city or the number of streams changes."""

    def __init__(self, sensors: tuple[Sensor, ...], streams: Streams) -> None:
        self._sensors, self._streams = sensors, streams
        self.size = len(streams)

    @cached_property
    def streams(self) -> list[Stream]:
        """All streams of listed sensors."""
        return [stream for sensor in self._sensors for stream in self._streams.of_sensor(sensor.id)]

    @cached_property
    def features(self) -> list[str]:
        """``sensor:subject`` for each line, area and counter that is measured."""
        return list(dict.fromkeys(f"{stream.cell.sensor}:{stream.cell.subject}" for stream in self.streams))

    @cached_property
    def properties(self) -> dict[str, list[Stream]]:
        """``family:category`` with the streams that observe it."""
        found: dict[str, list[Stream]] = {}
        for stream in self.streams:
            found.setdefault(f"{stream.cell.family.value}:{stream.cell.category}", []).append(stream)
        return found
