"""The crash matrix: every operation on the disk fails, or is the last one, and nothing acknowledged is ever lost.

full: the disk is full or broken at that operation, and the process goes on. kill: the process kills itself there with
signal 9; what the system had taken stays. power: the machine dies there, only what was synced stays.
"""

import errno
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from passerby.public.ledger.disk import Disk
from passerby.public.ledger.errors import LedgerBrokenError, LedgerError
from passerby.public.ledger.fetch import directory_fetch
from passerby.public.ledger.verify import check_copy
from passerby.tlog.checkpoint import Checkpoint
from passerby.tlog.client import Client
from passerby.tlog.errors import TlogError
from passerby.tlog.policy import QuorumError


class Killed(BaseException):
    """The process is gone."""


class FaultyDisk(Disk):
    """Counts operations; the one numbered ``at`` goes wrong. Remembers what a power cut would leave."""

    def __init__(self, at: int, mode: str) -> None:
        self.at = at
        self.mode = mode
        self.count = 0
        self.dead = False
        self.files: dict[int, int] = {}
        self.numbers = count()
        self.contents: dict[int, bytes] = {}
        self.names: dict[Path, dict[str, int]] = {}

    def _step(self) -> bool:
        if self.dead:
            raise Killed
        self.count += 1
        return self.count - 1 == self.at

    def _fail(self) -> None:
        if self.mode == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        self.dead = True
        raise Killed

    def create(self, path: Path) -> int:
        if self._step():
            self._fail()
        descriptor = super().create(path)
        self.files[os.fstat(descriptor).st_ino] = number = next(self.numbers)
        self.contents[number] = b""
        return descriptor

    def listed(self, folder: Path) -> dict[str, int]:
        """Number of the file behind each name; inodes are given to new files once the old one is gone."""
        return {entry.name: self.files.get(entry.stat().st_ino, -1) for entry in folder.iterdir()}

    def write(self, descriptor: int, data: bytes) -> None:
        if self._step():
            super().write(descriptor, data[: len(data) // 2])
            self._fail()
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        if self._step():
            self._fail()
        file = Path(f"/proc/self/fd/{descriptor}").readlink()
        number = self.files.setdefault(os.fstat(descriptor).st_ino, next(self.numbers))
        self.contents[number] = file.read_bytes()

    def sync_directory(self, path: Path) -> None:
        if self._step():
            self._fail()
        self.names[path] = self.listed(path)

    def rename(self, old: Path, new: Path) -> None:
        if self._step():
            self._fail()
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        if self._step():
            self._fail()
        super().remove(path)

    def remove_directory(self, path: Path) -> None:
        if self._step():
            self._fail()
        super().remove_directory(path)

    def after_power_cut(self, folder: Path, survivor: Path) -> None:
        """Write what is durable below ``folder`` to ``survivor``."""
        survivor.mkdir()
        for name, number in self.names.get(folder, {}).items():
            if (folder / name) in self.names or (folder / name).is_dir():
                self.after_power_cut(folder / name, survivor / name)
            else:
                (survivor / name).write_bytes(self.contents.get(number, b""))


BATCHES = (3, 255)


def leaves(start: int, end: int) -> list[bytes]:
    return [b'{"leaf":%d}' % n for n in range(start, end)]


class Run:
    """What was promised before the fault; ``tell``: a file descriptor that is told each promise at once."""

    def __init__(self, tell: int | None = None) -> None:
        self.acknowledged = 0
        self.out: list[Checkpoint] = []
        self.tell = tell

    def acknowledge(self, size: int) -> None:
        self.acknowledged = size
        if self.tell is not None:
            os.write(self.tell, b"%d\n" % size)

    def publish(self, checkpoint: Checkpoint) -> None:
        self.out.append(checkpoint)
        if self.tell is not None:
            os.write(self.tell, b64encode(checkpoint.note.encode()) + b"\n")


def work(house: Any, disk: Disk, run: Run) -> None:
    """Append and publish; after a failure that is no death, go on as a node would."""
    ledger = None
    for more in (*BATCHES, 2):
        try:
            ledger = ledger or house.open(disk)
            ledger.append(leaves(ledger.size, ledger.size + more))
            run.acknowledge(ledger.size)
            run.publish(ledger.publish())
        except LedgerBrokenError:
            house.stack.close()
            ledger = None
        except (OSError, QuorumError, LedgerError):
            house.stack.close() if ledger is None else None


def judge(house: Any, run: Run) -> None:
    """Check the files as they lie; then take the log up with a sound disk and compare it with what was promised."""
    house.stack.close()
    if (house.directory / "checkpoint").exists():
        found = check_copy(house.directory, house.policy)
        assert found.checkpoint.size + found.unpublished >= run.acknowledged
    ledger = house.open(FaultyDisk(-1, "none"))
    assert ledger.size >= run.acknowledged
    ledger.append([b'{"leaf":"after"}'])
    last = ledger.publish()
    report = check_copy(house.directory, house.policy)
    assert report.checkpoint == last
    assert report.unpublished == 0
    fetch = directory_fetch(house.directory)
    for earlier in run.out:
        client = Client(fetch, house.policy, earlier)
        client.checkpoint()
    entries = list(Client(fetch, house.policy).entries())
    assert entries[:-1] == leaves(0, last.size - 1)


def operations(new_house: Callable[[Path], Any], folder: Path) -> int:
    folder.mkdir()
    disk = FaultyDisk(-1, "none")
    house = new_house(folder)
    run = Run()
    work(house, disk, run)
    house.stack.close()
    assert run.acknowledged == 260
    assert len(run.out) == 3
    return disk.count


def work_in_a_process_that_is_killed(house: Any, disk: FaultyDisk) -> Run:
    """The process kills itself with signal 9 at the operation; the pipe holds what it promised before."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(house, disk, Run(writing))
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        promises = pipe.read().split()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    run = Run()
    for promise in promises:
        if promise.isdigit():
            run.acknowledged = int(promise)
        else:
            run.out.append(house.policy.verify(b64decode(promise)))
    return run


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("mode", ["full", "kill", "power"])
def test_nothing_acknowledged_is_lost(mode: str, new_house: Any, tmp_path: Path) -> None:
    total = operations(new_house, tmp_path / "whole")
    assert total > 100
    for at in range(total):
        folder = tmp_path / f"{mode}-{at}"
        folder.mkdir()
        house, run, disk = new_house(folder), Run(), FaultyDisk(at, mode)
        if mode == "kill":
            run = work_in_a_process_that_is_killed(house, disk)
        else:
            with nullcontext() if mode == "full" else suppress(Killed):
                work(house, disk, run)
        house.stack.close()
        if mode == "power":
            disk.names.setdefault(folder, disk.listed(folder))
            survivor = tmp_path / "survivor"
            disk.after_power_cut(folder, survivor)
            shutil.rmtree(folder)
            survivor.rename(folder)
        judge(house, run)
        house.stack.close()
        shutil.rmtree(folder)


def test_the_matrix_would_notice_a_missing_sync(new_house: Any, tmp_path: Path) -> None:
    class Careless(FaultyDisk):
        def sync(self, descriptor: int) -> None:
            assert descriptor
            self._step()

    lost = 0
    for at in range(60, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        house, run, disk = new_house(folder), Run(), Careless(-1, "power")
        disk.at = at
        with suppress(Killed):
            work(house, disk, run)
        house.stack.close()
        disk.names.setdefault(folder, disk.listed(folder))
        disk.after_power_cut(folder, tmp_path / f"s{at}")
        shutil.rmtree(folder)
        (tmp_path / f"s{at}").rename(folder)
        try:
            judge(house, run)
        except (AssertionError, TlogError, LedgerError):
            lost += 1
        house.stack.close()
        if lost:
            return
    pytest.fail("no power cut was noticed although nothing was ever synced")


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import House
from contextlib import ExitStack
with ExitStack() as stack:
    house = House(Path(sys.argv[1]), stack)
    ledger = house.open()
    while True:
        ledger.append([b'{"leaf":%d}' % n for n in range(ledger.size, ledger.size + 7)])
        print(ledger.size, flush=True)
        if ledger.size % 5 == 0:
            ledger.publish()
"""


def test_a_real_kill(new_house: Any, tmp_path: Path) -> None:
    house = new_house(tmp_path)
    said = 0
    for lines in (1, 4, 9, 23):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(lines):
            said = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        said = max([said, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.wait(20)
        process.stdout.close()
        ledger = house.open()
        assert ledger.size >= said
        assert ledger.publish().size == ledger.size
        assert check_copy(house.directory, house.policy).checkpoint.size == ledger.size
        house.stack.close()
    assert list(Client(directory_fetch(house.directory), house.policy).entries()) == leaves(0, ledger.size)


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import House
from contextlib import ExitStack
with ExitStack() as stack:
    house = House(Path(sys.argv[1]), stack)
    ledger = house.open()
    ledger.append([b'{"leaf":0}'])
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        ledger.append([b"x" * 9000])
    except OSError as error:
        print(type(error).__name__, ledger.size)
    ledger.append([b'{"leaf":1}'])
    print(ledger.size)
"""


def test_a_real_write_that_stops_half_way(new_house: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["OSError", "1", "2"]
    house = new_house(tmp_path)
    assert house.open().publish().size == 2
    assert list(Client(directory_fetch(house.directory), house.policy).entries()) == leaves(0, 2)


@pytest.mark.parametrize("limit", ["size=96k", "size=200k", "nr_inodes=14"])
def test_a_disk_that_is_really_full(limit: str, new_house: Any, tmp_path: Path) -> None:
    """A file system of its own, without room or without names left; the operator then makes it larger."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", limit, "passerby-test", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount a small file system here (needs root)")
    try:
        house, run, ledger, failures = new_house(folder), Run(), None, 0
        while failures < 4:
            try:
                ledger = ledger or house.open()
                ledger.append(leaves(ledger.size, ledger.size + 130))
                run.acknowledged = ledger.size
                run.out.append(ledger.publish())
            except (OSError, QuorumError, LedgerError):
                failures += 1
                if failures == 2:
                    house.stack.close()
                    ledger = None
            assert run.acknowledged < 1_000_000
        house.stack.close()
        subprocess.run(["mount", "-o", "remount,size=16m,nr_inodes=10000", str(folder)], check=True)
        judge(house, run)
        house.stack.close()
        assert run.acknowledged >= 130
    finally:
        subprocess.run(["umount", str(folder)], check=True)
