"""The tutorial is run as a reader would run it, against a real RTSP server."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from passerby.apps.assets.entries import find
from passerby.apps.bench.camera import serve
from passerby.apps.server.site import SITE

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorials/first-camera.md"
CLIP = find("pets09-s2l1")
SITE_ADDRESS, CAMERA_ADDRESS = "127.0.0.1:8000", "rtsp://127.0.0.1:8554/camera"
pytestmark = [
    pytest.mark.skipif(not (CLIP.present and find("embedded").present), reason="no detector and clip: make assets"),
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the site is not built: make setup"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: apt-get install curl"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Reader:
    """Somebody at two terminals. ``swap``: what the tutorial says → what stands for it here."""

    folder: Path
    swap: dict[str, str]
    background: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHECKOUT": str(self.folder / "checkout"),
            "PYTHONPATH": str(ROOT / "src"),
            "COLUMNS": "120",
        }

    def type(self, commands: str, kind: str) -> None:
        for said, here in self.swap.items():
            commands = commands.replace(said, here)
        where = self.folder / "first-camera"
        where = where if where.exists() else self.folder
        setting = f"set -e; export PATH={self.folder}/checkout/.venv/bin:$PATH; cd {where}\n"
        if kind == "background":
            self.background.append(subprocess.Popen(["bash", "-c", f"{setting}exec {commands}"], env=self.environment))
            self.type(f"curl -fs http://{self.swap[SITE_ADDRESS]}/api/v1/city", "retry")
            return
        for _ in range(90 if kind == "retry" else 1):
            done = subprocess.run(
                ["bash", "-c", f"{setting}set -o pipefail\n{commands}"],
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return
            time.sleep(1.0)
        pytest.fail(f"{commands}\n{done.stdout}\n{done.stderr}")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    commands = tmp_path / "checkout/.venv/bin"
    commands.mkdir(parents=True)
    (commands / "passerby").write_text(f'#!/bin/sh\nexec {sys.executable} -m passerby.apps.cli.main "$@"\n', "utf-8")
    (commands / "passerby").chmod(0o755)
    port = free_port()
    with serve(CLIP.path, seconds=60.0) as camera:
        one = Reader(tmp_path, {SITE_ADDRESS: f"127.0.0.1:{port}", CAMERA_ADDRESS: camera.url})
        yield one
        for process in one.background:
            process.send_signal(signal.SIGINT)
        for process in one.background:
            process.wait(timeout=60)


def blocks() -> list[tuple[str, str]]:
    """(kind, commands) of every block for a shell: typed once, in the background, or until it works."""
    found = re.findall(r"^```sh ?(\w*)\n(.*?)^```", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(found) >= 8
    return found


def test_every_command_of_the_tutorial_does_what_it_says(reader: Reader) -> None:
    for kind, commands in blocks():
        reader.type(commands, kind)
