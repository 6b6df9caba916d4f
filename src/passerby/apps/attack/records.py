"""Attacks on what the gate remembers: averaging over repeated draws, and the ledger of budgets."""

import shutil
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from passerby.apps.attack.door import Door, Line
from passerby.apps.attack.faults import POWER_CUTS, FaultyDisk, Killed
from passerby.apps.attack.numbers import Effort, MakeDoor
from passerby.apps.attack.statistics import Outcome
from passerby.apps.attack.target import FIRST_DAY, Target
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.window import Window
from passerby.gate.privacy.accountant import day_cost
from passerby.gate.privacy.journal import JournalError


class Seen:
    """Every value that anybody ever saw of a number."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str, int], set[float | None]] = defaultdict(set)

    def see(self, lines: list[Line]) -> None:
        """Remember what is public now."""
        for line in lines:
            self.values[line.cell, line.start, line.seconds].add(line.value)

    @property
    def draws(self) -> int:
        """Most values of one number."""
        return max(map(len, self.values.values()), default=0)


def averaging(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """One number again and again: asked twice, after restarts, after a fault at every step on the disk."""
    cost = float(day_cost(target.mandate, target.sensor))
    windows = target.windows(FIRST_DAY, 2)
    seen, attempts = Seen(), 0
    for mode in ("full", "kill"):
        for at in count():
            disk = FaultyDisk(at, mode)
            attempts += 1
            if not _crash(make, target, _folder(scratch), disk, windows, seen, None):
                break
    for cut in POWER_CUTS[:: 1 if effort.trials > 5_000 else 3]:
        for at in count():
            attempts += 1
            if not _crash(make, target, _folder(scratch), FaultyDisk(at), windows, seen, cut):
                break
    draws = max(1, seen.draws)
    return Outcome(draws == 1, cost * draws, cost, f"{attempts} crashes, each followed by three more requests")


def _crash(
    make: MakeDoor,
    target: Target,
    folder: Path,
    disk: FaultyDisk,
    windows: list[Window],
    everything: Seen,
    cut: tuple[object, object] | None,
) -> bool:
    """One life that ends in a fault, and three more processes with other people; whether the fault came.

    They do not hear the log: the journal must do by itself.
    """
    seen = Seen()
    door: Door | None = None
    try:
        door = make(target, folder, disk=disk)
        for value, window in enumerate(windows):
            seen.see(door.release(target.measures(window, dict.fromkeys(target.cells, value))))
    except (Killed, JournalError):
        pass
    if door is None:
        door = make(target, folder)
    came = 0 <= disk.at < disk.count
    door.close()
    if cut is not None and came:
        disk.cut_power(folder, *cut)  # type: ignore[arg-type]
    for people in range(1, 4):
        door.log.clear()
        seen.see(door.reopen())
        for window in windows:
            with suppress(PasserbyError):
                seen.see(door.release(target.measures(window, dict.fromkeys(target.cells, 50 * people))))
        door.close()
    for key, values in seen.values.items():
        if len(values) > len(everything.values[key]):
            everything.values[key] = values
    shutil.rmtree(folder)
    return came


def ledger(make: MakeDoor, target: Target, effort: Effort, scratch: Path) -> Outcome:
    """A day's budget twice: by a journal of yesterday, none, an edited or a copied one; by a clock that goes back; by
    a mandate that expired, is split, or brings a higher cap. What each got for one day, against what it may cost."""
    del effort
    cost, cap = day_cost(target.mandate, target.sensor), target.mandate.sensor_cap
    tricks: dict[str, Callable[[Door, Path, Window], int]] = {
        "journal rolled back": _rolled_back,
        "journal deleted": _deleted,
        "journal edited": _edited,
        "state copied to a second process": _copied,
        "second node": _second_node,
        "clock set back": _clock_back,
        "expired authorization": _expired,
    }
    found = []
    for name, trick in tricks.items():
        door = make(target, _folder(scratch))
        window = target.windows(FIRST_DAY, 1)[0]
        door.release(target.measures(window, {}))
        extra = trick(door, _folder(scratch) / "copy", window)
        spent = cost * (1 + extra)
        found.append(Outcome(extra == 0, float(spent), float(cost), name))
    for name, factor in (("split into many", 1), ("split into many with a higher cap", 100)):
        spent = _split(make(target, _folder(scratch)), target, factor)
        found.append(Outcome(spent <= cap, float(spent), float(cap), name))
    broken = [outcome for outcome in found if not outcome.held]
    worst = max(broken or found, key=lambda outcome: outcome.empirical / outcome.declared)
    note = ", ".join(o.note for o in broken) if broken else f"{len(found)} ways, all refused"
    return replace(worst, note=note)


def _again(door: Door, window: Window) -> int:
    """How many draws of the window, or of the day's budget, a process grants once more."""
    with suppress(PasserbyError):
        door.release(door.target.measures(window, dict.fromkeys(door.target.cells, 9)))
        return 1
    return 0


def _rolled_back(door: Door, _: Path, window: Window) -> int:
    journal = door.folder / "journal"
    old = journal.read_bytes()
    second, third = door.target.windows(FIRST_DAY, 3)[1:]
    door.release(door.target.measures(second, {}))
    door.close()
    journal.write_bytes(old)
    door.reopen()
    return max(_again(door, one) for one in (window, second, third))


def _deleted(door: Door, _: Path, window: Window) -> int:
    door.close()
    (door.folder / "journal").unlink()
    door.reopen()
    return _again(door, window)


def _edited(door: Door, _: Path, window: Window) -> int:
    door.close()
    journal = door.folder / "journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:1], *lines[2:], lines[-1]]))
    try:
        door.reopen()
    except PasserbyError:
        return 0
    return _again(door, window)


def _copied(door: Door, copy: Path, window: Window) -> int:
    return _beside(door, door.beside(copy, door.node), window)


def _second_node(door: Door, copy: Path, window: Window) -> int:
    return _beside(door, door.beside(copy, "second.attack.example"), window)


def _beside(door: Door, other: Door, window: Window) -> int:
    """Both processes look at the log before each window; the same window from both is one draw too many."""
    second = door.target.windows(FIRST_DAY, 2)[1]
    extra = _again(other, window)
    if _again(other, second):
        door.hear()
        extra += _again(door, second)
    return extra


def _clock_back(door: Door, _: Path, window: Window) -> int:
    door.release(door.target.measures(door.target.windows(FIRST_DAY, 3)[2], {}))
    return max(_again(door, one) for one in (window, door.target.windows(FIRST_DAY, 2)[1]))


def _expired(door: Door, _: Path, window: Window) -> int:
    end = window.end
    proof = replace(door.target.authorization(), valid_until=end)
    following = door.target.windows(FIRST_DAY, 2)[1]
    with suppress(PasserbyError):
        door.gate.release(door.target.measures(following, {}), [proof])
        return 1
    return 0


def _split(door: Door, target: Target, factor: int) -> Fraction:
    window = target.windows(FIRST_DAY, 1)[0]
    day = window.start.astimezone(target.mandate.zone).date().isoformat()
    for number in range(40):
        mandate = target.again(number)
        if number:
            mandate = replace(mandate, sensor_cap=mandate.sensor_cap * factor)
        try:
            door.release(target.measures(window, {}), mandate)
        except PasserbyError:
            break
    return door.gate.charged(target.sensor, day)


def _folder(scratch: Path) -> Path:
    return Path(mkdtemp(dir=scratch))
