"""Everything public of a house on one port."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from passerby.apps.node.house import House
from passerby.apps.server.objections import attending
from passerby.apps.server.serve import serving
from passerby.apps.server.sources import PublicView
from passerby.datatypes.errors import PasserbyError
from passerby.public.api.app import create_app

SITE = Path(__file__).parents[4] / "site" / "dist"


class SiteMissingError(PasserbyError):
    """The site was not built."""


@contextmanager
def public_site(house: House, view: PublicView) -> Iterator[str]:
    """Serve the site, the data, the log and the desk of objections while the block runs; yields the address.

    Raises SiteMissingError, PortInUseError, ServerFailedError.
    """
    if not (SITE / "index.html").is_file():
        raise SiteMissingError(f"no site in {SITE}", expected="index.html", remedy="Build it: make setup.")
    host, port = house.city.address
    sources = view.sources()
    with attending(house.city.state, house.ledger.append, house.store, sources) as objections:
        app = create_app(
            house.store,
            sources,
            log_directory=house.log_folder,
            site_directory=SITE,
            exports=house.city.state / "exports",
            neighbours=[objections],
            tiles=house.city.map.tiles,
        )
        with serving(app, host, port) as url, settled(url):
            yield url


@contextmanager
def settled(url: str) -> Iterator[None]:
    """Have the lists of a site made that are made when first asked, and do not look for garbage among what is there now
    while the block runs: in a city of 200,000 cameras each look would stop everything for 2 s.
    """
    with urlopen(f"{url}/sensorthings/v1.1/Datastreams?$top=1", timeout=60) as answer:
        answer.read()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
