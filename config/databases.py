"""Addresses in the notations of the libraries that use them: Django, Celery."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str, *, tenant_roles: bool, pooler: str) -> dict[str, Any]:
    """A Django database of the product's own backend from a libpq URL; its query becomes OPTIONS.

    `tenant_roles` says whether the connection becomes a client's role or works as its owner throughout.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host, port = query.pop("host", parts.hostname or ""), query.pop("port", parts.port or "")
    return {
        "ENGINE": "tenants.db",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "OPTIONS": query,
        "TENANT_ROLES": tenant_roles,
        # A backend's catalogue cache grows by a megabyte per schema it touches: no connection lives for ever.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooler != "none",
        "ATOMIC_REQUESTS": False,
    }


def broker(redis_url: str) -> str:
    """Celery's notation of a redis-py URL: they differ for unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    parts = urlsplit(redis_url)
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


def email(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from smtp://user:password@host:587, smtps://… or console:."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
        "EMAIL_TIMEOUT": 10,
    }
