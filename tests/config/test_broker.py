"""Does a worker outlive the loss of its broker while messages are unacknowledged?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kombu import Connection, Consumer, Producer, Queue
from kombu.transport.redis import Channel

from config import databases
from config.broker import OutlivingQoS
from config.celery import app

QUEUE = Queue("broker-test")


@pytest.fixture
def connect(redis_url: str) -> Iterator[Callable[[], Connection]]:
    """Opens connections as the worker's is."""
    opened: list[Connection] = []

    def connect() -> Connection:
        opened.append(Connection(databases.broker(redis_url)))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.release()


def hold_a_message(connection: Connection) -> None:
    """Take one message and do not acknowledge it, as a worker does while it works."""
    channel = connection.default_channel
    taken: list[object] = []
    Producer(channel).publish({}, routing_key=QUEUE.name, declare=[QUEUE])
    with Consumer(channel, [QUEUE], on_message=taken.append):
        connection.drain_events(timeout=5)
    assert len(taken) == 1


def test_a_lost_connection_can_be_closed(connect: Callable[[], Connection]) -> None:
    """While its broker is away Celery forgets the connection, then closes the channel: kombu's own falls."""
    connection = connect()
    hold_a_message(connection)
    channel: Any = connection.default_channel
    channel.connection.client = None
    channel.close()
    assert channel.closed


def test_an_orderly_end_gives_messages_back(connect: Callable[[], Connection]) -> None:
    """A worker that stops leaves what it had not finished to others at once."""
    connection = connect()
    hold_a_message(connection)
    connection.close()
    assert QUEUE(connect().default_channel).get() is not None


def test_every_process_of_celery_uses_it() -> None:
    """Importing the Celery application is enough."""
    assert app.main == "agency"
    assert Channel.QoS is OutlivingQoS
