"""The rate limiter, on a real Redis: never more than allowed, and fair to what platforms tell us."""

from __future__ import annotations

import threading
import time

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.lib.errors import Unavailable
from config.lib.ratelimit import RateLimiter, rate_from_headers


def test_a_bucket_gives_its_burst_at_once_and_then_says_how_long_to_wait(redis: Redis) -> None:
    """Five tokens, then a wait of at most one token's time."""
    limiter = RateLimiter(redis)
    assert [limiter.acquire("k", 0.5, 5) for _ in range(5)] == [0.0] * 5
    wait = limiter.acquire("k", 0.5, 5)
    assert 1.5 < wait <= 2.0


def test_waiting_as_long_as_told_is_enough(redis: Redis) -> None:
    """After the wait there is a token, not another wait."""
    limiter = RateLimiter(redis)
    assert limiter.acquire("k", 20, 1) == 0.0
    time.sleep(limiter.acquire("k", 20, 1))
    assert limiter.acquire("k", 20, 1) == 0.0


def test_keys_do_not_share_tokens(redis: Redis) -> None:
    """Another account or operation has a bucket of its own."""
    limiter = RateLimiter(redis)
    assert limiter.acquire("a", 0.1, 1) == 0.0
    assert limiter.acquire("b", 0.1, 1) == 0.0
    assert limiter.acquire("a", 0.1, 1) > 0


@pytest.mark.parametrize(("rate", "burst"), [(50.0, 10), (200.0, 1), (5.0, 40)])
def test_many_threads_never_get_more_than_burst_plus_rate_times_time(
    redis: Redis, rate: float, burst: int
) -> None:
    """Eight threads asking without pause: the bound holds at every moment, and is nearly used up."""
    limiter = RateLimiter(redis)
    granted: list[float] = []
    started = time.monotonic()
    end = started + 0.8

    def ask() -> None:
        while time.monotonic() < end:
            if limiter.acquire("k", rate, burst) == 0.0:
                granted.append(time.monotonic())
            else:
                time.sleep(0.001)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    granted.sort()
    for count, at in enumerate(granted, start=1):
        # `at` is read after the answer came, so it can only be later than the token.
        assert count <= burst + rate * (at - started) + 1e-6
    assert len(granted) >= burst + 0.7 * rate * 0.8 - 1


def test_a_platforms_own_number_replaces_the_published_one(redis: Redis) -> None:
    """Amazon states the rate of this very account; it counts from then on."""
    limiter = RateLimiter(redis)
    limiter.acquire("k", 10.0, 1)
    limiter.correct("k", 0.0167)
    assert 50 < limiter.acquire("k", 10.0, 1) <= 60
    limiter.correct("k", 1000.0)
    time.sleep(0.005)
    assert limiter.acquire("k", 0.0167, 1) == 0.0


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf"), 1e-12])
def test_nonsense_corrections_are_ignored_and_nonsense_limits_refused(redis: Redis, rate: float) -> None:
    """A header of zero must not stop a store for ever; a manifest of zero is a mistake."""
    limiter = RateLimiter(redis)
    limiter.correct("k", rate)
    assert limiter.acquire("k", 10.0, 1) == 0.0
    with pytest.raises(ValueError, match="lets nothing through"):
        limiter.acquire("k", rate, 1)
    with pytest.raises(ValueError, match="lets nothing through"):
        limiter.acquire("k", 1.0, 0)


def test_a_penalty_stops_everybody_and_leaves_the_bucket_empty(redis: Redis) -> None:
    """After a 429 nobody asks before its end; a shorter penalty does not cut a longer one."""
    limiter, other = RateLimiter(redis), RateLimiter(redis)
    limiter.penalise("k", 0.2)
    limiter.penalise("k", 0.05)
    wait = other.acquire("k", 10.0, 5)
    assert 0.1 < wait <= 0.2
    time.sleep(wait + 0.001)
    assert 0 < other.acquire("k", 10.0, 5) <= 0.1
    time.sleep(0.1)
    assert other.acquire("k", 10.0, 5) == 0.0
    assert other.acquire("k", 10.0, 5) > 0


def test_a_bucket_is_kept_until_it_would_be_full_anyway(redis: Redis) -> None:
    """Forgetting a bucket fills it, so its life is at least the time to fill; none lives for ever."""
    limiter = RateLimiter(redis)
    limiter.acquire("k", 0.01, 30)
    assert redis.pttl("ratelimit:k") >= 3_000_000
    limiter.penalise("k", 7200)
    assert redis.pttl("ratelimit:k") >= 7_200_000
    limiter.acquire("k", 0.01, 30)
    assert redis.pttl("ratelimit:k") >= 7_200_000


def test_a_forgotten_script_is_sent_again(redis: Redis) -> None:
    """A restarted Redis has no scripts; that is not an outage."""
    limiter = RateLimiter(redis)
    limiter.acquire("k", 1.0, 2)
    redis.script_flush()
    assert limiter.acquire("k", 1.0, 2) == 0.0


def test_without_redis_it_is_slow_not_open() -> None:
    """No answer means no token."""
    client = Redis(unix_socket_path="/nonexistent/redis.sock", retry=Retry(NoBackoff(), 0))
    limiter = RateLimiter(client)
    for attempt in (
        lambda: limiter.acquire("k", 1.0, 1),
        lambda: limiter.correct("k", 1.0),
        lambda: limiter.penalise("k", 1.0),
    ):
        with pytest.raises(Unavailable, match="slow, not open"):
            attempt()


@pytest.mark.parametrize(
    ("value", "rate"),
    [("0.0167", 0.0167), ("5", 5.0), ("0", None), ("-1", None), ("nan", None), ("inf", None), ("x", None)],
)
def test_amazons_header_is_read(value: str, rate: float | None) -> None:
    """A positive number or nothing."""
    assert rate_from_headers({"x-amzn-ratelimit-limit": value}) == rate
    assert rate_from_headers({}) is None
