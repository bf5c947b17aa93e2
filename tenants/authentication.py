"""Who is calling: an API key, an access token, a session token, or a session cookie with its CSRF token.

Runs in the public role, before the client is known. Every request asks the database again, so that a revoked
key, an ended session or a deactivated person is refused from the next request on.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from config.lib import clock
from config.lib.api.problem import CSRFFailed
from config.lib.errors import Denied, gettext_noop
from config.lib.ids import split_key
from tenants.access_tokens import find_session
from tenants.models import ApiKey, User
from tenants.permissions import KEY_SCOPES, Capability
from tenants.principals import Machine, Person, Principal
from tenants.services.tokens import KEY_KIND, hash_secret

# Writing "last used" on every request would make each read a write; nobody needs it finer than this.
LAST_USED_EVERY = timedelta(minutes=1)
# Compared against when no such key exists, so that an unknown prefix takes as long as a wrong secret.
_NO_KEY = "0" * 64


class SecondFactorRequired(Denied):
    """The deployment wants staff to log in with a second factor, and this session was opened without one."""

    code = "second_factor_required"
    title = gettext_noop("Second factor required")


def client_address(request: HttpRequest) -> str:
    """The caller's address: the peer, or what the configured number of trusted proxies say it is."""
    proxies = int(getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0))
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return hops[-proxies] if proxies and len(hops) >= proxies else peer


def person_of(user: User) -> Person:
    """The frozen value of a person's row."""
    return Person(
        id=user.pk,
        email=user.email,
        name=user.name,
        locale=user.locale,
        time_zone=user.time_zone,
        is_staff_member=user.is_staff_member,
        is_provider_owner=user.is_provider_owner,
    )


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ak_<prefix>_<secret>`; every reason for refusal gives the same answer."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """The key's holder; None when the request carries no key, AuthenticationFailed for a bad one."""
        token = _bearer(request)
        if not token.startswith(f"{KEY_KIND}_"):
            return None
        _, prefix, secret = split_key(token) or ("", "", "")
        key = ApiKey.objects.filter(prefix=prefix).first()
        known = hmac.compare_digest(hash_secret(secret), key.secret_hash if key else _NO_KEY)
        now = clock.now()
        if key is None or not known or not _is_usable(key, client_address(request), now):
            raise AuthenticationFailed("This API key is not valid here.")
        _touch(key, now)
        return machine_of(key), None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'


def _bearer(request: Request) -> str:
    """What stands behind `Authorization: Bearer`; empty without it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def machine_of(key: ApiKey) -> Machine:
    """The frozen value of a key's row; scopes that no longer exist or may no longer be held fall away."""
    return Machine(
        id=key.pk,
        name=key.name,
        prefix=key.prefix,
        client_id=key.client_id,
        scopes=frozenset(scope for scope in Capability if scope in key.scopes) & KEY_SCOPES,
    )


def _is_usable(key: ApiKey, address: str, now: datetime) -> bool:
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return False
    return not key.networks or _is_inside(address, key.networks)


def _is_inside(address: str, networks: list[str]) -> bool:
    """Whether the address lies in one of the CIDR networks; an address nobody can parse lies in none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return any((mapped or parsed) in ipaddress.ip_network(network) for network in networks)


def _touch(key: ApiKey, now: datetime) -> None:
    stale = now - LAST_USED_EVERY
    if key.last_used_at is None or key.last_used_at <= stale:
        unused = Q(last_used_at=None) | Q(last_used_at__lte=stale)
        ApiKey.objects.filter(unused, pk=key.pk).update(last_used_at=now)


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <JWT>` of a single-page application (tenants.access_tokens)."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """The session's person; None without such a token, AuthenticationFailed for a bad one."""
        token = _bearer(request)
        if not token or token.startswith(f"{KEY_KIND}_"):
            return None
        found = find_session(token)
        if found is None:
            raise AuthenticationFailed("This access token is not valid, or no longer.")
        _require_second_factor(*found)
        return person_of(found[0]), None


class SessionTokenAuthentication(BaseAuthentication):
    """`X-Session-Token` of allauth's app client."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """The session's person; None without the header, AuthenticationFailed for an ended session."""
        token = request.headers.get("X-Session-Token")
        if not token:
            return None
        found = authenticate_by_x_session_token(token)
        if found is None:
            raise AuthenticationFailed("This session has ended.")
        user, session = found
        _require_second_factor(user, session)
        return person_of(user), None


class SessionCookieAuthentication(SessionAuthentication):
    """The session cookie of allauth's browser client; writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """The logged-in person of the browser, or None; a missing CSRF token is CSRFFailed."""
        user: Any = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        try:
            self.enforce_csrf(request)
        except PermissionDenied as error:
            raise CSRFFailed from error
        _require_second_factor(user, request._request.session)
        return person_of(user), None


def _require_second_factor(user: Any, session: Mapping[str, Any]) -> None:
    if not (getattr(settings, "STAFF_TOTP_REQUIRED", False) and user.is_staff_member):
        return
    methods = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    if not any(method.get("method") == "mfa" for method in methods):
        raise SecondFactorRequired(
            "Agency staff log in with a second factor here.",
            remedy="Add an authenticator under /api/auth/ and log in with it.",
        )
