"""A load generator: clients that ask, wait for the answer, and ask again (a closed loop)."""

import http.client
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from passerby.apps.bench.api.large_city import DAYS, Size, camera_id, place_of
from passerby.datatypes.errors import PasserbyError
from passerby.public.store.schema import release_id

Asker = Callable[[random.Random], str]


class WrongAnswerError(PasserbyError):
    """The server did not answer 200."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of the requests of one kind, sorted. ``cpu``: what the server's process spent, sorted."""

    milliseconds: tuple[float, ...]
    cpu: tuple[float, ...]


def percentile(ranked: Sequence[float], share: float) -> float:
    """The nearest rank of sorted values."""
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def pages(size: Size) -> Mapping[str, Asker]:
    """What is asked: a page of each list, at a random place."""

    def camera(rng: random.Random) -> str:
        return camera_id(rng.randrange(size.cameras))

    def stream(rng: random.Random) -> str:
        return quote(f"Datastreams('{camera(rng)}:area_entries:square:person:86400')", safe="()'")

    def around(rng: random.Random, degrees: float) -> tuple[float, float, float, float]:
        place = place_of(rng.randrange(size.cameras))
        west, south = round(place.longitude - degrees / 2, 6), round(place.latitude - degrees / 2, 6)
        return west, south, round(west + degrees, 6), round(south + degrees, 6)

    def view(rng: random.Random, degrees: float, zoom: int) -> str:
        west, south, east, north = around(rng, degrees)
        return f"/api/v1/map?west={west}&south={south}&east={east}&north={north}&zoom={zoom}"

    api, things = "/api/v1", "/sensorthings/v1.1"
    cell = "family=area_entries&subject=square&category=person&resolution=86400"
    return {
        "releases": lambda rng: (
            f"{api}/releases?limit=100&cursor={release_id(rng.randrange(DAYS * size.groups), rng.randrange(900))}"
        ),
        "releases of a sensor": lambda rng: f"{api}/releases?limit=100&sensor={camera(rng)}",
        "year of a sensor": lambda rng: f"{api}/series?sensor={camera(rng)}&{cell}",
        "latest of a sensor": lambda rng: f"{api}/sensors/{camera(rng)}/latest",
        "sensors": lambda rng: f"{api}/sensors?limit=100&cursor={camera(rng)}",
        "sensors by name": lambda rng: f"{api}/sensors?limit=60&q={camera(rng)[-4:]}",
        "sensors in a box": lambda rng: f"{api}/sensors?limit=100&bbox={','.join(map(str, around(rng, 0.02)))}",
        "map of the city": lambda rng: view(rng, 0.5, 10),
        "map of some streets": lambda rng: view(rng, 0.02, 15),
        "mandates": lambda rng: f"{api}/mandates?limit=5&cursor={rng.randrange(size.groups)}",
        "batches": lambda rng: f"{api}/batches?limit=100&cursor={rng.randrange(DAYS * size.groups)}",
        "SensorThings Things": lambda rng: f"{things}/Things?$top=100&$skip={rng.randrange(size.cameras)}",
        "SensorThings Datastreams": lambda rng: f"{things}/Datastreams?$top=100&$skip={rng.randrange(size.cameras)}",
        "SensorThings Observations": lambda rng: (
            f"{things}/{stream(rng)}/Observations?$top=100&$orderby=phenomenonTime%20desc"
        ),
        "NGSI-LD entities": lambda rng: (
            f"/ngsi-ld/v1/entities?type=CrowdFlowObserved&limit=20&offset={rng.randrange(size.cameras)}"
        ),
    }


def measure(
    address: str, askers: Mapping[str, Asker], *, clients: int, requests: int, seed: int = 1
) -> dict[str, Timing]:
    """Ask ``requests`` times for each kind, the kinds mixed, from ``clients`` connections. Raises WrongAnswerError."""
    rng = random.Random(seed)
    jobs = [(kind, asker(rng)) for kind, asker in askers.items() for _ in range(requests)]
    rng.shuffle(jobs)
    with ThreadPoolExecutor(clients) as pool:
        timed = [one for done in pool.map(lambda part: _ask(address, part), _parts(jobs, clients)) for one in done]
    return {
        kind: Timing(
            tuple(sorted(spent for name, spent, _ in timed if name == kind)),
            tuple(sorted(cpu for name, _, cpu in timed if name == kind)),
        )
        for kind in askers
    }


def _parts(jobs: list[tuple[str, str]], clients: int) -> list[list[tuple[str, str]]]:
    return [jobs[first::clients] for first in range(clients)]


def _ask(address: str, jobs: list[tuple[str, str]]) -> list[tuple[str, float, float]]:
    where = urlsplit(address)
    spent = []
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)) as connection:
        for kind, path in jobs:
            begin = time.perf_counter()
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            response.read()
            cpu = float((response.getheader("Server-Timing") or "cpu;dur=nan").rpartition("=")[2])
            spent.append((kind, 1000 * (time.perf_counter() - begin), cpu))
            if response.status != 200:
                raise WrongAnswerError("load met an error", expected="200", came=f"{response.status} for {path}")
    return spent
