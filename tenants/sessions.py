"""The session engine (SESSION_ENGINE): Django's own over a table that knows only digests of session keys."""

from __future__ import annotations

from django.contrib.sessions.backends import db

from tenants.models import Session


class SessionStore(db.SessionStore):
    """A session in the database; the cookie or token holds the key, the table its digest."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session
