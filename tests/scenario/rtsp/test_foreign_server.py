"""Streams of a server that we did not write: GStreamer's."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest

from passerby.datatypes.frame import Frame
from passerby.edge.capture import Gap, SystemClock
from passerby.edge.capture import live as live_module
from passerby.edge.capture.live import live_stream

PYTHON = Path("/usr/bin/python3")
PROGRAM = Path(__file__).with_name("gstreamer.py")
LOGIN = "operator:p@ss:w/o#r?d%&+ ü"
NEEDED = """
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
raise SystemExit(not all(map(Gst.ElementFactory.find, ("x264enc", "x265enc", "rtph264pay", "rtph265pay"))))
"""


@pytest.fixture(scope="module", autouse=True)
def gstreamer() -> None:
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode:
        pytest.skip("no GStreamer server: Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-*")


@contextmanager
def serve(codec: str = "h264", method: str = "digest", login: str = LOGIN, port: int = 0) -> Iterator[tuple[str, int]]:
    """Address and port of a server that runs."""
    command = [str(PYTHON), str(PROGRAM), codec, str(port), method, login]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            user, _, password = login.partition(":")
            named = f"{quote(user, safe='')}:{quote(password, safe='')}@" if login else ""
            yield f"rtsp://{named}127.0.0.1:{port}/live", port
        finally:
            process.kill()


def frames(stream: Iterator[Frame | Gap], count: int) -> list[Frame]:
    """So many in a row, once they come."""
    found: list[Frame] = []
    while len(found) < count:
        item = next(stream)
        if isinstance(item, Frame):
            found.append(item)
    return found


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(("codec", "method"), [("h264", "digest"), ("h265", "basic")])
def test_codecs_transports_and_logins(
    codec: str, method: str, transport: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve(codec, method) as (url, _):
        stream = live_stream(url, transport, SystemClock())
        seen = frames(stream, 12)
        stream.close()  # type: ignore[attr-defined]
    assert {frame.size for frame in seen} == {(320, 240)}
    steps = [b.instant - a.instant for a, b in pairwise(seen)]
    assert all(step > timedelta(0) for step in steps)
    assert sorted(steps)[len(steps) // 2] == pytest.approx(timedelta(seconds=0.1), abs=timedelta(seconds=0.02))
    assert not any(secret in "".join(capfd.readouterr()) for secret in ("p@ss", "p%40ss", "w/o#r"))


def test_a_wrong_password_brings_no_picture() -> None:
    with serve(method="digest") as (url, _):
        stream = live_stream(url.replace("p%40ss", "other"), "tcp", SystemClock())
        assert all(isinstance(next(stream), Gap) for _ in range(2))


def test_a_server_that_was_killed_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "FIRST_WAIT", 0.05)
    with serve(login="") as (url, port):
        stream = live_stream(url, "tcp", SystemClock())
        frames(stream, 5)
    while not isinstance(next(stream), Gap):
        pass
    with serve(login="", port=port):
        assert frames(stream, 5)
    stream.close()  # type: ignore[attr-defined]
