"""The simulator: lets calls in or refuses them as the platforms would, and answers from the world."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time

from config.lib import clock as product_clock
from connectors.simulator.http import ecb, operations
from connectors.simulator.http.calls import Call, Operation, Parts
from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.http.faults import Fault, Faults
from connectors.simulator.http.limits import Limits
from connectors.simulator.http.messages import Answer, Refusal, Request, json_answer, refuse, refuse_ads
from connectors.simulator.http.paging import Paging
from connectors.simulator.http.record import Record
from connectors.simulator.http.reports.desk import Desk
from connectors.simulator.http.settings import Knobs
from connectors.simulator.http.tokens import Grant, Tokens
from connectors.simulator.world import World

_BEFORE = frozenset({"error", "throttle", "reset", "slow", "expire_token", "revoke_token"})
_AFTER = frozenset({"malformed", "truncate"})


def default_now(end: date) -> datetime:
    """Real time while the world ends today (or tomorrow somewhere), else the end of its last day in UTC."""
    real = product_clock.now()
    return real if abs((real.date() - end).days) <= 1 else datetime.combine(end, time(23, 59, 59), tzinfo=UTC)


class Simulator:
    """A whole simulated Amazon. `answer` is all there is to it; `http.asgi` puts it on the wire."""

    def __init__(
        self,
        world: World,
        *,
        now: datetime | None = None,
        frozen: bool = False,
        limits: Limits | None = None,
        knobs: Knobs | None = None,
    ) -> None:
        self.world = world
        self.clock = SimulatorClock(now or default_now(world.end), frozen)
        self._began_at, self._frozen = self.clock.now(), frozen
        self.limits = limits or Limits()
        self.knobs = knobs or Knobs()
        self.faults, self.record = Faults(), Record()
        self.tokens = Tokens(world, self.clock)
        self.paging, self.desk = Paging(self.clock), Desk(self.clock, self.knobs)
        self.parts = Parts(world, self.clock, self.knobs, self.paging, self.desk, self.record, self.faults)

    def reset(self) -> None:
        """Everything as at the start, but the knobs: clock, tokens, reports, limits, faults, record."""
        self.clock.set(self._began_at)
        if not self._frozen:
            self.clock.run()
        self.tokens = Tokens(self.world, self.clock)
        for part in (self.limits, self.paging, self.desk, self.record):
            part.reset()
        for store in self.world.stores.values():
            store.asking.clear()
        self.faults.clear()

    def answer(self, request: Request) -> Answer:
        """Answer one call; never raises for what a caller sends."""
        name, seller = "unknown", ""
        try:
            name, seller, reply = self._route(request)
        except _Refused as refused:
            name, seller, reply = refused.name, refused.seller, refused.answer
        reply.headers.setdefault("x-amzn-requestid", str(uuid.uuid4()))
        self.record.call(request.method, request.path, name, reply.status, seller)
        return reply

    def _route(self, request: Request) -> tuple[str, str, Answer]:
        if request.path == operations.TOKEN_PATH and request.method == "POST":
            return "lwaToken", "", self._guarded("lwaToken", (), request, None)
        if request.method == "GET" and request.path in ecb.PATHS:
            return "ecb", "", self._guarded("ecb", (), request, None)
        if request.method == "GET" and (kept := self.desk.find(request.path)):
            return "document", kept.store.seller_id, self._guarded("document", (kept.type,), request, None)
        if self.world.has_ended(self.clock.now()):
            gone = refuse(503, "ServiceUnavailable", f"The simulated world ended on {self.world.last}.")
            raise _Refused("ended", "", gone.answer)
        found = operations.find(request.method, request.path)
        if found is None:
            raise self._unknown(request)
        operation, path = found
        grant = self._admit(operation, request)
        return (
            operation.name,
            grant.seller,
            self._guarded(operation.name, (), request, (operation, grant, path)),
        )

    def _unknown(self, request: Request) -> _Refused:
        """Only reads are offered: anything else that is not one of them is counted as an attempt to write."""
        if request.method not in ("GET", "HEAD"):
            self.record.refuse_write()
            return _Refused("write", "", refuse(405, "MethodNotAllowed", "This is not a read.").answer)
        return _Refused(
            "unknown", "", refuse(404, "NotFound", "The requested resource doesn't exist.").answer
        )

    def _guarded(
        self,
        name: str,
        more: tuple[str, ...],
        request: Request,
        call: tuple[Operation, Grant, dict[str, str]] | None,
    ) -> Answer:
        names, seller = (name, *more), call[1].seller if call else ""
        fault = self.faults.next(names, _BEFORE)
        delay = 0.0
        try:
            if fault is not None:
                delay = self._strike(fault, call)
                if call:
                    self._admit(call[0], request)
            reply = self._serve(name, request, call)
        except Refusal as refusal:
            raise _Refused(name, seller, refusal.answer) from refusal
        if fault is not None and fault.kind == "reset":
            reply.reset = True
        reply.delay = delay
        after = self.faults.next(names, _AFTER)
        if after is not None:
            reply.body = reply.body[
                : len(reply.body) * 2 // 3 if after.kind == "truncate" else len(reply.body) // 2
            ]
        return reply

    def _strike(self, fault: Fault, call: tuple[Operation, Grant, dict[str, str]] | None) -> float:
        """Carry out a fault before the call; returns for how long the answer is held up."""
        is_ads = call is not None and call[0].api == "ads"
        if fault.kind == "error":
            message = "We encountered an internal error. Please try again."
            refusal = refuse_ads(fault.status, str(fault.status), message)
            raise refusal if is_ads else refuse(fault.status, "InternalFailure", message)
        if fault.kind == "throttle":
            raise _quota(is_ads)
        if call is not None and fault.kind == "expire_token":
            self.tokens.expire(call[1].seller)
        if call is not None and fault.kind == "revoke_token":
            self.tokens.revoke(call[1].account.key, call[1].region, call[1].api)
        return fault.seconds if fault.kind == "slow" else 0.0

    def _serve(
        self, name: str, request: Request, call: tuple[Operation, Grant, dict[str, str]] | None
    ) -> Answer:
        if call is None:
            if name == "lwaToken":
                return self.tokens.exchange(request)
            if name == "ecb":
                return ecb.serve(self.world, request.path, self.clock.now())
            kept, reply = self.desk.download(request)
            self.record.serve(kept.store.key, kept.stream, kept.document.keys)
            return reply
        operation, grant, path = call
        if not self.limits.take(grant.seller, operation.name, operation.rate, operation.burst):
            raise _quota(operation.api == "ads")
        reply = operation.handler(Call(request, grant, self.parts, self.clock.now(), path, operation.name))
        if operation.api == "sp":
            reply.headers["x-amzn-ratelimit-limit"] = self.limits.shown(operation.rate)
        return reply

    def _admit(self, operation: Operation, request: Request) -> Grant:
        """Who calls? Refused without a valid token of the right API."""
        headers = request.headers
        if operation.api == "ads":
            return self._admit_ads(operation, request)
        if self.knobs.require_user_agent and not headers.get("user-agent"):
            raise _Refused(
                operation.name, "", refuse(400, "InvalidInput", "The user-agent header is required.").answer
            )
        token = headers.get("x-amz-access-token", "")
        grant = (
            self.tokens.look_up(token, "sp") if token else "Access token is missing in the request header."
        )
        if isinstance(grant, str):
            denied = refuse(403, "Unauthorized", "Access to requested resource is denied.", grant)
            raise _Refused(operation.name, "", denied.answer)
        return grant

    def _admit_ads(self, operation: Operation, request: Request) -> Grant:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.tokens.look_up(token, "ads") if scheme.lower() == "bearer" else "Missing bearer token."
        client = request.headers.get("amazon-advertising-api-clientid", "")
        if isinstance(grant, str) or client != grant.account.client_id:
            raise _Refused(
                operation.name,
                "",
                refuse_ads(401, "UNAUTHORIZED", "Not authorized to access this advertiser").answer,
            )
        return grant


def _quota(is_ads: bool) -> Refusal:
    if is_ads:
        body = {"code": "429", "details": "Too Many Requests"}
        return Refusal(json_answer(body, 429, {"retry-after": "2"}))
    return refuse(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")


class _Refused(Exception):
    """A refusal with what is to be written into the record about it."""

    def __init__(self, name: str, seller: str, answer: Answer) -> None:
        super().__init__(answer.status)
        self.name, self.seller, self.answer = name, seller, answer
