"""What Amazon credited and charged, transaction by transaction (listTransactions 2024-06-19)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping import finances
from connectors.platforms.amazon_sp.streams.base import SpStream, call
from connectors.platforms.common.moments import ShopClock, instant_text
from connectors.platforms.common.steps import TokenGuard, ask_resumed
from connectors.platforms.common.windows import Round, due_round
from connectors.types import ChargeRecord, Family, RejectedRow

_DAY = timedelta(days=1)
# Amazon wants the end two minutes in the past; the third allows for clocks that differ.
_SETTLING = timedelta(minutes=3)
_WINDOW_DAYS = 30
_TRAILING_DAYS = 14
_TOKEN_LIFE = timedelta(hours=23)


@dataclass(slots=True, eq=False)
class FinancesStream(SpStream):
    """Transactions by posting time, in windows of thirty days; the last fourteen days are read again.

    Amazon warns that the last 48 hours may be incomplete, so the days claimed end two days before today.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per answered page; a window's days are covered with its last page."""
        due = due_round(
            cursor,
            today=context.today,
            last=context.today,
            backfill_days=context.backfill_days,
            trailing_days=_TRAILING_DAYS,
        )
        base = {"through": cursor["through"]} if cursor.get("through") else {}
        kept = cursor.get("page") or {}
        if kept and context.now - datetime.fromisoformat(kept["asked_at"]) > _TOKEN_LIFE:
            kept = {}
        while not due.is_done:
            due = yield from self._window(context, due, base, kept)
            kept = {}

    def _window(
        self, context: StreamContext, due: Round, base: Mapping[str, Any], kept: Mapping[str, str]
    ) -> Generator[Request | Wait | Page, Response | None, Round]:
        clock = ShopClock(context.store.time_zone)
        first, last = due.window(_WINDOW_DAYS)
        # The token is only good with the very arguments it was given for.
        before = kept.get("before") or instant_text(min(clock.end_of(last), context.now - _SETTLING))
        query = {"postedAfter": instant_text(clock.start_of(first)), "postedBefore": before}
        if context.store.market != "US":
            # With the United States named, Amazon leaves out orders the merchant ships (its own note).
            query["marketplaceId"] = context.store.marketplace_id
        token = kept.get("token", "")
        guard = TokenGuard("listTransactions", token)
        # A token that an earlier run left behind may be dead; then the window is read again from its start.
        fresh = call("listTransactions", query=query) if token else None
        after = due.after(last)
        while True:
            asked = {**query, "nextToken": token} if token else query
            answer, is_anew = yield from ask_resumed(call("listTransactions", query=asked), fresh)
            guard, fresh = TokenGuard("listTransactions") if is_anew else guard, None
            payload = answer.get("payload") or answer
            token = guard.next(payload.get("nextToken"), answer)
            page = read_transactions(payload.get("transactions") or [], context, clock)
            if token:
                place = {"token": token, "before": before, "asked_at": context.now.isoformat()}
                yield Page(cursor={**base, "round": due.write(), "page": place}, **page)
                continue
            final = {"through": str(after.last)} if after.is_done else {**base, "round": after.write()}
            yield Page(
                cursor=final,
                data_as_of=datetime.fromisoformat(before),
                **page,
                **_covered(context, first, last),
            )
            return after


def _covered(context: StreamContext, first: date, last: date) -> dict[str, Any]:
    through = min(last, context.today - 2 * _DAY)
    return {"covered_from": first, "covered_through": through} if first <= through else {}


def read_transactions(transactions: list[Any], context: StreamContext, clock: ShopClock) -> dict[str, Any]:
    """Return the charges of the store's transactions, what could not be read, and the page to keep."""
    records: list[ChargeRecord] = []
    rejected: list[RejectedRow] = []
    concerned: list[Any] = []
    for number, transaction in enumerate(transactions):
        try:
            if not finances.concerns(transaction, context.store.marketplace_id):
                continue
            concerned.append(transaction)
            records.extend(finances.charges(transaction, context, clock))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            raw = transaction if isinstance(transaction, dict) else {}
            rejected.append(RejectedRow(f"/transactions/{number}", reason, raw))
    left_out = len(transactions) - len(concerned) - len(rejected)
    return {
        "records": tuple(records),
        "rejected": tuple(rejected),
        "raw": msgspec.json.encode({"transactions": concerned}),
        "raw_type": "application/json",
        "note": f"{left_out} transactions of other stores or told twice left out" if left_out > 0 else "",
    }


FINANCES = FinancesStream(
    key="finances", family=Family.CHARGES, cadence=timedelta(hours=6), stale_after=timedelta(days=3)
)
