"""The broker of ``city.toml``, told what is released."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from passerby.apps.city import MqttSection
from passerby.public.directory import Sources
from passerby.public.mqtt.broker import Broker
from passerby.public.mqtt.messages import Topics
from passerby.public.mqtt.publisher import MqttPublisher, publishing
from passerby.public.store.store import Store


@contextmanager
def telling(section: MqttSection | None, store: Store, sources: Sources) -> Iterator[None]:
    """Publish to the broker while the block runs; does nothing where the city names none."""
    if section is None:
        yield
        return
    topics = Topics(section.prefix, section.discovery)
    tell = logging.getLogger("passerby.mqtt").warning
    with publishing(MqttPublisher(store, sources, Broker.parse(section.url, section.authority), topics, tell)):
        yield
