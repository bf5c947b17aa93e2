"""How Amazon's token endpoint (Login with Amazon) is asked and read; SP-API and Ads share it."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.engine.protocol import Action, Failure, Operation, Request, Response
from connectors.platforms.common.problems import AnswerUnreadable
from connectors.platforms.common.steps import read_object

TOKEN_OPERATION = Operation(
    key="lwa.token",
    method="POST",
    host="https://api.amazon.com",
    path="/auth/o2/token",
    rate=1.0,
    burst=5,
    reads="buys an access token for a stored authorisation; changes nothing in the account",
)
_REVOKED = {"invalid_grant", "unauthorized_client", "invalid_client", "access_denied"}


class LwaAuthenticator:
    """Buys access tokens with a refresh token; subclasses say which headers carry them."""

    credential_fields: tuple[str, ...] = ("client_id", "client_secret", "refresh_token")

    def token_request(self, credential: Mapping[str, str]) -> Request:
        """Return the call that exchanges the refresh token for an access token of one hour."""
        return Request(
            operation=TOKEN_OPERATION.key,
            form={
                "grant_type": "refresh_token",
                "refresh_token": credential["refresh_token"],
                "client_id": credential["client_id"],
                "client_secret": credential["client_secret"],
            },
        )

    def read_token(self, response: Response) -> tuple[str, float]:
        """Return the access token and its life in seconds; `AnswerUnreadable` if there is none."""
        answer = read_object(response.body)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise AnswerUnreadable("the token endpoint answered without an access token")
        return token, int(answer.get("expires_in", 3600))


def classify_token_refusal(status: int, error: str, description: str) -> Failure:
    """Say what a refused token call means. A revoked or unknown authorisation needs a person."""
    if error in _REVOKED:
        return Failure(Action.FIX_CONFIG, error, description or "Amazon does not accept the authorisation")
    return Failure(Action.FAIL, error or "token_refused", description or f"token endpoint answered {status}")
