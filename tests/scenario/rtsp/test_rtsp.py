"""A camera on the network, and all that happens to it in weeks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.apps.bench.camera import Clip, encode, serve
from passerby.apps.bench.camera.clip import Codec
from passerby.datatypes.frame import Frame
from passerby.datatypes.outage import Outage
from passerby.edge.capture import Clock, Gap, RtspSource, SystemClock
from passerby.edge.capture import live as live_module
from passerby.edge.capture.live import live_stream

RATE = 30.0
LOGIN = "operator:p@ss:w/o#r?d%&+ ü"
SECRETS = ("p@ss", "p%40ss", "w/o#r", "%23r")


def moving(width: int, height: int) -> Iterator[NDArray[np.uint8]]:
    noise = np.random.default_rng(2).integers(0, 255, (height, width, 3), np.uint8)
    for number in range(30):
        yield np.roll(noise, 4 * number, axis=1)


def clip_of(codec: Codec = "h264", width: int = 160, height: int = 120) -> Clip:
    return encode(moving(width, height), codec=codec, rate=RATE)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return clip_of()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of production, shorter."""
    monkeypatch.setattr(live_module, "READ_SECONDS", 0.7)
    monkeypatch.setattr(live_module, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(live_module, "LONGEST_SILENCE", timedelta(seconds=0.5))


def take(stream: Iterator[Frame | Gap], frames: int) -> list[Frame | Gap]:
    """Items until so many frames came."""
    items: list[Frame | Gap] = []
    while sum(isinstance(item, Frame) for item in items) < frames:
        items.append(next(stream))
    return items


def gaps(items: list[Frame | Gap]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


def frames(items: list[Frame | Gap]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


class Shifted:
    """The machine's clock, set forward or back by ``shift`` seconds."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.shift)

    def sleep(self, seconds: float) -> None:
        SystemClock().sleep(seconds)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("bare", [False, True])
def test_every_codec_and_transport_with_a_password_that_nothing_shows(
    codec: Codec, transport: str, bare: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with serve(clip_of(codec), login=LOGIN, bare=bare) as server:
        source = RtspSource(server.url, transport)
        seen = frames(take(live_stream(source.url, transport, SystemClock()), 15))
    assert {frame.size for frame in seen} == {(160, 120)}
    assert all(a.instant < b.instant for a, b in pairwise(seen))
    shown = "".join(capfd.readouterr()) + caplog.text + repr(source)
    assert not any(secret in shown for secret in SECRETS)


def test_a_wrong_password_is_a_gap_and_is_shown_nowhere(
    clip: Clip, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with serve(clip, login="operator:right") as server:
        url = server.url.replace("right", "p%40ss%2Fwrong")
        stream = live_stream(url, "tcp", SystemClock())
        items = [next(stream) for _ in range(3)]
    assert all(isinstance(item, Gap) and item.cause is Outage.NO_SIGNAL for item in items)
    shown = "".join(capfd.readouterr()) + caplog.text
    assert "wrong" not in shown


def test_a_killed_server_is_a_gap_from_the_last_frame_to_the_first_new_one(clip: Clip) -> None:
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", SystemClock())
        before = frames(take(stream, 10))
        server.kill()
        while not isinstance(item := next(stream), Gap):
            before.append(item)
        assert next(stream) is not None
        server.start()
        items = take(stream, 10)
    after = frames(items)
    assert {gap.since for gap in gaps(items)} | {item.since} == {before[-1].instant}
    assert gaps(items)[-1].instant == after[0].instant, "the gap ends where the pictures begin"


def test_a_cut_cable_is_a_gap_and_then_the_stream_comes_back(clip: Clip) -> None:
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", SystemClock())
        take(stream, 5)
        server.fall_silent()
        while not isinstance(next(stream), Gap):
            pass
        server.fall_silent(False)
        items = take(stream, 5)
        assert frames(items)
        assert server.served >= 2


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_the_cameras_clock_may_jump(clip: Clip, seconds: float) -> None:
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", SystemClock())
        seen = frames(take(stream, 10))
        server.jump(seconds)
        seen += frames(take(stream, 30))
    assert all(timedelta(0) <= b.instant - a.instant < timedelta(seconds=2) for a, b in pairwise(seen))
    assert abs(seen[-1].instant - datetime.now(UTC)) < timedelta(seconds=3)


def test_the_nodes_clock_set_forward_is_a_gap(clip: Clip) -> None:
    clock = Shifted()
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", clock)
        before = frames(take(stream, 5))[-1]
        clock.shift = 3600.0
        items = take(stream, 5)
    while not gaps(items):
        items += take(stream, 1)
    gap, after = gaps(items)[0], frames(items)[-1]
    assert gap.instant - gap.since > timedelta(minutes=59)
    assert gap.since >= before.instant
    assert after.instant >= gap.instant


def test_time_never_goes_back_when_the_nodes_clock_does(clip: Clip) -> None:
    clock = Shifted()
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", clock)
        before = frames(take(stream, 5))[-1]
        clock.shift = -3.0
        items = take(stream, 10)
    assert all(frame.instant >= before.instant for frame in frames(items))


def test_the_resolution_may_change_in_mid_stream(clip: Clip) -> None:
    with serve(clip) as server:
        stream = live_stream(server.url, "tcp", SystemClock())
        take(stream, 5)
        server.show(clip_of(width=320, height=240))
        sizes = {frame.size for frame in frames(take(stream, 60))}
        assert server.served == 1
    assert (320, 240) in sizes


class Tired:
    """Rests from the tenth packet to the thirtieth."""

    def __init__(self) -> None:
        self.asked = 0

    def rests(self, late: float, *, whole: bool) -> bool:
        assert whole
        assert late >= 0
        self.asked += 1
        return 10 <= self.asked < 30


def test_a_rest_is_a_gap_until_the_next_key_picture(clip: Clip) -> None:
    """Every tenth picture is a key; what is decoded after the rest begins with one and is whole."""
    with serve(clip) as server:
        items = take(live_stream(server.url, "tcp", SystemClock(), turn=Tired()), 25)
    rest = [gap for gap in gaps(items) if gap.cause is Outage.OVERLOAD]
    before = [frame.instant for frame in frames(items) if frame.instant < rest[-1].since]
    after = [frame.instant for frame in frames(items) if frame.instant >= rest[-1].instant]
    assert {gap.since for gap in rest} == {rest[0].since}
    assert 1 <= len(before) <= 9
    assert after[0] == rest[-1].instant
    assert len(before) + len(after) == 25, "nothing is decoded during a rest"
    missing = (rest[-1].instant - before[-1]).total_seconds() * RATE
    assert 20 <= round(missing) <= 35


class Still:
    """A clock that only ``sleep`` moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


def test_attempts_go_on_for_ever_at_most_half_a_minute_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "FIRST_WAIT", 0.5)
    still = Still()
    clock: Clock = still
    stream = live_stream("rtsp://127.0.0.1:9/none", "tcp", clock)
    begin = still.now()
    items = [next(stream) for _ in range(40)]
    assert still.slept[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert set(still.slept[7:]) == {30.0}
    assert all(isinstance(item, Gap) and item.since == begin for item in items)
    assert items[-1].instant == still.now()
