"""Whether the caller's copy is the present one: ETags, If-Match before a change, 304 instead of a body."""

from __future__ import annotations

import hashlib

from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.errors import PreconditionFailed, PreconditionRequired


def etag_of(version: int | str | bytes) -> str:
    """Return the strong ETag of a version number, a version text or the bytes of a representation."""
    if isinstance(version, bytes):
        return quote_etag(hashlib.sha256(version).hexdigest()[:32])
    return quote_etag(str(version))


def weak_etag_of(content: bytes) -> str:
    """Return the weak ETag of what matters in a representation, whose other bytes may differ each time."""
    return f"W/{etag_of(content)}"


def require_if_match(request: Request, version: int | str | bytes) -> None:
    """Let a change pass only if the caller names the present version.

    `PreconditionRequired` (428) without If-Match, `PreconditionFailed` (412) if it names another version or
    a weak one (RFC 9110 §13.1.1). "*" passes: it says in so many words that any version will do.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired
    tags = parse_etags(given)
    if "*" not in tags and etag_of(version) not in tags:
        raise PreconditionFailed(headers={"ETag": etag_of(version)})


def not_modified(request: Request, etag: str) -> Response | None:
    """Return the 304 answer if the caller has `etag` already (If-None-Match, weak comparison), else None."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in tags or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}:
        return Response(status=304, headers={"ETag": etag})
    return None
