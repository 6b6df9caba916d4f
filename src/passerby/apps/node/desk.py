"""The desk where decisions about mandates are handed in, and the one hand that brings them into the log.

The process that runs the city owns the log. Whoever decides puts leaves into ``<state>/inbox``, one file for each
decision and one leaf on each line; the owner checks each as every reader of the log will, logs it, has it cosigned,
and adds the notice with the witnesses' times. What it refuses lies in ``inbox/refused`` with the reason.
"""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType

from passerby.apps.city import City
from passerby.apps.node.house import House
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.standing import State
from passerby.gate.mandate import notice_leaf
from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LedgerInUseError

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 60.0


class RefusedError(PasserbyError):
    """The desk did not take a decision."""


class Inbox:
    """A folder for decisions on their way into the log."""

    def __init__(self, city: City) -> None:
        self._folder = city.state / "inbox"
        self._disk = Disk()

    def put(self, leaves: Sequence[bytes]) -> str:
        """Hand in leaves that belong together; returns the name under which they wait."""
        name = f"{time.time_ns():020d}"
        self._disk.write_files([(self._folder / name, b"".join(leaf + b"\n" for leaf in leaves))])
        return name

    def waiting(self) -> list[tuple[str, list[bytes]]]:
        """What waits, oldest first."""
        files = sorted(path for path in self._folder.glob("[0-9]*") if path.name.isdigit())
        return [(path.name, path.read_bytes().splitlines()) for path in files]

    def done(self, name: str) -> None:
        """It is in the log."""
        self._disk.remove(self._folder / name)

    def refuse(self, name: str, reason: str) -> None:
        """It will not be in the log."""
        self._disk.write_files([(self._folder / "refused" / name, f"{reason}\n".encode())])
        self._disk.remove(self._folder / name)

    def waits(self, name: str) -> bool:
        """Whether nobody has looked at it yet. Raises RefusedError where it was refused."""
        refused = self._folder / "refused" / name
        if refused.exists():
            raise RefusedError(refused.read_text("utf-8").strip())
        return (self._folder / name).exists()

    def withdraw(self, name: str) -> None:
        """Take back what nobody has looked at."""
        self._disk.remove(self._folder / name)


class Desk:
    """Takes what waits in the inbox of a house; as a context manager, again and again in the background."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._inbox = Inbox(house.city)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self.failure: PasserbyError | OSError | None = None

    def take(self) -> int:
        """Log what waits and what it sets going; returns how many decisions were taken.

        Raises LedgerError and OSError; what was not taken waits on.
        """
        self._give_notice()
        return sum([self._take(name, leaves) for name, leaves in self._inbox.waiting()])

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.take()
                self.failure = None
            except (PasserbyError, OSError) as error:
                self.failure = error

    def _take(self, name: str, leaves: list[bytes]) -> bool:
        self._house.look()
        try:
            for leaf in leaves:
                self._house.view.admit(leaf)
        except PasserbyError as error:
            self._inbox.refuse(name, str(error))
            return False
        self._house.ledger.append(leaves)
        self._house.publish_log()
        self._give_notice()
        self._inbox.done(name)
        return True

    def _give_notice(self) -> None:
        standings = self._house.view.standings(datetime.now(UTC))
        fresh = [
            s.mandate.hash
            for s in standings
            if (s.state is State.LOGGED and s.public_since is None) or any(end.public_since is None for end in s.ends)
        ]
        if fresh:
            checkpoint = self._house.publish_log().note.encode()
            self._house.ledger.append([notice_leaf(mandate, checkpoint) for mandate in fresh])
            self._house.publish_log()


def hand_in(city: City, *decisions: Sequence[bytes]) -> None:
    """Bring decisions into the log, in order: through the node that runs, or here and now where none does.

    Raises RefusedError with the reason, LedgerError where the log cannot be published.
    """
    inbox = Inbox(city)
    names = [inbox.put(leaves) for leaves in decisions]
    end = time.monotonic() + PATIENCE_SECONDS
    while any(inbox.waits(name) for name in names):
        try:
            with House(city) as house:
                Desk(house).take()
            continue
        except LedgerInUseError:
            time.sleep(LOOK_SECONDS / 4)
        if time.monotonic() > end:
            for name in names:
                inbox.withdraw(name)
            raise RefusedError(
                "nobody took the decision to the log",
                expected=f"the process that uses {city.state} to take it within {PATIENCE_SECONDS:.0f} s",
                remedy="Is it a node (passerby run)? Its log and its witnesses must work; see passerby log check.",
            )
