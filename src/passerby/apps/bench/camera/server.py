"""The server, and the switches of its faults."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from passerby.apps.bench.camera.clip import Clip, Codec, encode, pictures_of
from passerby.apps.bench.camera.rtp import CLOCK_RATE, describe, packets
from passerby.apps.bench.camera.session import Send, Session


class RtspServer:
    """Plays a clip over and over to each client from its beginning; RTP over TCP or UDP, as the client asks.

    ``served``: how many sessions began to play.
    """

    def __init__(self, clip: Clip, *, port: int = 0, login: str | None = None, bare: bool = False) -> None:
        """``login``: ``user:password``, digest access. ``bare``: the description lacks the parameter sets."""
        self._clip = clip
        self._login = login
        self._bare = bare
        self._silent = threading.Event()
        self._breaks_off = threading.Event()
        self._jump = 0.0
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port = port
        self.served = 0
        self.start()

    @property
    def url(self) -> str:
        """Address of the stream, with the login where there is one."""
        login = (
            "" if self._login is None else ":".join(quote(part, safe="") for part in self._login.split(":", 1)) + "@"
        )
        return f"rtsp://{login}127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._breaks_off.clear()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        """End every connection at once and listen no more."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._connections.clear()
        self._threads.clear()

    def fall_silent(self, silent: bool = True) -> None:
        """As a cut cable does: connections stay, nothing comes."""
        if silent:
            self._silent.set()
        else:
            self._silent.clear()

    def break_off(self) -> None:
        """Stop in the middle of a packet, as a camera that hangs; connections stay. ``kill`` and ``start`` end it."""
        self._breaks_off.set()

    def show(self, clip: Clip) -> None:
        """Go on with another clip of the same codec in the middle of every session."""
        self._clip = clip

    def jump(self, seconds: float) -> None:
        """Set the camera's clock forward or back."""
        self._jump += seconds

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._connections.append(connection)
                session = Session(connection, lambda: describe(self._clip, bare=self._bare), self._play, self._login)
                thread = threading.Thread(target=self._run, args=(session,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _run(self, session: Session) -> None:
        with suppress(OSError):
            session.run()

    def _play(self, send: Send) -> None:
        self.served += 1
        source, sequence, begin = secrets.randbits(32), 0, time.monotonic()
        clip, number = self._clip, 0
        sent = 0
        whole = True
        with suppress(OSError):
            while self._listener is not None:
                if clip is not self._clip:
                    clip, number = self._clip, 0
                seconds = sent / clip.rate
                time.sleep(max(0.0, begin + seconds - time.monotonic()))
                stamp = round((seconds + self._jump) * CLOCK_RATE)
                units = clip.pictures[number % len(clip.pictures)]
                picture = tuple(packets(units, clip.codec, sequence=sequence, stamp=stamp, source=source))
                sequence += len(picture)
                if whole and not self._silent.is_set():
                    whole = not self._breaks_off.is_set()
                    send(picture, whole=whole)
                number += 1
                sent += 1


@contextmanager
def serve(
    clip: Path | Clip,
    *,
    codec: Codec = "h264",
    seconds: float = 10.0,
    rate: float = 7.0,
    size: tuple[int, int] | None = None,
    port: int = 0,
    login: str | None = None,
    bare: bool = False,
) -> Iterator[RtspServer]:
    """A running server of the first ``seconds`` of a video file; its ``url`` is the camera's address."""
    if isinstance(clip, Path):
        clip = encode(pictures_of(clip, max(1, round(seconds * rate)), size=size), codec=codec, rate=rate)
    server = RtspServer(clip, port=port, login=login, bare=bare)
    try:
        yield server
    finally:
        server.kill()
