"""A recording's way through the whole house, twice: first as it should be, then after a restart."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest

from passerby.apps.assets.entries import find
from passerby.apps.city import City, read_city
from passerby.apps.demo.ceremony import OVERSIGHT, PARTIES, THRESHOLD, begin_anew
from passerby.apps.demo.verdict import verify_all
from passerby.apps.node.desk import hand_in
from passerby.apps.works import Works
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.outage import Outage
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import approval_leaf, end_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.authorize import VALID_SECONDS
from passerby.gate.mandate.leaf import sign_decision
from passerby.public.store import query
from passerby.public.store.rows import Published
from passerby.public.store.store import Store
from passerby.tlog.key import SigningKey

ROOT = Path(__file__).parents[2]
FRAMES, FRAME_RATE, WINDOW = 90, 15.0, 2
EACH = 6
"""Of these pictures one is due, two and a half a second."""
CITY = f"""
name = "Test city"
state = "state"
roles = "state/roles.toml"
[log]
origin = "log.test.example"
quorum = 1
[[log.witness]]
name = "witness.test.example"
[[camera]]
id = "pets"
name = "Junction"
latitude = 51.4
longitude = -0.9
zone = "Europe/London"
picture = [768, 576]
recording = {{ file = "clip.avi", frame_rate = {FRAME_RATE} }}
"""
ASSETS = [find("embedded"), find("pets09-s2l1")]
pytestmark = pytest.mark.skipif(
    not all(entry.present for entry in ASSETS), reason="the detector and the clip are not fetched: make assets"
)


@pytest.fixture
def city(tmp_path: Path) -> City:
    with av.open(str(ASSETS[1].path)) as source, av.open(str(tmp_path / "clip.avi"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is None or number >= FRAMES:
                break
            packet.stream = stream
            target.mux(packet)
    (tmp_path / "city.toml").write_text(CITY, "utf-8")
    return read_city(tmp_path / "city.toml")


def draft(notice_seconds: int) -> Mandate:
    text = (ROOT / "demo/mandates/junction.toml").read_text("utf-8")
    now = datetime.now(UTC).replace(microsecond=0)
    for field, value in (
        ("starts", utc_text(now)),
        ("expires", utc_text(now + timedelta(hours=1))),
        ("notice_seconds", str(notice_seconds)),
        ("seconds", str(WINDOW)),
        ("place", "[51.4, -0.9]"),
    ):
        text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.MULTILINE)
    return parse_toml(re.sub(r"^calibration = .*$", "", text, flags=re.MULTILINE))


def publish(city: City, mandate: Mandate, keys: dict[str, SigningKey]) -> None:
    signers = [keys[name] for name in PARTIES[:THRESHOLD]]
    approval = approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, signers))
    hand_in(city, [mandate_leaf(mandate)], [approval])


def wait(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def released(store: Store) -> list[Published]:
    return list(query.releases(store, query.Filter(), limit=10_000).items)


def test_from_a_recording_to_verified_numbers_and_on_after_a_restart(city: City) -> None:
    keys = begin_anew(city)
    mandate = draft(notice_seconds=2)
    with Works(city, serve=False) as works:
        works.start()
        publish(city, mandate, keys)
        assert works.board.of("pets").frames == 0, "decoded before the mandate was in force"
        wait(lambda: works.board.of("pets").state == "ended")
        assert works.board.of("pets").frames == -(-FRAMES // EACH)
        works.house.publish_log()
        verdict = verify_all(works.house)
        first = released(works.house.store)
        assert verdict.report.compared == len(first) > 0
    force = verdict.report.checkpoint.public_since
    assert force is not None
    _tiled(first, mandate)
    assert any(item.record.value is not None for item in first)

    time.sleep(2 * WINDOW)
    with Works(city, serve=False) as works:
        works.start()
        wait(lambda: works.board.of("pets").state == "ended")
        works.house.publish_log()
        verify_all(works.house)
        both = released(works.house.store)
    assert both[: len(first)] == first, "something was drawn a second time"
    _tiled(both, mandate)
    causes = {item.record.outage for item in both[len(first) :]}
    assert Outage.RESTART in causes, "the time between the runs is no outage"
    _nothing_of_a_person_on_disk(city)


def test_one_oversight_key_stops_a_camera_that_runs(city: City) -> None:
    keys = begin_anew(city)
    mandate = draft(notice_seconds=1)
    slow = city.camera[0].recording
    assert slow is not None
    section = city.camera[0].model_copy(update={"recording": slow.model_copy(update={"frame_rate": 3.0})})
    city = city.model_copy(update={"camera": (section,)})
    with Works(city, serve=False) as works:
        works.start()
        publish(city, mandate, keys)
        wait(lambda: works.board.of("pets").windows > 0)
        reason = "a complaint"
        signed = sign_decision("suspend", mandate.hash, [keys[OVERSIGHT[0]]], reason)
        hand_in(city, [end_leaf("suspension", mandate.hash, reason, signed)])
        suspended = datetime.now(UTC)
        (end,) = works.house.standing(mandate.hash).ends
        assert (end.reason, end.signed_by) == (reason, (OVERSIGHT[0],))
        assert end.keys == (keys[OVERSIGHT[0]].verifier.text,)
        assert end.public_since is not None
        assert abs(end.public_since - suspended) < timedelta(seconds=30)
        wait(lambda: works.board.of("pets").state == "asleep", seconds=2 * VALID_SECONDS)
        assert works.board.of("pets").frames < FRAMES
        assert "suspended" in works.board.of("pets").note
        after = [item for item in released(works.house.store) if item.record.window.start > suspended]
        assert after == []


def _tiled(items: list[Published], mandate: Mandate) -> None:
    """Every cell has every window, once, without a hole between the first and the last."""
    for cell in mandate.cells:
        windows = [item.record.window for item in items if item.record.cell == cell]
        assert windows
        assert all(a.end == b.start for a, b in pairwise(windows))


def _nothing_of_a_person_on_disk(city: City) -> None:
    known = re.compile(
        r"(keys|parties|log|log-journal|witnesses|inbox)/.*|roles\.toml|policy\.txt|seen|"
        r"store\.duckdb(\.wal)?|journal.*"
    )
    for path in city.state.rglob("*"):
        if path.is_file():
            name = path.relative_to(city.state).as_posix()
            assert known.fullmatch(name), f"nobody expects {name}"
            data = path.read_bytes()
            assert not any(magic in data for magic in (b"\x89PNG\r\n", b"JFIF", b"RIFF", b"ftypisom")), name
