"""Access tokens for single-page applications: JWTs of five minutes, tied to a session, renewed by rotation.

allauth makes them at login beside the session token. A token names its session, and every request asks the
database for session and person again: a logout, a revoked session, a deactivation or another role holds from
the next request on, whatever the token says. A refresh token works once. If it comes a second time, somebody
has a copy, and the session ends for both (RFC 9700 §4.14.2); two tabs of an application have to take turns.
"""

from __future__ import annotations

from typing import Any

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from config.lib.logging import get_logger
from tenants.models import Session, User

#: What an access token is for; one made for anything else under our key opens nothing here.
AUDIENCE = "api"

_log = get_logger(__name__)


def find_session(token: str) -> tuple[User, SessionBase] | None:
    """The person and the session behind an access token; None for one that is not, or no longer, valid."""
    claims = internal.decode_token(token, "access")
    if claims is None or claims.get("aud") != AUDIENCE:
        return None
    session = internal.get_token_session(claims)
    user = internal.validate_token_user(claims, session) if session is not None else None
    return None if user is None else (user, session)


class RotatingTokens(JWTTokenStrategy):  # type: ignore[misc]
    """allauth's strategy (HEADLESS_TOKEN_STRATEGY) with an audience, and with rotation that is exact."""

    def get_claims(self, user: Any) -> dict[str, Any]:
        """Whom the token is for; who a person is and what they may do is never read from it."""
        return {"aud": AUDIENCE}

    def _get_access_token(self, request: Any) -> dict[str, Any] | None:
        claims: dict[str, Any] | None = super()._get_access_token(request)
        return claims if claims is not None and claims.get("aud") == AUDIENCE else None

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """A new pair for a refresh token that was never used; one used before ends its session."""
        claims = internal.decode_token(refresh_token, "refresh")
        key = internal.session_key_from_sid(claims["sid"]) if claims else None
        if claims is None or not key:
            return None
        with transaction.atomic():
            # Of two requests with the same token the second waits here, and finds it used.
            if Session.objects.select_for_update().filter(pk=key).first() is None:
                return None
            session = internal.get_token_session(claims)
            if session is not None and claims["jti"] not in internal.get_refresh_token_state(session):
                session.delete()
                _log.warning("session ended: its refresh token came twice", user=claims["sub"])
                return None
            pair: tuple[str, str] | None = super().refresh_token(refresh_token)
            return pair
