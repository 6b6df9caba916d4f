"""Released numbers over MQTT 5, to a real Mosquitto."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from passerby.apps.city import MqttSection
from passerby.apps.server.broker import telling
from passerby.datatypes.errors import PasserbyError
from passerby.public.directory import City, Sensor, Sources
from passerby.public.mqtt import publisher as publisher_module
from passerby.public.mqtt.broker import Broker, BrokerAddressError
from passerby.public.mqtt.messages import Message, Topics, config_message
from passerby.public.store import query
from passerby.public.store.bulk import Batch
from passerby.public.store.store import Store
from passerby.public.store.streams import Stream

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed: apt-get install mosquitto")
SQUARE = "passerby/plaza/area_entries/square/person/3600"
CONFIG = "homeassistant/device/passerby_plaza/config"


@dataclass(frozen=True)
class Mosquitto:
    folder: Path
    port: int

    @property
    def section(self) -> MqttSection:
        return MqttSection(url=f"mqtt://city:secret@127.0.0.1:{self.port}")

    @contextmanager
    def running(self) -> Iterator[None]:
        assert MOSQUITTO is not None
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        with subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL) as broker:
            try:
                eventually(lambda: answers(self.port))
                yield
            finally:
                broker.terminate()
                broker.wait(timeout=10)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came about")


def heard(port: int, until: Callable[[dict[str, bytes]], bool], pattern: str = "#") -> dict[str, bytes]:
    """Newest payload of each topic that a new subscriber gets, until ``until`` holds."""

    async def listen() -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.subscribe(pattern, qos=1)
            async with asyncio.timeout(20):
                async for message in client.messages:
                    assert isinstance(message.payload, bytes)
                    found[message.topic.value] = message.payload
                    if until(found):
                        return found
        raise AssertionError("the broker went away")

    return asyncio.run(listen())


@pytest.fixture
def mosquitto(tmp_path: Path) -> Mosquitto:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Mosquitto(tmp_path, int(probe.getsockname()[1]))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "_FIRST_PAUSE", 0.1)
    monkeypatch.setattr(publisher_module, "LOOK_SECONDS", 0.2)


def everything(store: Store) -> Callable[[dict[str, bytes]], bool]:
    """A number for each stream, a state and a description for each sensor, and that somebody is there."""
    return lambda found: len(found) == len(store.streams) + 2 * 3 + 1


@needs_mosquitto
def test_who_subscribes_late_has_the_newest_at_once(mosquitto: Mosquitto, store: Store, sources: Sources) -> None:
    with mosquitto.running(), telling(mosquitto.section, store, sources):
        found = heard(mosquitto.port, everything(store))
    for name in ("plaza", "mill-1", "mill-2"):
        for item in query.latest(store, name):
            cell = item.stream.cell
            topic = f"passerby/{name}/{cell.family.value}/{cell.subject}/{cell.category}/{item.stream.resolution}"
            said = json.loads(found[topic])
            assert (said["value"], said["half_width"], said["manifest"]) == (item.record.value, 12, item.manifest)
    assert found["passerby/mill-2/state"] == b"outage"
    assert found["passerby/available"] == b"online"


@needs_mosquitto
def test_home_assistant_finds_every_number(mosquitto: Mosquitto, store: Store, sources: Sources) -> None:
    with mosquitto.running(), telling(mosquitto.section, store, sources):
        found = heard(mosquitto.port, everything(store))
    described: dict[str, Any] = json.loads(found[CONFIG])
    assert {"device", "origin", "components", "availability_topic"} <= set(described)
    assert described["availability_topic"] in found
    components = described["components"]
    assert len(components) == 1 + 8
    assert len({one["unique_id"] for one in components.values()}) == len(components)
    for one in components.values():
        assert one["platform"] == "sensor"
        assert one["state_topic"] in found
    assert components["area_entries_square_person_3600"]["state_topic"] == SQUARE


@needs_mosquitto
def test_only_what_changed_is_described_again(
    mosquitto: Mosquitto, sources: Sources, city: City, batches: tuple[Batch, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    described: list[str] = []
    message = config_message

    def counted(topics: Topics, city: City, sensor: Sensor, streams: Sequence[Stream]) -> Message:
        described.append(sensor.id)
        return message(topics, city, sensor, streams)

    monkeypatch.setattr(publisher_module, "config_message", counted)
    now = [city]
    with Store.open(None, threads=1) as store, mosquitto.running():
        store.insert_many(batches[:3])
        with telling(mosquitto.section, store, replace(sources, city=lambda: now[0])):
            heard(mosquitto.port, lambda found: "passerby/mill-2/state" in found)
            assert described == ["plaza", "mill-1", "mill-2"]
            renamed = replace(city.sensors[1], name="Another")
            now[0] = replace(city, sensors=(city.sensors[0], renamed, city.sensors[2]))
            topic = CONFIG.replace("plaza", "mill-1")
            heard(mosquitto.port, lambda found: b'"Another"' in found.get(topic, b""))
    assert described == ["plaza", "mill-1", "mill-2", "mill-1"]


@needs_mosquitto
def test_new_releases_come_as_they_are_released(
    mosquitto: Mosquitto, sources: Sources, batches: tuple[Batch, ...]
) -> None:
    with Store.open(None, threads=1) as store, mosquitto.running():
        store.insert_many(batches[:3])
        with telling(mosquitto.section, store, sources):
            heard(mosquitto.port, lambda found: SQUARE in found)
            store.insert_many(batches[3:5])
            ends = "2026-03-01T05:00:00Z"
            found = heard(mosquitto.port, lambda found: json.loads(found.get(SQUARE, b"{}")).get("end") == ends)
            # What comes late is older than what was said, and is not said.
            store.insert_many([batches[7], batches[6]])
            later = heard(mosquitto.port, lambda found: b"T08:00:00Z" in found.get(SQUARE, b""))
    assert json.loads(found[SQUARE])["value"] == 37
    assert json.loads(later[SQUARE])["value"] == 67


@needs_mosquitto
def test_what_is_too_much_to_tell_is_named(
    mosquitto: Mosquitto, sources: Sources, batches: tuple[Batch, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "_MOST_BEHIND", 20)
    with Store.open(None, threads=1) as store, mosquitto.running():
        store.insert_many(batches[:3])
        with telling(mosquitto.section, store, sources):
            heard(mosquitto.port, lambda found: b"T03:00:00Z" in found.get(SQUARE, b""))
            known = store.last_id
            store.insert_many(batches[3:9])
            found = heard(
                mosquitto.port, lambda found: "passerby/skipped" in found and b"T09:00:00Z" in found.get(SQUARE, b"")
            )
        said = json.loads(found["passerby/skipped"])
        assert said == {"cursor": str(known), "until": store.last_id}
        page = query.releases(store, query.Filter(), after=int(said["cursor"]))
        assert [item.record.line() for item in page.items] == [line for one in batches[3:9] for line in one.lines]


@needs_mosquitto
def test_it_comes_back_when_the_broker_does(mosquitto: Mosquitto, store: Store, sources: Sources) -> None:
    with telling(mosquitto.section, store, sources):
        for _ in range(2):
            with mosquitto.running():
                assert len(heard(mosquitto.port, everything(store))) == len(store.streams) + 7


@needs_mosquitto
def test_who_goes_says_so(mosquitto: Mosquitto, store: Store, sources: Sources) -> None:
    with mosquitto.running():
        with telling(mosquitto.section, store, sources):
            heard(mosquitto.port, everything(store))
        gone = heard(mosquitto.port, lambda found: "passerby/available" in found, "passerby/available")
    assert gone == {"passerby/available": b"offline"}


def test_an_address_is_read_and_its_password_not_shown() -> None:
    broker = Broker.parse("mqtts://city:p%40ss@broker.example")
    assert (broker.host, broker.port, broker.encrypted, broker.password) == ("broker.example", 8883, True, "p@ss")
    assert "p@ss" not in repr(broker)
    assert "secret" not in repr(MqttSection(url="mqtt://city:secret@127.0.0.1"))


def test_an_authority_must_be_there_and_be_of_use(tmp_path: Path) -> None:
    with pytest.raises(BrokerAddressError, match="without TLS"):
        Broker.parse("mqtt://broker.example", tmp_path / "ca.pem")
    with pytest.raises(ValueError, match="without TLS"):
        MqttSection(url="mqtt://broker.example", authority=tmp_path / "ca.pem")
    with pytest.raises(BrokerAddressError, match=r"authority .*ca\.pem.*No such file"):
        Broker.parse("mqtts://broker.example", tmp_path / "ca.pem").tls()
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(BrokerAddressError, match="expected a PEM file"):
        Broker.parse("mqtts://broker.example", tmp_path / "ca.pem").tls()


@pytest.mark.parametrize(
    "url", ["", "http://broker", "mqtt://", "mqtt://host:99999", "mqtt://host/topic", "mqtt://h?x"]
)
def test_what_is_no_broker_is_refused(url: str) -> None:
    with pytest.raises(BrokerAddressError):
        Broker.parse(url)
    with pytest.raises((ValueError, PasserbyError)):
        MqttSection(url=url)
