"""Login with Amazon: refresh tokens for access tokens, and who an access token speaks for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.http.messages import Answer, Request, json_answer, refuse_login
from connectors.simulator.world import World
from connectors.simulator.world.model import Account

LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: one client's seller in a region, or its advertising there."""

    account: Account
    region: str
    api: str

    @property
    def seller(self) -> str:
        """The seller for whom the token speaks."""
        return self.account.sellers[self.region]


class Tokens:
    """The token endpoint's memory."""

    def __init__(self, world: World, clock: SimulatorClock) -> None:
        self._clock = clock
        self._refresh: dict[str, Grant] = {}
        for account in world.accounts:
            for region, token in account.refresh_tokens.items():
                self._refresh[token] = Grant(account, region, "sp")
            for region, token in account.ads_refresh_tokens.items():
                self._refresh[token] = Grant(account, region, "ads")
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self._revoked: set[tuple[str, str, str]] = set()
        self.issued = 0

    def exchange(self, request: Request) -> Answer:
        """POST /auth/o2/token."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "refresh_token":
            raise refuse_login(
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server",
            )
        for name in ("client_id", "client_secret", "refresh_token"):
            if not form.get(name):
                raise refuse_login(
                    400, "invalid_request", f"The request is missing a required parameter : {name}"
                )
        grant = self._refresh.get(form["refresh_token"])
        known = [g.account for g in self._refresh.values() if g.account.client_id == form["client_id"]]
        if not known or known[0].client_secret != form["client_secret"]:
            raise refuse_login(401, "invalid_client", "Client authentication failed")
        if grant is None or grant.account is not known[0] or self._is_revoked(grant):
            raise refuse_login(
                400,
                "invalid_grant",
                "The request has an invalid grant parameter : refresh_token. "
                "User may have revoked or didn't grant the permission.",
            )
        token = f"Atza|{secrets.token_urlsafe(96)}"
        self._access[token] = (grant, self._clock.now() + LIFE)
        self.issued += 1
        body = {
            "access_token": token,
            "refresh_token": form["refresh_token"],
            "token_type": "bearer",
            "expires_in": int(LIFE.total_seconds()),
        }
        return json_answer(body, headers={"content-type": "application/json;charset=UTF-8"})

    def look_up(self, token: str, api: str) -> Grant | str:
        """Whom a token speaks for, or why it speaks for nobody."""
        grant, until = self._access.get(token, (None, self._clock.now()))
        if grant is None or grant.api != api or self._is_revoked(grant):
            return "The access token you provided is revoked, malformed or invalid."
        if until <= self._clock.now():
            return "The access token you provided has expired."
        return grant

    def expire(self, seller: str = "") -> None:
        """Let access tokens run out at once: all, or one seller's."""
        now = self._clock.now()
        for token, (grant, _) in list(self._access.items()):
            if not seller or grant.seller == seller:
                self._access[token] = (grant, now)

    def revoke(self, account: str, region: str = "", api: str = "") -> None:
        """Take a client's permission back: the refresh token is refused from now on."""
        self._revoked.add((account, region, api))

    def restore(self) -> None:
        """Undo every revocation."""
        self._revoked.clear()

    def _is_revoked(self, grant: Grant) -> bool:
        return any(
            account == grant.account.key and region in ("", grant.region) and api in ("", grant.api)
            for account, region, api in self._revoked
        )
