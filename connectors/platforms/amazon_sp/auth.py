"""How SP-API calls are signed: the access token in a header; Amazon dropped request signatures."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.platforms.common.lwa import LwaAuthenticator

# Amazon requires a user agent that names application, version and language.
USER_AGENT = "agency-backend/0.1 (Language=Python)"


class SpAuthenticator(LwaAuthenticator):
    """Puts the access token where SP-API looks for it."""

    def headers(
        self, token: str, credential: Mapping[str, str], account: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Return the headers of every call but the download of documents."""
        return {"x-amz-access-token": token, "user-agent": USER_AGENT, "accept": "application/json"}
