"""The sessions of people, known by the digest of their keys: whoever reads the table cannot enter with it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

#: What the column of allauth's own table holds; 240 bits of SHA-256.
LENGTH = 40


class KeyDigest(str):
    """A digest as a table holds it. Its type, not its look, keeps it from being digested again.

    What a caller sends is a plain text and never becomes one of these, so a digest that leaked opens nothing.
    It equals the key it was made of; do not mix the two in a set.
    """

    __slots__ = ()

    @classmethod
    def of(cls, key: str) -> KeyDigest:
        """The digest of a session key; a digest stays as it is.

        A key has 165 random bits, so one round without salt is enough: there is nothing to guess.
        """
        if isinstance(key, cls):
            return key
        return cls(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())[:LENGTH].decode())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str.__eq__(self, KeyDigest.of(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class DigestField(models.CharField):  # type: ignore[type-arg]
    """Takes a session key and stores its digest; a row that was read holds the digest."""

    def get_prep_value(self, value: Any) -> Any:
        """Digest on the way in, in lookups as in writes."""
        prepared = super().get_prep_value(value)
        return None if prepared is None else KeyDigest.of(prepared)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> KeyDigest | None:
        """What the table holds, marked as a digest."""
        return None if value is None else KeyDigest(value)

    def deconstruct(self) -> Any:
        """To migrations it is the text column that it is."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Session(AbstractBaseSession):
    """A session of Django's, with a digest for a key (SESSION_ENGINE: tenants.sessions)."""

    session_key = DigestField(max_length=LENGTH, primary_key=True)

    objects: ClassVar[Any] = BaseSessionManager()

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """The engine that uses this table."""
        from tenants.sessions import SessionStore

        return SessionStore
