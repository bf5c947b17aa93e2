"""The ground of the flows: the simulator behind PLATFORM_ENDPOINTS, fresh Redis, the product's clock set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime

import pytest
from django.conf import settings
from redis import Redis

from config.lib import clock
from config.lib.clock import FrozenClock
from connectors.services.tokens import redis_client
from connectors.simulator.http.limits import Limits
from connectors.simulator.http.settings import Knobs
from connectors.simulator.testing import Running, running_simulator
from connectors.simulator.world import World

Serve = Callable[..., AbstractContextManager[tuple[Running, FrozenClock]]]


@contextmanager
def served(
    world: World, at: datetime, *, limits: Limits | None = None, knobs: Knobs | None = None
) -> Iterator[tuple[Running, FrozenClock]]:
    """A world served to the product at an instant that both live in; time moves by the yielded clock."""
    with ExitStack() as stack:
        time = stack.enter_context(clock.frozen(at))
        running = stack.enter_context(running_simulator(world, now=at, limits=limits, knobs=knobs))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(settings, "PLATFORM_ENDPOINTS", running.endpoints())
        redis_client.cache_clear()
        yield running, time


@pytest.fixture(autouse=True)
def _empty_redis(redis: Redis) -> None:
    """No access token and no rate limit of another flow."""
