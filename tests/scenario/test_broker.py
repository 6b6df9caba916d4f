"""A city that tells a broker: real Mosquitto, TLS under an authority of its own, a password, and a broker that dies."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import quote

import aiomqtt
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.counters_mandate import parts

from passerby.apps.city import City, read_city
from passerby.apps.demo.ceremony import PARTIES, THRESHOLD, begin_anew
from passerby.apps.node import counters
from passerby.apps.node.desk import hand_in
from passerby.apps.server import site
from passerby.apps.works import Works
from passerby.gate.mandate import approval_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.public.mqtt import publisher

PATHS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
MOSQUITTO, PASSWD = (shutil.which(name, path=PATHS) for name in ("mosquitto", "mosquitto_passwd"))
pytestmark = pytest.mark.skipif(
    MOSQUITTO is None or PASSWD is None, reason="mosquitto is not installed: apt-get install mosquitto"
)
ROOT = Path(__file__).parents[2]
DAYS = 20
CITY = """
name = "Auckland"
listen = "127.0.0.1:{site}"
state = "state"
roles = "state/roles.toml"
[log]
origin = "log.auckland.example"
quorum = 1
[[log.witness]]
name = "witness.auckland.example"
[[counters]]
csv = "hourly.csv"
places = "places.csv"
zone = "Pacific/Auckland"
[mqtt]
url = "mqtts://city:{password}@127.0.0.1:{broker}"
authority = "{authority}"
"""
PASSWORD = "a secret & more"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def authority(folder: Path, name: str) -> None:
    """``NAME.pem`` of a new authority, and ``NAME-broker.pem`` with key for 127.0.0.1 that it signed."""
    now = datetime.now(UTC)

    def certificate(
        subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
    ) -> bytes:
        is_authority = subject == issuer
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if is_authority:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (folder / f"{name}.pem").write_bytes(certificate(name, signer, name, signer))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}-broker.pem").write_bytes(certificate("127.0.0.1", key, name, signer) + secret)


@dataclass
class Mosquitto:
    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        authority(self.folder, "authority")
        self._passwords.touch(0o600)
        keys = self.folder / "authority-broker.pem"
        (self.folder / "mosquitto.conf").write_text(
            f"user {pwd.getpwuid(os.getuid()).pw_name}\n"
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {self._passwords}\n"
            f"cafile {self.folder / 'authority.pem'}\ncertfile {keys}\nkeyfile {keys}\n"
            "persistence false\nmax_queued_messages 0\n"
        )

    @property
    def _passwords(self) -> Path:
        return self.folder / "passwords"

    def admit(self, *names: str) -> None:
        """Let nobody in but these."""
        assert PASSWD is not None
        self._passwords.write_text("")
        for name in names:
            subprocess.run([PASSWD, "-b", str(self._passwords), name, PASSWORD], check=True, capture_output=True)

    def start(self) -> subprocess.Popen[bytes]:
        assert MOSQUITTO is not None
        broker = subprocess.Popen([MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
        eventually(self._answers)
        return broker

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass
class Listener:
    """A subscriber that comes back. ``heard``: every message in the order in which it came."""

    mosquitto: Mosquitto
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    is_there: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        loop = asyncio.new_event_loop()
        task = loop.create_task(self._run())
        thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()
            loop.close()

    async def _run(self) -> None:
        trust = ssl.create_default_context(cafile=self.mosquitto.folder / "authority.pem")
        while True:
            try:
                async with aiomqtt.Client(
                    "127.0.0.1",
                    self.mosquitto.port,
                    username="reader",
                    password=PASSWORD,
                    protocol=aiomqtt.ProtocolVersion.V5,
                    tls_context=trust,
                ) as client:
                    await client.subscribe("passerby/#", qos=1)
                    self.is_there = True
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        self.heard.append((message.topic.value, message.payload))
            except aiomqtt.MqttError:
                self.is_there = False
                await asyncio.sleep(0.02)

    def windows(self) -> list[str]:
        """Starts of the hours that were told, each once, in the order in which they came."""
        told = [json.loads(payload)["start"] for topic, payload in self.heard if topic.endswith("/3600")]
        return list(dict.fromkeys(told))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a city with one counter, whose archive is released a day at a time."""
    days = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(DAYS)]
    rows = [f"{day:%Y-%m-%d},{hour:02d}:00-{hour:02d}:59,{100 + hour}" for day in days for hour in range(24)]
    (tmp_path / "hourly.csv").write_text("\n".join(["date,hour,107 Quay Street", *rows, ""]), "utf-8")
    (tmp_path / "places.csv").write_text("Address,Latitude,Longitude\n107 Quay Street,-36.84,174.77\n", "utf-8")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<!doctype html>", "utf-8")
    monkeypatch.setattr(site, "SITE", tmp_path / "site")
    monkeypatch.setattr(counters, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(counters, "DAYS_TOGETHER", 1)
    monkeypatch.setattr(publisher, "_FIRST_PAUSE", 0.05)
    return tmp_path


def city_of(folder: Path, broker: int, authority: str = "authority.pem") -> City:
    text = CITY.format(site=free_port(), password=quote(PASSWORD), authority=authority, broker=broker)
    (folder / "city.toml").write_text(text, "utf-8")
    return read_city(folder / "city.toml")


def draft() -> str:
    """The demo's mandate of the counters, for one of them and the days of the archive."""
    head, measures, tail = parts()
    return head + next(one for one in measures if "107-quay-street" in one) + tail


def test_no_number_is_lost_when_the_broker_dies(folder: Path) -> None:
    mosquitto = Mosquitto(folder)
    city = city_of(folder, mosquitto.port)
    keys, mandate, listener = begin_anew(city), parse_toml(draft()), Listener(mosquitto)
    signed = sign_decision("approve", mandate.hash, [keys[name] for name in PARTIES[:THRESHOLD]])
    mosquitto.admit("city", "reader")
    broker = mosquitto.start()
    try:
        with listener.listening():
            with Works(city, serve=True) as works:
                works.start()
                eventually(lambda: ("passerby/available", b"online") in listener.heard)
                hand_in(city, [mandate_leaf(mandate)], [approval_leaf(mandate.hash, signed)])
                eventually(lambda: len(listener.windows()) >= 30)
                broker.kill()
                broker.wait()
                eventually(lambda: mandate.hash in works.counters.finished and not listener.is_there)
                before = len(listener.windows())
                # The subscriber is let in first: what it did not hear live, an empty broker cannot give it.
                mosquitto.admit("reader")
                broker = mosquitto.start()
                eventually(lambda: listener.is_there)
                mosquitto.admit("reader", "city")
                broker.send_signal(signal.SIGHUP)
                query = {"resolution": 3600, "limit": 1000}
                released = httpx.get(f"{works.url}/api/v1/releases", params=query).json()["items"]
                eventually(lambda: listener.windows()[-1] == released[-1]["start"])
            eventually(lambda: listener.heard[-1] == ("passerby/available", b"offline"))
        assert before < len(released) == 24 * DAYS
        assert listener.windows() == [item["start"] for item in released]
    finally:
        broker.kill()
        broker.wait()


# paho-mqtt leaves the socket of a refused TLS handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_that_proves_another_authority_is_told_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    mosquitto = Mosquitto(folder)
    authority(folder, "other")
    mosquitto.admit("city")
    city = city_of(folder, mosquitto.port, "other.pem")
    begin_anew(city)
    broker = mosquitto.start()
    try:
        with Works(city, serve=True):
            eventually(lambda: "certificate verify failed" in caplog.text)
        assert "connected" not in caplog.text
        mosquitto.admit("reader")
        broker.send_signal(signal.SIGHUP)
        with Works(city_of(folder, mosquitto.port), serve=True):
            eventually(lambda: "ot authorized" in caplog.text)
        assert "connected" not in caplog.text
        assert PASSWORD not in caplog.text
        assert quote(PASSWORD) not in caplog.text
    finally:
        broker.kill()
        broker.wait()
