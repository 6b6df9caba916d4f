"""One client of the server: RTSP 1.0 (RFC 2326) over a TCP connection, RTP over it or over UDP."""

import hashlib
import re
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

REALM = "camera"


class Send(Protocol):
    """Sends the RTP packets of a picture; those that are not ``whole`` break off in the middle."""

    def __call__(self, packets: Sequence[bytes], *, whole: bool = True) -> None: ...


class Session:
    """Answers requests until the client leaves; ``play`` is called once with a function that sends RTP packets."""

    def __init__(
        self, connection: socket.socket, description: Callable[[], str], play: Callable[[Send], None], login: str | None
    ) -> None:
        """``login``: ``user:password``, or None where anybody may watch."""
        self._connection = connection
        self._description = description
        self._play = play
        self._login = login
        self._nonce = secrets.token_hex(8)
        self._sending = threading.Lock()
        self._send: Send | None = None
        self._datagrams: socket.socket | None = None

    def run(self) -> None:
        """Until the connection ends."""
        try:
            received = b""
            while chunk := self._connection.recv(65536):
                received = self._interleaved(received + chunk)
                while b"\r\n\r\n" in received:
                    head, received = received.split(b"\r\n\r\n", 1)
                    self._answer(head.decode())
                    received = self._interleaved(received)
        finally:
            self._connection.close()
            if self._datagrams is not None:
                self._datagrams.close()

    def _interleaved(self, data: bytes) -> bytes:
        """Drop what the client sends on its RTCP channel."""
        while data[:1] == b"$" and len(data) >= 4 and len(data) >= 4 + (length := struct.unpack("!H", data[2:4])[0]):
            data = data[4 + length :]
        return data

    def _answer(self, request: str) -> None:
        first, *lines = request.split("\r\n")
        method, url, _ = first.split(" ", 2)
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if method != "OPTIONS" and self._login is not None and not self._known(method, fields):
            challenge = {"WWW-Authenticate": f'Digest realm="{REALM}", nonce="{self._nonce}"'}
            self._reply(fields, "401 Unauthorized", challenge)
        elif method == "DESCRIBE":
            self._reply(
                fields, "200 OK", {"Content-Type": "application/sdp", "Content-Base": url + "/"}, self._description()
            )
        elif method == "SETUP":
            self._reply(
                fields, "200 OK", {"Transport": self._transport(fields["transport"]), "Session": "1;timeout=60"}
            )
        elif method == "PLAY" and self._send is not None:
            self._reply(fields, "200 OK", {"Session": "1", "Range": "npt=now-"})
            threading.Thread(target=self._play, args=(self._send,), daemon=True).start()
        else:
            self._reply(fields, "200 OK", {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"})

    def _reply(self, asked: Mapping[str, str], status: str, fields: Mapping[str, str], body: str = "") -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.get('cseq', '0')}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        with self._sending:
            self._connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def _transport(self, asked: str) -> str:
        if ports := re.search(r"client_port=(\d+)", asked):
            host = self._connection.getpeername()[0]
            datagrams = self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            datagrams.bind((self._connection.getsockname()[0], 0))
            target = host, int(ports[1])
            self._send = lambda packets, *, whole=True: _sent(datagrams, _part(packets, whole), target)
            own = datagrams.getsockname()[1]
            return f"RTP/AVP;unicast;client_port={ports[1]}-{int(ports[1]) + 1};server_port={own}-{own + 1}"
        self._send = self._interleave
        return "RTP/AVP/TCP;unicast;interleaved=0-1"

    def _interleave(self, packets: Sequence[bytes], *, whole: bool = True) -> None:
        framed = b"".join(b"$\x00" + struct.pack("!H", len(packet)) + packet for packet in packets)
        with self._sending:
            self._connection.sendall(framed if whole else framed[: len(framed) // 2])

    def _known(self, method: str, fields: Mapping[str, str]) -> bool:
        """Digest access (RFC 2617 without qop)."""
        given = dict(re.findall(r'(\w+)="([^"]*)"', fields.get("authorization", "")))
        assert self._login is not None
        user, _, password = self._login.partition(":")
        secret = _md5(f"{user}:{REALM}:{password}")
        asked = _md5(f"{method}:{given.get('uri')}")
        expected = _md5(f"{secret}:{self._nonce}:{asked}")
        return given.get("username") == user and given.get("response") == expected


def _sent(datagrams: socket.socket, packets: Sequence[bytes], target: tuple[str, int]) -> None:
    for packet in packets:
        datagrams.sendto(packet, target)


def _part(packets: Sequence[bytes], whole: bool) -> Sequence[bytes]:
    return packets if whole else packets[: len(packets) // 2]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
