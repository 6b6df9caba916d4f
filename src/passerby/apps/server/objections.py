"""The desk of objections beside a served city: its file, its routes, and a clerk who logs what is answered."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import APIRouter

from passerby.civic.objections.desk import Append, Desk
from passerby.civic.objections.routes import router
from passerby.civic.objections.store import ObjectionStore
from passerby.datatypes.errors import PasserbyError
from passerby.public.directory import Sources
from passerby.public.store.store import Store

EVERY_SECONDS = 2.0


def objections_file(state: Path) -> Path:
    """Where a city keeps its objections."""
    return state / "objections.sqlite"


@contextmanager
def attending(state: Path, append: Append, store: Store, sources: Sources) -> Iterator[APIRouter]:
    """Routes for ``create_app``'s ``neighbours``. While the block runs, answers that the operator gives from another
    process are logged through ``append`` within seconds.
    """
    desk = Desk(ObjectionStore(objections_file(state)), append)
    over = threading.Event()

    def attend() -> None:
        while not over.wait(EVERY_SECONDS):
            try:
                desk.log()
            except (PasserbyError, OSError, sqlite3.Error):
                logging.getLogger(__name__).exception("objections: not logged yet; trying again")

    desk.log()
    clerk = threading.Thread(target=attend, name="objections", daemon=True)
    clerk.start()
    try:
        yield router(desk, store, sources)
    finally:
        over.set()
        clerk.join(timeout=10)
