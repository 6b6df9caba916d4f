"""The main job, end to end."""

import re
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from passerby.apps.assets.entries import find
from passerby.apps.assets.fetch import get
from passerby.apps.city import City
from passerby.apps.demo.ceremony import OVERSIGHT, PARTIES, THRESHOLD, begin_anew, drafts
from passerby.apps.demo.lockdown import lockdown
from passerby.apps.demo.tables import release_table
from passerby.apps.demo.verdict import verify_all
from passerby.apps.node.counters import open_archive, replay
from passerby.apps.node.enactment import enact
from passerby.apps.node.house import House
from passerby.apps.node.node import Node
from passerby.apps.node.screen import work_table
from passerby.apps.node.status import StatusBoard
from passerby.apps.server.serve import check_port, serving
from passerby.apps.server.site import public_app
from passerby.apps.server.sources import PublicView
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.tlog.key import SigningKey

LIFETIME = timedelta(days=1)
PLAIN_SECONDS = 10.0


class Demo:
    """One run. ``serve``: show the site while it runs and after."""

    def __init__(self, city: City, folder: Path, console: Console, *, serve: bool) -> None:
        self._city = city
        self._folder = folder
        self._console = console
        self._serve = serve
        self._counted = (0, 0)
        self._fault: BaseException | None = None

    def run(self) -> None:
        """Do the whole job; returns at once after it without ``serve``, on Ctrl-C with it. Raises what fails."""
        host, _, port = self._city.listen.rpartition(":")
        if self._serve:
            check_port(host, int(port))
        self._fetch_assets()
        keys = begin_anew(self._city)
        self._say("1", f"{len(PARTIES)} parties hold a key each: {', '.join(PARTIES)}. {THRESHOLD} of them approve.")
        with ExitStack() as stack:
            house = stack.enter_context(House(self._city))
            board = StatusBoard(tuple(section.id for section in self._city.camera))
            node = Node(house, board)
            stack.callback(node.stop)
            archive = open_archive(self._city.counters[0])
            counters = [(counter, self._city.counters[0].zone) for counter in archive.counters]
            if self._serve:
                view = PublicView(house, board, counters, node.plate)
                url = stack.enter_context(serving(public_app(house, view), host, int(port)))
                self._console.print(f"   The site is at [bold]{url}[/] while this runs.")
            mandates = [self._enact(house, draft, keys) for draft in drafts(self._folder)]
            by_counters, by_camera = sorted(mandates, key=lambda mandate: mandate.archive is None)
            node.start()
            worker = threading.Thread(target=self._replay, args=(house, by_counters), daemon=True)
            worker.start()
            self._watch(node, worker, board)
            house.publish_log()
            self._report(house, by_camera, by_counters)
            if self._serve:
                self._console.print(f"\nThe site stays at [bold]{url}[/]. Ctrl-C ends it.")
                _until_interrupted()

    def _fetch_assets(self) -> None:
        wanted = {section.detector for section in self._city.camera}
        wanted |= {s.recording.sample for s in self._city.camera if s.recording and s.recording.sample}
        for entry in map(find, sorted(wanted)):
            if not entry.present:
                get(entry, partial(self._fetching, entry.name))

    def _fetching(self, name: str, what: str, share: float | None) -> None:
        if share is None:
            self._console.print(f"   {name}: {what} …")

    def _enact(self, house: House, draft: Path, keys: dict[str, SigningKey]) -> Mandate:
        mandate = parse_toml(_dated(draft.read_text("utf-8"), datetime.now(UTC)))
        signers = [keys[name] for name in PARTIES[:THRESHOLD]]
        self._say("2", f"Mandate “{mandate.title}”: drafted, checked, hash {mandate.hash[:12]}…")
        standing = enact(house, mandate, sign_decision("approve", mandate.hash, signers))
        witnesses = len(house.policy.witnesses)
        self._console.print(
            f"   signed by {' and '.join(standing.signed_by)}; leaf {standing.log_index} of the log; "
            f"seen by {witnesses} witnesses; notice period {mandate.notice_seconds} s (a city takes days or weeks)"
        )
        assert standing.in_force_from is not None
        while datetime.now(UTC) < standing.in_force_from:
            time.sleep(0.1)
        self._console.print(
            f"   in force since {utc_text(standing.in_force_from)}; {OVERSIGHT[0]} can suspend it alone"
        )
        return mandate

    def _replay(self, house: House, mandate: Mandate) -> None:
        def progress(done: int, days: int) -> None:
            self._counted = (done, days)

        try:
            replay(house, open_archive(self._city.counters[0]), mandate, progress)
        except BaseException as error:
            self._fault = error

    def _watch(self, node: Node, worker: threading.Thread, board: StatusBoard) -> None:
        self._say(
            "3", "Now, and only now, the node decodes. Beside it, seven years of counters go through the same gate."
        )
        finished = threading.Event()
        threading.Thread(target=_join, args=(node, worker, finished), daemon=True).start()
        if self._console.is_terminal:
            with Live(console=self._console, refresh_per_second=4) as live:
                while not finished.wait(0.25):
                    live.update(self._screen(board))
                live.update(self._screen(board))
        else:
            while not finished.wait(PLAIN_SECONDS):
                self._console.print(self._screen(board))
            self._console.print(self._screen(board))
        if self._fault is not None:
            raise self._fault

    def _screen(self, board: StatusBoard) -> Group:
        done, days = self._counted
        share = done / days if days else 0.0
        bar = "█" * round(30 * share) + "░" * (30 - round(30 * share))
        return Group(work_table(board.all()), Text(f"counters  {bar} {done:,} of {days:,} days released"))

    def _report(self, house: House, by_camera: Mandate, by_counters: Mandate) -> None:
        self._say("4", "What anybody may know (95 % interval of the noise; outages are gaps, never zeros):")
        finest = by_camera.resolutions[0].seconds
        self._console.print(release_table(house.store, by_camera.cells, finest, by_camera.zone))
        change = lockdown(house.store, by_counters.cells)
        if change is not None:
            self._console.print(f"\n   Auckland, {change.text}")
        self._say("5", "The log, verified from scratch:")
        self._console.print(f"   [bold green]✓[/] {verify_all(house).text}")

    def _say(self, number: str, text: str) -> None:
        self._console.print(f"\n[bold]{number}[/]  {text}")


def _dated(draft: str, now: datetime) -> str:
    """The draft with the present as its start, and an end."""
    start = now.replace(microsecond=0)
    draft = re.sub(r"^starts = .*$", f"starts = {utc_text(start)}", draft, count=1, flags=re.MULTILINE)
    return re.sub(r"^expires = .*$", f"expires = {utc_text(start + LIFETIME)}", draft, count=1, flags=re.MULTILINE)


def _join(node: Node, worker: threading.Thread, finished: threading.Event) -> None:
    node.join()
    worker.join()
    finished.set()


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
