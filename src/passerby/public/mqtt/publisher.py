"""Follows the store and tells a broker; comes back when the broker does, and goes on where the broker heard it last.

What a subscriber may rely on is in ``docs/open-data.md``.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import aiomqtt

from passerby.datatypes.errors import PasserbyError
from passerby.public.directory import City, Sensor, SensorState, Sources
from passerby.public.mqtt.broker import Broker
from passerby.public.mqtt.messages import (
    OFFLINE,
    ONLINE,
    Message,
    Topics,
    config_message,
    number_message,
    skipped_message,
    state_message,
)
from passerby.public.store import query
from passerby.public.store.rows import Published
from passerby.public.store.store import Store
from passerby.public.store.streams import Stream

LOOK_SECONDS = 5.0
_PAGE, _STREAMS_A_QUESTION = 1000, 500
_MOST_BEHIND = 50_000
_AGAIN_SECONDS = 10.0
"""What was acknowledged so shortly before a connection was lost is told again: a broker that died has not passed it
on."""
_ASK_AGAIN, _ASK_AT_MOST, _GOODBYE_SECONDS = 0.2, 5, 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_KEEP_ALIVE_SECONDS = 30


class MqttPublisher:
    """One city to one broker. ``tell`` is told when the broker comes and goes. Raises BrokerAddressError."""

    def __init__(
        self,
        store: Store,
        sources: Sources,
        broker: Broker,
        topics: Topics,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._store, self._sources, self._broker, self._topics, self._tell = store, sources, broker, topics, tell
        self._tls = broker.tls()
        self._ends: dict[int, int] = {}
        self._states: dict[str, SensorState] = {}
        self._described: dict[str, tuple[Sensor, int]] = {}
        # Up to which id the broker has acknowledged, and how many releases the store held then.
        self._told: tuple[int, int] | None = None
        # The same in the last seconds, and when.
        self._lately: deque[tuple[float, tuple[int, int]]] = deque()

    async def run(self) -> None:
        """Publish until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with self._connected() as client:
                    pause = _FIRST_PAUSE
                    self._tell(f"MQTT: connected to {self._broker.host}:{self._broker.port}")
                    await _first_of(self._follow(client), _until_gone(client))
            except (aiomqtt.MqttError, PasserbyError, OSError) as error:
                self._tell(f"MQTT: {error}; trying again in {pause:.0f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomqtt.Client]:
        topics, broker = self._topics, self._broker
        client = aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(topics.available, OFFLINE, qos=1, retain=True),
            tls_context=self._tls,
            keepalive=_KEEP_ALIVE_SECONDS,
        )
        async with client:
            await client.publish(topics.available, ONLINE, qos=1, retain=True)
            try:
                yield client
            finally:
                await _say_goodbye(client, topics)

    async def _follow(self, client: aiomqtt.Client) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        stop = self._store.listen(lambda: loop.call_soon_threadsafe(news.set))
        try:
            self._states.clear()
            self._described.clear()
            if self._lately:
                self._told = self._lately[0][1]
                self._lately.clear()
                self._ends.clear()
            described: tuple[City, int] | None = None
            while True:
                news.clear()
                now = (self._sources.city(), len(self._store.streams))
                is_first = described is None
                if described is None or described[0] is not now[0] or described[1] != now[1]:
                    await self._send_all(client, self._changed_descriptions(now[0]))
                    described = now
                await self._tell_numbers(client, now[0], is_first)
                await self._send_all(client, self._changed_states(now[0]))
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await news.wait()
        finally:
            stop()

    async def _tell_numbers(self, client: aiomqtt.Client, city: City, is_first: bool) -> None:
        """Every number since the last that the broker acknowledged; where those are too many, the newest alone.

        ``is_first``: of a connection; the broker may have forgotten what it was told, and is told the newest again.
        """
        last, held = self._store.last_id, len(self._store)
        if self._told is not None and held - self._told[1] <= _MOST_BEHIND:
            await self._catch_up(client, *self._told)
            if is_first:
                await self._tell_newest(client, city)
            return
        if self._told is not None:
            await self._send_all(client, [skipped_message(self._topics, self._told[0], last)])
        await self._tell_newest(client, city)
        self._remember(last, held)

    def _remember(self, last: int, held: int) -> None:
        """What the broker acknowledged."""
        now, self._told = time.monotonic(), (last, held)
        self._lately.append((now, self._told))
        while len(self._lately) > 1 and self._lately[1][0] < now - _AGAIN_SECONDS:
            self._lately.popleft()

    async def _catch_up(self, client: aiomqtt.Client, after: int, held: int) -> None:
        while True:
            page = await asyncio.to_thread(query.releases, self._store, query.Filter(), after=after, limit=_PAGE)
            for item in page.items:
                # Archives come in any order; a topic goes forward in time.
                if _end(item) > self._ends.get(item.stream.number, -1):
                    await self._tell_number(client, item)
            after, held = page.items[-1].id if page.items else after, held + len(page.items)
            self._remember(after, held)
            if page.next is None:
                return
            after = page.next

    async def _tell_newest(self, client: aiomqtt.Client, city: City) -> None:
        streams = [stream for sensor in city.sensors for stream in self._store.streams.of_sensor(sensor.id)]
        for first in range(0, len(streams), _STREAMS_A_QUESTION):
            some: Sequence[Stream] = streams[first : first + _STREAMS_A_QUESTION]
            for item in await asyncio.to_thread(query.newest, self._store, some):
                await self._tell_number(client, item)

    async def _tell_number(self, client: aiomqtt.Client, item: Published) -> None:
        await self._send_all(client, [number_message(self._topics, item)])
        self._ends[item.stream.number] = _end(item)

    def _changed_descriptions(self, city: City) -> Iterator[Message]:
        for sensor in city.sensors:
            streams = self._store.streams.of_sensor(sensor.id)
            described = sensor, len(streams)
            if self._described.get(sensor.id) != described:
                self._described[sensor.id] = described
                yield config_message(self._topics, city, sensor, streams)

    def _changed_states(self, city: City) -> Iterator[Message]:
        for sensor in city.sensors:
            state = self._sources.state(sensor.id)
            if self._states.get(sensor.id) is not state:
                self._states[sensor.id] = state
                yield state_message(self._topics, sensor.id, state)

    async def _send_all(self, client: aiomqtt.Client, messages: Iterable[Message]) -> None:
        for message in messages:
            await client.publish(message.topic, message.payload, qos=1, retain=True)


