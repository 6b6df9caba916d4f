"""Where the files of a log come from: a folder or a web server."""

import weakref
from pathlib import Path

import httpx

from passerby.public.ledger.errors import LedgerError
from passerby.tlog.tiled import Fetch, ResourceMissingError

_LARGEST = 32 * 1024 * 1024


class UnreachableError(LedgerError):
    """A server did not answer, or answered with nonsense."""


def directory_fetch(folder: Path) -> Fetch:
    """Read the log in a folder."""

    def fetch(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _missing(path, str(folder)) from error

    return fetch


def http_fetch(url: str, *, timeout: float = 10.0) -> Fetch:
    """Read the log below a URL, over connections that are kept. Raises UnreachableError when used."""
    client = httpx.Client(timeout=timeout, follow_redirects=False)

    def fetch(path: str) -> bytes:
        try:
            with client.stream("GET", f"{url.rstrip('/')}/{path}") as response:
                data = read_at_most(response, _LARGEST)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreachableError(
                f"cannot read {url}", came=type(error).__name__, remedy="Check the address and the network."
            ) from error
        if response.status_code in (404, 410):
            raise _missing(path, url)
        if response.status_code != 200:
            raise UnreachableError(f"{url} did not serve {path}", expected="200", came=str(response.status_code))
        return data

    weakref.finalize(fetch, client.close)
    return fetch


def read_at_most(response: httpx.Response, most: int) -> bytes:
    """Body of a streamed answer, decompressed. Raises UnreachableError where it is longer than ``most`` bytes."""
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > most:
            raise UnreachableError(f"{response.url} sends too much", expected=f"at most {most:,} bytes")
    return bytes(data)


def fetch_from(where: str) -> Fetch:
    """A URL or a folder, told apart by ``http://`` or ``https://``."""
    return http_fetch(where) if where.startswith(("http://", "https://")) else directory_fetch(Path(where))


def _missing(path: str, where: str) -> ResourceMissingError:
    return ResourceMissingError(
        f"{where} has no {path}", remedy="Check the address; a log serves /checkpoint and /tile/…."
    )
