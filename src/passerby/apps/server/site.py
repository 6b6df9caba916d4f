"""Everything public of a house as one web application."""

from pathlib import Path

from fastapi import FastAPI

from passerby.apps.node.house import House
from passerby.apps.server.sources import PublicView
from passerby.datatypes.errors import PasserbyError
from passerby.public.api.app import create_app

SITE = Path(__file__).parents[4] / "site" / "dist"


class SiteMissingError(PasserbyError):
    """The site was not built."""


def public_app(house: House, view: PublicView) -> FastAPI:
    """The site, the data and the log. Raises SiteMissingError."""
    if not (SITE / "index.html").is_file():
        raise SiteMissingError(f"no site in {SITE}", expected="index.html", remedy="Build it: make setup.")
    return create_app(house.store, view.sources(), log_directory=house.log_folder, site_directory=SITE)
