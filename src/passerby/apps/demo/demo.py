"""The main job, end to end."""

import re
import threading
import time
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
from passerby.apps.demo.counting_error import sentence
from passerby.apps.demo.lockdown import lockdown
from passerby.apps.demo.tables import release_table
from passerby.apps.demo.verdict import verify_all
from passerby.apps.node.desk import hand_in
from passerby.apps.node.screen import work_table
from passerby.apps.runtimes import prepare_city
from passerby.apps.server.serve import check_port
from passerby.apps.works import Works
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.standing import Standing
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import approval_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.machine import cores
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

    def run(self) -> None:
        """Do the whole job; returns at once after it without ``serve``, on Ctrl-C with it. Raises what fails."""
        if self._serve:
            check_port(*self._city.address)
        self._fetch_assets()
        keys = begin_anew(self._city)
        with Works(self._city, serve=self._serve) as works:
            if works.url:
                self._console.print(f"The site is at [bold]{works.url}[/] while this runs.")
            self._say(
                "1", f"{len(PARTIES)} parties hold a key each: {', '.join(PARTIES)}. {THRESHOLD} of them approve."
            )
            self._say("2", "A mandate for each use: drafted, checked, signed, logged, witnessed, then a notice period.")
            mandates = [self._enact(works, draft, keys) for draft in drafts(self._folder)]
            by_counters, by_camera = sorted(mandates, key=lambda mandate: mandate.archive is None)
            self._say("3", "Now, and only now, the node decodes. Seven years of counters go through the same gate.")
            works.start()
            self._watch(works, by_counters)
            works.house.publish_log()
            self._report(works, by_camera, by_counters)
            if works.url:
                self._console.print(f"\nThe site stays at [bold]{works.url}[/]. Ctrl-C ends it.")
                _until_interrupted()

    def _fetch_assets(self) -> None:
        wanted = {section.detector for section in self._city.camera}
        wanted |= {s.recording.sample for s in self._city.camera if s.recording and s.recording.sample}
        for entry in map(find, sorted(wanted)):
            if not entry.present:
                get(entry, partial(self._fetching, entry.name))
        prepare_city(self._city, self._console)

    def _fetching(self, name: str, what: str, share: float | None) -> None:
        if share is None:
            self._console.print(f"   {name}: {what} …")

    def _enact(self, works: Works, draft: Path, keys: dict[str, SigningKey]) -> Mandate:
        mandate = parse_toml(_dated(draft.read_text("utf-8"), datetime.now(UTC)))
        self._console.print(f"   [bold]{mandate.title}[/]: {mandate.hash[:12]}…")
        approval = sign_decision("approve", mandate.hash, [keys[name] for name in PARTIES[:THRESHOLD]])
        hand_in(self._city, [mandate_leaf(mandate)], [approval_leaf(mandate.hash, approval)])
        standing = self._noticed(works, mandate)
        force = standing.in_force_from
        assert force is not None
        self._console.print(
            f"     signed by {' and '.join(standing.signed_by)}; leaf {standing.log_index} of the log; "
            f"seen by {len(works.house.policy.witnesses)} witnesses\n"
            f"     notice period: {mandate.notice_seconds} s (a city takes days or weeks)"
        )
        time.sleep(max(0.0, (force - datetime.now(UTC)).total_seconds()))
        self._console.print(f"     in force since {utc_text(force)}; {OVERSIGHT[0]} can suspend it alone")
        return mandate

    def _noticed(self, works: Works, mandate: Mandate) -> Standing:
        standing = works.house.standing(mandate.hash)
        while standing.in_force_from is None:
            time.sleep(0.1)
            standing = works.house.standing(mandate.hash)
        return standing

    def _watch(self, works: Works, by_counters: Mandate) -> None:
        cameras = threading.Thread(target=works.node.join, daemon=True)
        cameras.start()

        def busy() -> bool:
            if works.counters.fault is not None:
                raise works.counters.fault
            return cameras.is_alive() or by_counters.hash not in works.counters.finished

        if self._console.is_terminal:
            with Live(console=self._console, refresh_per_second=4) as live:
                while busy():
                    live.update(_screen(works))
                    time.sleep(0.25)
                live.update(_screen(works))
        else:
            shown = 0.0
            while busy():
                if time.monotonic() - shown > PLAIN_SECONDS:
                    self._console.print(_screen(works))
                    shown = time.monotonic()
                time.sleep(0.25)
            self._console.print(_screen(works))

    def _report(self, works: Works, by_camera: Mandate, by_counters: Mandate) -> None:
        store = works.house.store
        self._say("4", "What anybody may know (95 % interval of the noise; outages are gaps, never zeros):")
        self._console.print(release_table(store, by_camera.cells, by_camera.resolutions[0].seconds, by_camera.zone))
        self._console.print(f"\n   What the camera itself gets wrong, measured apart: {sentence()}")
        change = lockdown(store, by_counters.cells)
        if change is not None:
            self._console.print(f"\n   Auckland, {change.text}")
        self._say("5", "The log, verified from scratch:")
        self._console.print(f"   [bold green]✓[/] {verify_all(works.house).text}")

    def _say(self, number: str, text: str) -> None:
        self._console.print(f"\n[bold]{number}[/]  {text}")


def _screen(works: Works) -> Group:
    done, days = works.counters.done, works.counters.days
    filled = round(30 * done / days) if days else 0
    bar = "█" * filled + "░" * (30 - filled)
    return Group(work_table(works.board.all(), cores()), Text(f"counters  {bar} {done:,} of {days:,} days released"))


def _dated(draft: str, now: datetime) -> str:
    """The draft with the present as its start, and an end."""
    start = now.replace(microsecond=0)
    draft = re.sub(r"^starts = .*$", f"starts = {utc_text(start)}", draft, count=1, flags=re.MULTILINE)
    return re.sub(r"^expires = .*$", f"expires = {utc_text(start + LIFETIME)}", draft, count=1, flags=re.MULTILINE)


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
