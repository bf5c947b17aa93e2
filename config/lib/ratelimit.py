"""How often we may ask: token buckets in Redis, shared by all workers and corrected by platforms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

import redis
from redis.commands.core import Script

from config.lib.errors import Unavailable

# One script for all three verbs, so that every change of a bucket is atomic and on Redis' own clock.
# State: tokens and the microsecond they were counted at, a penalty's end, a corrected rate and its end.
# Answer: microseconds to wait, 0 when a token has been taken.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'penalty', 'rate', 'rate_until')
local verb = ARGV[1]
local penalty = tonumber(state[3]) or 0

if verb == 'penalise' then
  penalty = math.max(penalty, now + tonumber(ARGV[2]))
  redis.call('HSET', KEYS[1], 'tokens', '0', 'at', string.format('%.0f', penalty),
             'penalty', string.format('%.0f', penalty))
  local left = math.ceil((penalty - now) / 1000) + 86400000
  redis.call('PEXPIRE', KEYS[1], math.max(left, redis.call('PTTL', KEYS[1])))
  return 0
end

if verb == 'correct' then
  redis.call('HSET', KEYS[1], 'rate', ARGV[2], 'rate_until', string.format('%.0f', now + tonumber(ARGV[3])))
  redis.call('PEXPIRE', KEYS[1],
             math.max(math.ceil(tonumber(ARGV[3]) / 1000) + 86400000, redis.call('PTTL', KEYS[1])))
  return 0
end

local rate, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
if (tonumber(state[5]) or 0) > now then rate = tonumber(state[4]) end
local tokens, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
-- `at` lies ahead after a penalty: nothing is earned before its end.
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000000)
at = math.max(at, now)

local wait = 0
if penalty > now then
  wait = penalty - now
elseif tokens >= 1 then
  tokens = tokens - 1
else
  wait = math.max(1, math.ceil((1 - tokens) * 1000000 / rate))
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.0f', at))
-- A bucket forgotten is a full bucket, so it is kept until it would be full anyway.
local keep = math.ceil(burst / rate * 1000) + math.ceil(math.max(0, penalty - now) / 1000) + 60000
redis.call('PEXPIRE', KEYS[1], math.max(keep, redis.call('PTTL', KEYS[1])))
return wait
"""
_CORRECTION_SECONDS = 86_400
_LOWEST_RATE = 1e-6


class RateLimiter:
    """Token buckets by key. The key names platform, application, account and operation.

    When Redis does not answer, every method raises `Unavailable`: slow, not open.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._script: Script = client.register_script(_SCRIPT)

    def acquire(self, key: str, rate: float, burst: int) -> float:
        """Take a token if there is one: 0.0 means go, otherwise the seconds after which to ask again.

        `rate` is in calls per second and counts until `correct` knows better, `burst` is the bucket's size.
        Over any time t, no more than burst + rate × t tokens are given out, by however many processes.
        """
        if not (math.isfinite(rate) and rate >= _LOWEST_RATE) or burst < 1:
            raise ValueError(f"a limit of {rate}/s with a burst of {burst} lets nothing through")
        return self._run(key, "acquire", repr(rate), str(burst)) / 1_000_000

    def correct(self, key: str, rate: float) -> None:
        """Believe the platform's own number (calls per second) for a day; nonsense is ignored."""
        if math.isfinite(rate) and rate >= _LOWEST_RATE:
            self._run(key, "correct", repr(rate), str(_CORRECTION_SECONDS * 1_000_000))

    def penalise(self, key: str, seconds: float) -> None:
        """Give out nothing for `seconds` after a 429; the bucket is empty when they are over."""
        if seconds > 0:
            self._run(key, "penalise", str(math.ceil(seconds * 1_000_000)))

    def _run(self, key: str, verb: str, *numbers: str) -> int:
        try:
            return cast(int, self._script(keys=[f"ratelimit:{key}"], args=[verb, *numbers]))
        except redis.RedisError as error:
            raise Unavailable("The rate limiter does not answer: slow, not open.") from error


def rate_from_headers(headers: Mapping[str, str]) -> float | None:
    """Return the calls per second that Amazon states for this operation and account, None if it does not.

    `x-amzn-RateLimit-Limit` of the Selling Partner API; header names are expected in lower case.
    """
    try:
        rate = float(headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return rate if math.isfinite(rate) and rate > 0 else None
