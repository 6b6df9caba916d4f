"""The desk where objections are taken, logged and answered."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock

import rfc8785

from passerby.civic.objections.objection import About, Objection, answer_to, clean, request_of
from passerby.civic.objections.store import ObjectionStore, Unlogged
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.window import utc_text

Append = Callable[[Sequence[bytes]], Sequence[int]]


class Desk:
    """Takes requests and answers. ``append`` adds leaves to the log durably and returns their indexes."""

    def __init__(self, store: ObjectionStore, append: Append) -> None:
        self.store = store
        self._append = append
        self._logging = Lock()

    def object(self, about: About, text: str) -> Objection:
        """Keep a request and log its hash. Where the log fails the request is kept all the same, to be logged later.

        Raises TextError.
        """
        number = self.store.add(about, request_of(about, text, utc_text(datetime.now(UTC))))
        with suppress(PasserbyError, OSError):
            self.log()
        return self.store.get(number)

    def log(self) -> int:
        """Log what is not logged yet; returns how many. After a crash between log and store a hash is logged twice,
        which says nothing new.
        """
        with self._logging:
            waiting = self.store.unlogged()
            if waiting:
                self.store.logged(waiting, self._append([leaf_of(statement) for statement in waiting]))
            return len(waiting)


def answer(store: ObjectionStore, number: int, text: str) -> Objection:
    """Answer a request in public; the process that keeps the log logs its hash.

    Raises NoSuchObjectionError, AlreadyAnsweredError, TextError.
    """
    store.answer(number, answer_to(store.get(number), text, utc_text(datetime.now(UTC))))
    return store.get(number)


def withhold(store: ObjectionStore, number: int, reason: str) -> Objection:
    """Erase a text that harms somebody, such as one that names a person; the hash and the reason stay in public.

    Raises NoSuchObjectionError, TextError.
    """
    store.withhold(number, clean(reason))
    return store.get(number)


def leaf_of(statement: Unlogged) -> bytes:
    """The leaf of a statement, see ``spec/ledger.md``."""
    fields = {"type": statement.kind, "mandate": statement.mandate, "hash": statement.hash}
    return rfc8785.dumps({**fields, "objection": statement.objection} if statement.kind == "answer" else fields)
