"""Lets a worker outlive its broker: kombu hands messages back on a connection it has dropped already."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class OutlivingQoS(redis.QoS):
    """Gives unacknowledged messages back only where there still is a connection to give them back on.

    Celery closes a lost connection before it opens the next one. Closing hands back what was not
    acknowledged, for which kombu looks up the address of the connection it has just forgotten, and the
    AttributeError ends the worker. What stays unacknowledged comes back with the visibility timeout, and
    jobs sooner (tenants.reconcile_jobs).
    """

    def restore_unacked(self, client: Any = None) -> Any:
        """Give back everything unacknowledged; nothing where the connection is gone."""
        if self.channel.connection.client is None:
            return None
        return super().restore_unacked(client)


def install() -> None:
    """Have every Redis channel of this process use it: kombu's own place for another bookkeeping."""
    redis.Channel.QoS = OutlivingQoS
