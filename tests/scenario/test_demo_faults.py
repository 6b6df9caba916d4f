"""What stands in the demo's way gets a plain error, and nothing is left half-made."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from passerby.apps.assets.entries import find

ROOT = Path(__file__).parents[2]
fetched = pytest.mark.skipif(
    not (find("embedded").present and find("pets09-s2l1").present), reason="no detector and clip: make assets"
)


def demo(folder: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "passerby.apps.cli.main", "demo", str(folder), *more],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", **environment},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns(".state"))
    return tmp_path / "demo"


def plain(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("passerby: ")
    return done.stderr


def test_a_port_in_use(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = plain(demo(folder, "--port", str(other.getsockname()[1])))
    assert "make demo PORT=" in told
    assert not (folder / ".state").exists()


def test_no_client_and_no_network(folder: Path, tmp_path: Path) -> None:
    told = plain(demo(folder, "--once", PASSERBY_CACHE=str(tmp_path / "cache"), PATH=str(tmp_path)))
    assert "apt-get install nodejs npm" in told
    assert not list((tmp_path / "cache").glob("*"))
    assert not (folder / ".state").exists()


def test_no_demo_here(tmp_path: Path) -> None:
    assert "cannot read" in plain(demo(tmp_path))


@fetched
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk(folder: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        shutil.copytree(folder, small, dirs_exist_ok=True)
        told = plain(demo(small, "--once"))
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)
    assert "No space left on device" in told
    assert "Free space" in told
