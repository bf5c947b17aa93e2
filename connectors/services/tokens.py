"""Where access tokens come from: bought once for all workers, kept sealed in Redis while they last."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

import redis
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from redis.exceptions import LockError

from config.lib.errors import Unavailable
from config.lib.redact import Secret
from tenants import crypto
from tenants.context import require_client

# A token is given up this long before its end, so that none dies on its way to the platform.
_MARGIN_SECONDS = 60.0
_LOCK_SECONDS = 90.0
_NONCE_BYTES = 12


@cache
def redis_client() -> redis.Redis:
    """Return the process's client of the shared Redis server."""
    return redis.Redis.from_url(settings.REDIS_URL)


class TokenVault:
    """The sealed cache of one connection's access token.

    `key` is derived from the client's data key, so the token dies with the client. Holds no database
    connection: it is used from the fetching thread.
    """

    def __init__(self, client: redis.Redis, *, key: bytes, client_id: int, connection_id: int) -> None:
        self._redis = client
        self._cipher = AESGCM(key)
        self._name = f"connectors:token:{client_id}:{connection_id}"

    def get(self) -> Secret | None:
        """Return the cached token; None if there is none, or none that this key opens."""
        try:
            blob = self._redis.get(self._name)
        except redis.RedisError as error:
            raise Unavailable("The token cache does not answer.") from error
        if not isinstance(blob, bytes):
            return None
        sealed = base64.b64decode(blob)
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._name.encode())
        except InvalidTag:
            return None
        return Secret(plain.decode())

    def put(self, token: Secret, life_seconds: float) -> None:
        """Keep a token for its life less a minute (half of a very short life)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, token.reveal().encode(), self._name.encode())
        seconds = max(life_seconds - _MARGIN_SECONDS, life_seconds / 2)
        try:
            self._redis.set(self._name, base64.b64encode(sealed), px=max(int(seconds * 1000), 1))
        except redis.RedisError as error:
            raise Unavailable("The token cache does not answer.") from error

    def forget(self) -> None:
        """Drop the cached token, because the credential it was bought with is not valid any more."""
        try:
            self._redis.delete(self._name)
        except redis.RedisError as error:
            raise Unavailable("The token cache does not answer.") from error

    @contextmanager
    def single_flight(self) -> Iterator[None]:
        """Let one worker at a time buy a token for this connection."""
        lock = self._redis.lock(f"{self._name}:lock", timeout=_LOCK_SECONDS, blocking_timeout=_LOCK_SECONDS)
        try:
            if not lock.acquire():
                raise Unavailable("Another worker is still buying this connection's access token.")
        except redis.RedisError as error:
            raise Unavailable("The token cache does not answer.") from error
        try:
            yield
        finally:
            # If it cannot be released it has run out, or will: nothing depends on it.
            with suppress(LockError, redis.RedisError):
                lock.release()


class AccessTokens:
    """The access token of one connection, bought when there is none and renewed when it is refused."""

    def __init__(self, vault: TokenVault, buy: Callable[[], tuple[Secret, float]]) -> None:
        self._vault = vault
        self._buy = buy

    def current(self) -> Secret:
        """Return a token that is believed to be valid."""
        return self._vault.get() or self._bought(refused=None)

    def renewed(self, refused: Secret) -> Secret:
        """Return another token than the one that was refused; whoever comes first buys it for all."""
        return self._bought(refused=refused)

    def _bought(self, refused: Secret | None) -> Secret:
        with self._vault.single_flight():
            known = self._vault.get()
            if known is not None and known != refused:
                return known
            token, life = self._buy()
            self._vault.put(token, life)
            return token


def token_vault(*, connection_id: int) -> TokenVault:
    """Return the sealed token cache of a connection of the current client."""
    return TokenVault(
        redis_client(),
        key=crypto.derive("connectors.token_cache"),
        client_id=require_client().id,
        connection_id=connection_id,
    )
