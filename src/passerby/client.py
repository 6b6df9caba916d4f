"""A small client for the open data of a city, ``City("https://city.example")``. It needs httpx and numpy alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.errors import PasserbyError
from passerby.tlog.tree import leaf_hash, tree_root

_PAGE, _TRIES = 1000, 5


class CityError(PasserbyError):
    """A city does not answer as it should."""


class NotProvenError(PasserbyError):
    """Numbers are not those that a manifest of the log covers."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One number over time, N windows in order.

    ``start``: datetime64[s] of shape [N], UTC. ``value``: float64 of shape [N] in ``unit``, NaN where there was an
    outage; may be negative, because noise was added. ``half_width``: float64 of shape [N]; value ± half_width holds the
    sensor's tally in 95 of 100 cases. ``coverage``: float64 of shape [N], share of the window that was observed.
    ``outage``: why there is no value, None where there is one. ``resolution``: s.
    """

    unit: str
    resolution: int
    start: NDArray[np.datetime64]
    value: NDArray[np.float64]
    half_width: NDArray[np.float64]
    coverage: NDArray[np.float64]
    outage: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.start)


class City:
    """The open data of one city; a context manager. Waits where the city asks to. Raises CityError."""

    def __init__(self, address: str, *, http: httpx.Client | None = None) -> None:
        """``http``: a client of one's own, such as one with a proxy; its base address is not used."""
        self._address = address.rstrip("/")
        self._http = http or httpx.Client(timeout=30, headers={"User-Agent": "passerby-client"})

    def __enter__(self) -> "City":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def about(self) -> dict[str, Any]:
        """Name, log, attributions, notes."""
        return self._json("/api/v1/city")

    def sensors(self, **wanted: str) -> Iterator[dict[str, Any]]:
        """Cameras and counters with what they measure, in the order of ids.

        ``wanted``: ``bbox`` as west,south,east,north in degrees, ``q`` a part of a name or id.
        """
        return self._pages("/api/v1/sensors", **wanted)

    def mandates(self) -> Iterator[dict[str, Any]]:
        """Decisions to measure, in the order of the log."""
        return self._pages("/api/v1/mandates")

    def batches(self) -> Iterator[dict[str, Any]]:
        """What each manifest of the log covers, in its order."""
        return self._pages("/api/v1/batches")

    def releases(self, **wanted: str | int) -> Iterator[dict[str, Any]]:
        """Single releases in the order of publication.

        ``wanted``: any of sensor, family, subject, category, resolution (s), start, end (RFC 3339).
        """
        return self._pages("/api/v1/releases", **wanted)

    def series(self, sensor: str, family: str, subject: str, category: str, resolution: int, **between: str) -> Series:
        """One number over time. ``resolution``: s. ``between``: start and end (RFC 3339), where not all is wanted."""
        wanted = {"sensor": sensor, "family": family, "subject": subject, "category": category}
        found = self._json("/api/v1/series", **wanted, resolution=resolution, **between)
        return Series(
            unit=found["unit"],
            resolution=found["resolution"],
            start=np.array([text.removesuffix("Z") for text in found["start"]], "datetime64[s]"),
            value=np.array([np.nan if value is None else value for value in found["value"]], np.float64),
            half_width=np.array(found["half_width"], np.float64),
            coverage=np.array(found["coverage"], np.float64) / 1000,
            outage=tuple(found["outage"]),
        )

    def day(self, day: str, form: str = "csv") -> bytes:
        """The file of a UTC day such as ``2020-04-01``. ``form``: csv or parquet."""
        return self._get(f"/data/{day}.{form}").content

    def batch(self, root: str) -> tuple[str, ...]:
        """The lines of a batch, after checking that they have the root by which the log knows them.

        Raises NotProvenError. That the root is in the log, ``passerby log verify`` checks.
        """
        lines = tuple(self._get(f"/api/v1/batches/{root}.csv").text.removesuffix("\n").split("\n"))
        found = tree_root(leaf_hash(line.encode()) for line in lines).hex()
        if found != root:
            raise NotProvenError("lines are not those of the manifest", expected=f"root {root}", came=found)
        return lines

    def _pages(self, path: str, **wanted: str | int) -> Iterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            page = self._json(path, **wanted, **cursor, limit=_PAGE)
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def _json(self, path: str, **wanted: str | int) -> dict[str, Any]:
        found: dict[str, Any] = self._get(path, **wanted).json()
        return found

    def _get(self, path: str, **wanted: str | int) -> httpx.Response:
        for _ in range(_TRIES):
            try:
                response = self._http.get(self._address + path, params=wanted)
            except httpx.HTTPError as error:
                raise CityError(f"{self._address} does not answer", came=type(error).__name__) from error
            if response.status_code != 429:
                break
            time.sleep(float(response.headers.get("retry-after", 1)))
        if response.status_code != 200:
            kind = response.headers.get("content-type", "")
            why = response.json()["detail"] if kind.startswith("application/problem") else f"{response.status_code}"
            raise CityError(f"{path} cannot be had", expected="200", came=why)
        return response
