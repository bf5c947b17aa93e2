"""How calls of Amazon Ads are signed: a bearer token, the application's id and the advertising profile."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.platforms.common.lwa import LwaAuthenticator


class AdsAuthenticator(LwaAuthenticator):
    """Puts token, application and profile where Amazon Ads looks for them."""

    def headers(
        self, token: str, credential: Mapping[str, str], account: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Return the headers of every call but the download of documents."""
        return {
            "Authorization": f"Bearer {token}",
            "Amazon-Advertising-API-ClientId": credential["client_id"],
            "Amazon-Advertising-API-Scope": account.get("profile_id", ""),
        }
