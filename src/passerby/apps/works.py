"""A city at work in one process: log and gate, desk, cameras, counters, and the site if it is wanted."""

from contextlib import ExitStack
from threading import Timer
from types import TracebackType

from passerby.apps.city import City
from passerby.apps.node.counters import Replay, open_archive
from passerby.apps.node.desk import Desk
from passerby.apps.node.house import House
from passerby.apps.node.memory import give_back
from passerby.apps.node.node import Node
from passerby.apps.node.status import StatusBoard
from passerby.apps.server.broker import telling
from passerby.apps.server.serve import check_port
from passerby.apps.server.site import public_site
from passerby.apps.server.sources import PublicView

SETTLED_SECONDS = 5.0
"""After the start: what only that needed is given back."""


class Works:
    """Context manager. On entry everything is open and, where ``serve`` says so, the site is up at ``url``; cameras and
    counters begin with ``start``. On exit all of it ends and nothing is released any more.
    """

    def __init__(self, city: City, *, serve: bool) -> None:
        """Raises what opening raises: CityFileError, RolesError, LedgerError, JournalError, PortInUseError, …"""
        self.city = city
        self.url = ""
        self._stack = ExitStack()
        try:
            self._open(serve)
        except BaseException:
            self._stack.close()
            raise

    def start(self) -> None:
        """Begin to look for mandates, and measure what they allow."""
        self.node.start()
        self._stack.callback(self.node.stop)
        self.counters.start()
        self._stack.callback(self.counters.stop)
        settled = Timer(SETTLED_SECONDS, give_back)
        settled.daemon = True
        settled.start()
        self._stack.callback(settled.cancel)

    def __enter__(self) -> "Works":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _open(self, serve: bool) -> None:
        if serve:
            check_port(*self.city.address)
        archives = [open_archive(section) for section in self.city.counters]
        self.house = self._stack.enter_context(House(self.city))
        self.board = StatusBoard(tuple(section.id for section in self.city.camera))
        self.node = Node(self.house, self.board)
        self.counters = Replay(self.house, archives)
        if serve:
            sections = zip(self.city.counters, archives, strict=True)
            known = [(counter, section.zone) for section, archive in sections for counter in archive.counters]
            view = PublicView(self.house, self.board, known, self.node.plate, lambda: self.counters.fault is not None)
            self.url = self._stack.enter_context(public_site(self.house, view))
            self._stack.enter_context(telling(self.city.mqtt, self.house.store, view.sources()))
        self._stack.enter_context(Desk(self.house))
