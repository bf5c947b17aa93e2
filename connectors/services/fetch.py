"""How a stream's request is answered: token, rate limit, call, and what to do about a refusal.

A `Fetcher` is used from the fetching thread and touches no database: what it needs is opened before, what it
saw is written afterwards by the caller (`CallLog`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import SystemRandom

from config.lib import clock
from config.lib.http import HTTPAnswer, PlatformClient, Unreachable
from config.lib.ratelimit import RateLimiter, rate_from_headers
from config.lib.redact import Secret, redact
from config.lib.retry import delays, parse_retry_after
from connectors.engine.errors import (
    AttentionNeeded,
    MustWait,
    StreamMisbehaved,
    SyncFailed,
    SyncInterrupted,
)
from connectors.engine.protocol import Action, ConnectorSpec, Failure, Operation, Request, Response
from connectors.services.tokens import AccessTokens, TokenVault

# Calls for one request, the first included; what still fails then is left to the job's own, longer backoff.
MAX_ATTEMPTS = 5
_BACKOFF_BASE = 0.5
_BACKOFF_CAP = 20.0
# A 429 that names no time: the bucket is refilled at the published rate, but at least this is waited.
_MIN_PENALTY_SECONDS = 2.0
_LONG_PENALTY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """On whose behalf is asked: the connection's public ids, its opened credential, the shop's host."""

    client_id: int
    connection_id: int
    ids: Mapping[str, str]
    credential: Mapping[str, Secret]
    host: str


class Fetcher:
    """Answers the requests of one run of one stream.

    `sleep` pauses the fetching thread; a pause longer than `patience` seconds is not slept through but
    raised as `MustWait`. Raises `AttentionNeeded`, `SyncFailed` or `SyncInterrupted`; a refusal that may be
    skipped comes back as it is, because its body may say more (Amazon Ads names the report it has already).
    """

    def __init__(
        self,
        spec: ConnectorSpec,
        account: Account,
        *,
        http: PlatformClient,
        limiter: RateLimiter,
        vault: TokenVault,
        sleep: Callable[[float], None],
        patience: float,
    ) -> None:
        self._spec = spec
        self._account = account
        self._http = http
        self._limiter = limiter
        self._sleep = sleep
        self._patience = patience
        self._vault = vault
        self._tokens = AccessTokens(vault, self._buy_token)

    def __call__(self, request: Request) -> Response:
        """Answer one request of a stream."""
        operation = self._operation(request)
        if request.url:
            return self._answer(request, operation, None)
        return self._answer(request, operation, self._tokens.current())

    def _answer(self, request: Request, operation: Operation, token: Secret | None) -> Response:
        renewed = False
        for delay in (*delays(MAX_ATTEMPTS - 1, _BACKOFF_BASE, _BACKOFF_CAP, SystemRandom()), None):
            failure = self._try(request, operation, token)
            if isinstance(failure, Response):
                return failure
            match failure.action:
                case Action.REFRESH if token is not None and not renewed:
                    token, renewed = self._tokens.renewed(token), True
                    continue
                case Action.REFRESH | Action.FIX_CONFIG:
                    # A fresh token that is refused as well is not a matter of age.
                    raise AttentionNeeded(
                        redact(failure.message),
                        reason=failure.code,
                        is_credential=failure.action is Action.REFRESH,
                    )
                case Action.FAIL:
                    raise SyncFailed(redact(failure.message), reason=failure.code)
                case _:
                    self._back_off(failure, operation, delay)
        # Only a limit is refused until the end: the quota is used up by others, which is no failure of ours.
        raise MustWait(_LONG_PENALTY_SECONDS, f"{operation.key} is over its limit")

    def _try(self, request: Request, operation: Operation, token: Secret | None) -> Response | Failure:
        """Make one call and return its answer, or why there is none."""
        self._take_turn(operation)
        try:
            answer = self._send(request, token)
        except Unreachable as error:
            return Failure(Action.RETRY, error.code, error.detail)
        stated = rate_from_headers(answer.headers)
        if stated is not None and stated != operation.rate:
            self._limiter.correct(self._bucket(operation), stated)
        if answer.status < 300:
            return Response(status=answer.status, headers=answer.headers, body=answer.body)
        if answer.status < 400:
            return Failure(
                Action.FAIL, "redirected", f"{operation.key} was redirected, which is not followed."
            )
        failure = self._spec.classify(answer.status, answer.headers, answer.body, operation.key)
        if failure.action is Action.SKIP:
            return Response(status=answer.status, headers=answer.headers, body=answer.body)
        after = parse_retry_after(answer.headers.get("retry-after"), clock.now())
        if failure.retry_after is None and after is not None:
            return Failure(failure.action, failure.code, failure.message, after)
        return failure

    def _send(self, request: Request, token: Secret | None) -> HTTPAnswer:
        headers: dict[str, str | Secret] = dict(request.headers)
        if token is not None:
            plain = {name: value.reveal() for name, value in self._account.credential.items()}
            own = self._spec.auth.headers(token.reveal(), plain, self._account.ids)
            headers.update({name: Secret(value) for name, value in own.items()})
        return self._http.send(
            request.operation,
            host=None if request.url else self._account.host or None,
            path_params=request.path,
            query=request.query,
            headers=headers,
            json=request.json,
            form=request.form,
            url=request.url,
        )

    def _take_turn(self, operation: Operation) -> None:
        """Wait for the operation's bucket; a wait beyond our patience is the job's."""
        if operation.rate <= 0:
            return
        while (
            seconds := self._limiter.acquire(self._bucket(operation), operation.rate, operation.burst)
        ) > 0:
            self._pause(seconds, f"rate limit of {operation.key}")

    def _back_off(self, failure: Failure, operation: Operation, delay: float | None) -> None:
        """Wait as long as the platform says, else as backoff says; give up after the last attempt."""
        if failure.action is Action.WAIT:
            earned = 1 / operation.rate if operation.rate > 0 else 0.0
            seconds = failure.retry_after or max(earned, _MIN_PENALTY_SECONDS)
            self._limiter.penalise(self._bucket(operation), seconds)
            return
        if delay is None:
            raise SyncInterrupted(
                f"{operation.key} failed {MAX_ATTEMPTS} times, lastly: {redact(failure.message)}"
            )
        self._pause(failure.retry_after or delay, f"{operation.key} failed ({failure.code})")

    def _pause(self, seconds: float, why: str) -> None:
        if seconds > self._patience:
            raise MustWait(seconds, why)
        self._sleep(seconds)

    def _bucket(self, operation: Operation) -> str:
        # Limits hold per seller account and host, whichever client or worker asks; a connection without a
        # public account id is its own account.
        ids = ",".join(f"{name}={value}" for name, value in sorted(self._account.ids.items()))
        owner = ids or f"{self._account.client_id}.{self._account.connection_id}"
        return f"{self._spec.key}:{self._account.host}:{owner}:{operation.key}"

    def _buy_token(self) -> tuple[Secret, float]:
        plain = {name: value.reveal() for name, value in self._account.credential.items()}
        request = self._spec.auth.token_request(plain)
        operation = self._operation(request)
        try:
            response = self._answer(request, operation, None)
        except (AttentionNeeded, SyncFailed) as error:
            raise AttentionNeeded(error.detail, reason=error.reason) from error
        token, life = self._spec.auth.read_token(response)
        return Secret(token), life

    def _operation(self, request: Request) -> Operation:
        operation = self._spec.operations.get(request.operation)
        if operation is None:
            raise StreamMisbehaved(f"{self._spec.key} lists no operation {request.operation!r}")
        return operation