@contextmanager
def publishing(publisher: MqttPublisher) -> Iterator[None]:
    """Publish from a thread of its own while the block runs."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(publisher.run())

    def work() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=work, name="mqtt", daemon=True)
    thread.start()
    try:
        yield
    finally:
        for _ in range(_ASK_AT_MOST):
            with suppress(RuntimeError):  # The loop is closed already.
                loop.call_soon_threadsafe(task.cancel)
            thread.join(timeout=_GOODBYE_SECONDS + 1)
            if not thread.is_alive():
                break


def _end(item: Published) -> int:
    return int(item.record.window.end.timestamp())


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Wait until one ends, end the others, and raise what it raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Where what a wait_for waits for comes in the moment of the cancellation, Python 3.11 forgets the latter.
        while pending := [task for task in tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=_ASK_AGAIN)
    failures = [failure for task in done if (failure := task.exception()) is not None]
    if failures:
        raise failures[0]


async def _until_gone(client: aiomqtt.Client) -> None:
    """Raises MqttError when the connection is lost, even while there is nothing to say."""
    async for _ in client.messages:
        pass


async def _say_goodbye(client: aiomqtt.Client, topics: Topics) -> None:
    """An orderly end does not trigger the will, so say it; where the broker is gone, the will says it."""
    with suppress(aiomqtt.MqttError):
        await client.publish(topics.available, OFFLINE, qos=1, retain=True, timeout=_GOODBYE_SECONDS)
