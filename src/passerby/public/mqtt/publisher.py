"""Follows the store and tells a broker; comes back when the broker does."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import aiomqtt

from passerby.public.directory import City, SensorState, Sources
from passerby.public.mqtt.broker import Broker
from passerby.public.mqtt.messages import (
    OFFLINE,
    ONLINE,
    Message,
    Topics,
    config_message,
    number_message,
    state_message,
)
from passerby.public.store import query
from passerby.public.store.rows import Published
from passerby.public.store.store import Store

LOOK_SECONDS = 5.0
_PAGE = 1000
_MOST_BEHIND = 50_000
_ASK_AGAIN, _ASK_AT_MOST, _GOODBYE_SECONDS = 0.2, 5, 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class MqttPublisher:
    """One city to one broker. ``tell`` is told when the broker comes and goes."""

    def __init__(
        self,
        store: Store,
        sources: Sources,
        broker: Broker,
        topics: Topics,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._store, self._sources, self._broker, self._topics, self._tell = store, sources, broker, topics, tell
        self._ends: dict[int, int] = {}
        self._states: dict[str, SensorState] = {}

    async def run(self) -> None:
        """Publish until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with self._connected() as client:
                    pause = _FIRST_PAUSE
                    self._tell(f"MQTT: connected to {self._broker.host}:{self._broker.port}")
                    await _first_of(self._follow(client), _until_gone(client))
            except aiomqtt.MqttError as error:
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
            tls_context=ssl.create_default_context() if broker.encrypted else None,
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
            self._ends.clear()
            self._states.clear()
            described: tuple[City, int] | None = None
            after, seen = self._store.last_id, len(self._store)
            while True:
                news.clear()
                now = (self._sources.city(), len(self._store.streams))
                if described is None or described[0] is not now[0] or described[1] != now[1]:
                    await self._send_all(client, self._everything(now[0]))
                    described = now
                if len(self._store) - seen > _MOST_BEHIND:
                    await self._send_all(client, self._newest(now[0]))
                    after = self._store.last_id
                else:
                    after = await self._catch_up(client, after)
                seen = len(self._store)
                await self._send_all(client, self._changed_states(now[0]))
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await news.wait()
        finally:
            stop()

    async def _catch_up(self, client: aiomqtt.Client, after: int) -> int:
        while True:
            page = await asyncio.to_thread(query.releases, self._store, query.Filter(), after=after, limit=_PAGE)
            await self._send_all(client, self._numbers(page.items))
            if page.items:
                after = page.items[-1].id
            if page.next is None:
                return after
            after = page.next

    def _everything(self, city: City) -> Iterator[Message]:
        for sensor in city.sensors:
            yield config_message(self._topics, city, sensor, self._store.streams.of_sensor(sensor.id))
        yield from self._newest(city)

    def _newest(self, city: City) -> Iterator[Message]:
        for sensor in city.sensors:
            yield from self._numbers(query.latest(self._store, sensor.id))

    def _numbers(self, items: Iterable[Published]) -> Iterator[Message]:
        """The newest number of each stream, where it is newer than what was sent; archives come in any order."""
        newest: dict[int, Published] = {}
        for item in items:
            end = int(item.record.window.end.timestamp())
            if end > self._ends.get(item.stream.number, -1):
                self._ends[item.stream.number] = end
                newest[item.stream.number] = item
        return (number_message(self._topics, item) for item in newest.values())

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
    for task in done:
        task.result()


async def _until_gone(client: aiomqtt.Client) -> None:
    """Raises MqttError when the connection is lost, even while there is nothing to say."""
    async for _ in client.messages:
        pass


async def _say_goodbye(client: aiomqtt.Client, topics: Topics) -> None:
    """An orderly end does not trigger the will, so say it; where the broker is gone, the will says it."""
    with suppress(aiomqtt.MqttError):
        await client.publish(topics.available, OFFLINE, qos=1, retain=True, timeout=_GOODBYE_SECONDS)
