"""How many requests a caller and a client may make: counted in Redis, atomically, told on every answer.

The headers follow draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` names quota and window in seconds,
`RateLimit` what remains and the seconds until the window ends. A window starts with its first request. A
refused request is not counted. When Redis is away each process counts for itself: looser, never open.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings

from config.lib import clock

log = logging.getLogger(__name__)

_COUNT = """
local seen, open = {}, 1
for i, key in ipairs(KEYS) do
  local used, left = tonumber(redis.call('GET', key) or '0'), redis.call('PTTL', key)
  if left < 0 then used, left = 0, tonumber(ARGV[2 * i]) end
  if used >= tonumber(ARGV[2 * i - 1]) then open = 0 end
  seen[i] = {used, left}
end
if open == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, seen[i][1] + 1, 'PX', seen[i][2])
    seen[i][1] = seen[i][1] + 1
  end
end
local answer = {open}
for _, pair in ipairs(seen) do answer[#answer + 1] = pair[1]; answer[#answer + 1] = pair[2] end
return answer
"""

_DEFAULTS: Mapping[str, tuple[int, int]] = {"caller": (600, 60), "client": (6000, 60), "anonymous": (120, 60)}


@dataclass(frozen=True, slots=True)
class Policy:
    """A quota of requests in a window of seconds."""

    name: str
    quota: int
    window: int


@dataclass(frozen=True, slots=True)
class Limit:
    """How a policy stands for one caller: requests left, seconds until all are back."""

    policy: Policy
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the request may go on, and what to tell its sender."""

    allowed: bool
    limits: tuple[Limit, ...]

    @property
    def retry_after(self) -> int:
        """Seconds until every exhausted policy has room again."""
        return max((limit.reset for limit in self.limits if limit.remaining == 0), default=1)

    def headers(self) -> dict[str, str]:
        """The two rate-limit headers."""
        if not self.limits:
            return {}
        return {
            "RateLimit-Policy": ", ".join(
                f'"{each.policy.name}";q={each.policy.quota};w={each.policy.window}' for each in self.limits
            ),
            "RateLimit": ", ".join(
                f'"{each.policy.name}";r={each.remaining};t={each.reset}' for each in self.limits
            ),
        }


def policy(name: str) -> Policy:
    """The policy `caller`, `client` or `anonymous`; settings.API_RATE_LIMITS: name → (quota, seconds)."""
    quota, window = {**_DEFAULTS, **getattr(settings, "API_RATE_LIMITS", {})}[name]
    return Policy(name, quota, window)


def take(charges: Sequence[tuple[Policy, str]]) -> Verdict:
    """Count one request against every (policy, who), or against none of them when one is exhausted."""
    keys = [f"throttle:{each.name}:{who}" for each, who in charges]
    quotas = [number for each, _ in charges for number in (each.quota, each.window * 1000)]
    try:
        allowed, *seen = _redis(settings.REDIS_URL).eval(_COUNT, len(keys), *keys, *quotas)
    except redis.RedisError as error:
        log.warning("throttle counts in this process only: %s", type(error).__name__)
        allowed, *seen = _LOCAL.count(keys, quotas)
    limits = tuple(
        Limit(each, max(0, each.quota - int(used)), math.ceil(int(left) / 1000))
        for (each, _), used, left in zip(charges, seen[::2], seen[1::2], strict=True)
    )
    return Verdict(bool(allowed), limits)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class _LocalCounter:
    """The same counting without Redis, for this process alone; forgets ended windows when it grows."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[int, float]] = {}

    def count(self, keys: Sequence[str], quotas: Sequence[int]) -> list[int]:
        """What the script returns: open or not, then used and milliseconds left for each key."""
        now = clock.monotonic() * 1000
        if len(self._windows) > 10_000:
            self._windows = {key: each for key, each in self._windows.items() if each[1] > now}
        seen = []
        for key, window in zip(keys, quotas[1::2], strict=True):
            used, ends = self._windows.get(key, (0, 0.0))
            seen.append((used, ends) if ends > now else (0, now + window))
        is_open = all(used < quota for (used, _), quota in zip(seen, quotas[::2], strict=True))
        if is_open:
            seen = [(used + 1, ends) for used, ends in seen]
            self._windows.update(zip(keys, seen, strict=True))
        return [int(is_open), *(int(number) for used, ends in seen for number in (used, ends - now))]


_LOCAL = _LocalCounter()
