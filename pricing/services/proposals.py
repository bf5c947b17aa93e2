"""Opening suggestions: one live per listing, each with everything that led to it.

The same suggestion is not opened twice: where the live one is of the same kind and source, names the same
price and rests on the same case (`pricing.engine.snapshot.case_digest`), it is only confirmed, so that its
clock (the client's window, the time to react) runs on. An approved one is confirmed whenever the price is the
same: it has been decided. Any other live suggestion of the listing is superseded by the new one.

All of it happens in one transaction under a lock on the store's suggestions, so that two runs at once come to
one suggestion and not to two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import Conflict, gettext_noop
from pricing.engine import headline, snapshot
from pricing.engine.approval import Level
from pricing.engine.approval_policy import Policy
from pricing.engine.confidence import score
from pricing.engine.contribution import keeps
from pricing.engine.prospects import Prospect, expect
from pricing.engine.solve import lowest_price
from pricing.engine.windows import due_at
from pricing.models import Recommendation
from pricing.selectors.approvals import get_policy, needed_at
from pricing.selectors.policies import terms_by_tier
from pricing.services.halts import refuse_halted
from pricing.services.transitions import move
from pricing.types import (
    LIVE_STATES,
    PriceCheck,
    PricingContext,
    ProposalKind,
    Reason,
    RecommendationState,
    Tier,
    TraceStep,
)
from tenants import audit, outbox
from tenants.context import require_client

EVENT = "pricing.suggested"
_STANDARD_HOURS = 24


class BelowFloor(Conflict):
    """The price does not keep the margin of its floor: it may not be suggested, by anybody."""

    code = "below_floor"
    title = gettext_noop("The price is below its floor")
    default_remedy = gettext_noop("Suggest a price from the floor on; see the listing's contribution.")
    permanent = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A suggestion to be opened. `rule_set` is its id and version; `floor` replaces the floor that follows
    from the context's margin (clearance, which ignores what is sunk), `floor_margin` makes that margin
    stricter; `uses_rivals` says whether a rival's price had a part in it; `extra` are further inputs to be
    kept with the snapshot."""

    context: PricingContext
    kind: ProposalKind
    price: Decimal
    reasons: Sequence[Reason]
    trace: Sequence[TraceStep] = ()
    checks: Sequence[PriceCheck] = ()
    source_id: int | None = None
    rule_set: tuple[int, int] | None = None
    floor: Decimal | None = None
    floor_margin: Decimal | None = None
    uses_rivals: bool = False
    extra: Mapping[str, Any] | None = None

    @property
    def least_margin(self) -> Decimal:
        """The margin that the price has to keep where no `floor` is given."""
        return max(self.context.floor_margin, self.floor_margin or self.context.floor_margin)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a draft: the live suggestion, whether it is new, and which one it replaced."""

    recommendation_id: int
    sku: str
    is_new: bool
    headline: str
    superseded_id: int | None = None


def propose(
    *,
    context: PricingContext,
    kind: ProposalKind,
    price: Decimal,
    reasons: Sequence[Reason],
    source_id: int | None = None,
    trace: Sequence[TraceStep] = (),
    checks: Sequence[PriceCheck] = (),
    rule_set: tuple[int, int] | None = None,
    run_id: int | None = None,
    floor: Decimal | None = None,
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Open the one live suggestion of a listing, or confirm the present one; returns its id.

    `BelowFloor` for a price that does not keep the floor, `PricingHalted` while a halt stands; see `Draft`
    for the arguments.
    """
    draft = Draft(
        context=context,
        kind=kind,
        price=price,
        reasons=reasons,
        trace=trace,
        checks=checks,
        source_id=source_id,
        rule_set=rule_set,
        floor=floor,
        uses_rivals=any("rival" in reason.code for reason in reasons),
        extra=extra,
    )
    return propose_all([draft], run_id=run_id)[0].recommendation_id


def propose_all(drafts: Sequence[Draft], *, run_id: int | None = None) -> list[Proposed]:
    """Open or confirm the suggestions of listings of one store, all or none; in the order of the drafts.

    `BelowFloor` for the first price that does not keep its floor, `PricingHalted` while a halt stands,
    `ValueError` for more than one store or two drafts of one listing.
    """
    if not drafts:
        return []
    stores = {draft.context.store_id for draft in drafts}
    skus = [draft.context.sku for draft in drafts]
    if len(stores) != 1 or len(set(skus)) != len(skus):
        raise ValueError("drafts of one store, one per listing")
    (store_id,) = stores
    for draft in drafts:
        _refuse_below_floor(draft)
    with transaction.atomic():
        for rule_set_id in {None if draft.rule_set is None else draft.rule_set[0] for draft in drafts}:
            refuse_halted(store_id, rule_set_id)
        lock_suggestions(store_id)
        live = {
            row.sku: row
            for row in Recommendation.objects.filter(
                store_id=store_id, sku__in=skus, state__in=[state.value for state in LIVE_STATES]
            )
        }
        return _Opening(store_id, run_id, live).all(drafts)


def lock_suggestions(store_id: int) -> None:
    """One change of a store's suggestions at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"pricing.suggestions:{require_client().id}:{store_id}"],
        )


def _refuse_below_floor(draft: Draft) -> None:
    context = draft.context
    is_kept = (
        draft.price >= draft.floor
        if draft.floor is not None
        else keeps(context.structure, draft.price, draft.least_margin)
    )
    if not is_kept:
        raise BelowFloor(
            f"{context.sku}: {headline.amount(draft.price, context.currency)} {context.currency} "
            "does not keep its floor."
        )


class _Opening:
    """One call's work, under the lock: what is live, what stays, what is replaced by what."""

    def __init__(self, store_id: int, run_id: int | None, live: Mapping[str, Recommendation]) -> None:
        self.store_id = store_id
        self.run_id = run_id
        self.live = live
        self.now = clock.now()
        self._terms: dict[Tier, timedelta] = {}
        self._policies: dict[date, Policy] = {}

    def all(self, drafts: Sequence[Draft]) -> list[Proposed]:
        """Confirm what stands, replace and open the rest, and write down both."""
        rows = [self._row(draft) for draft in drafts]
        stays = [(row, self.live[row.sku]) for row in rows if self._stands(row)]
        kept = {row.sku: live for row, live in stays}
        fresh = [row for row in rows if row.sku not in kept]
        for row, new_id in zip(fresh, _new_ids(len(fresh)), strict=True):
            row.pk = new_id
        replaced = {row.sku: self._replace(row) for row in fresh if row.sku in self.live}
        Recommendation.objects.bulk_create(fresh, batch_size=250)
        self._confirm(stays)
        self._tell(fresh, [live.pk for live in kept.values()])
        return [
            Proposed(
                recommendation_id=kept[row.sku].pk if row.sku in kept else row.pk,
                sku=row.sku,
                is_new=row.sku not in kept,
                headline=row.headline,
                superseded_id=replaced.get(row.sku),
            )
            for row in rows
        ]

    def _stands(self, row: Recommendation) -> bool:
        live = self.live.get(row.sku)
        if live is None or (live.kind, live.source_id) != (row.kind, row.source_id):
            return False
        if live.state == RecommendationState.APPROVED.value:
            return row.suggested_amount in (live.suggested_amount, live.approved_amount)
        return live.case_sha256 == row.case_sha256

    def _replace(self, row: Recommendation) -> int:
        old: int = self.live[row.sku].pk
        move(
            old,
            RecommendationState.SUPERSEDED,
            reason=f"replaced by {row.suggested_amount:f} {row.currency}",
            superseded_by_id=row.pk,
        )
        return old

    def _confirm(self, stays: Sequence[tuple[Recommendation, Recommendation]]) -> None:
        """Say that they still hold; those not decided yet stand for longer, and know the run that said so."""
        for row, live in stays:
            live.confirmed_at = self.now
            if live.state != RecommendationState.APPROVED.value:
                live.expires_at = max(live.expires_at, row.expires_at)
        Recommendation.objects.bulk_update(
            [live for _, live in stays], ["confirmed_at", "expires_at"], batch_size=500
        )

    def _tell(self, fresh: Sequence[Recommendation], kept: Sequence[int]) -> None:
        ids = [row.pk for row in fresh]
        if fresh:
            outbox.emit(EVENT, {"store_id": self.store_id, "run_id": self.run_id, "recommendation_ids": ids})
        alone = ("recommendation", (ids or kept)[0]) if len(ids) + len(kept) == 1 else None
        audit.record(
            "recommendations.suggested",
            target=alone or ("store", self.store_id),
            after={
                "run_id": self.run_id,
                "opened": [
                    {
                        "id": row.pk,
                        "sku": row.sku,
                        "kind": row.kind,
                        "from": None if row.current_amount is None else str(row.current_amount),
                        "to": str(row.suggested_amount),
                        "inputs": row.inputs_sha256,
                    }
                    for row in fresh
                ],
                "confirmed": list(kept),
            },
        )

    def _row(self, draft: Draft) -> Recommendation:
        context, prospect = draft.context, expect(draft.context, draft.price)
        floor = _floor(draft, prospect)
        trust = score(context, uses_rivals=draft.uses_rivals)
        plain = snapshot.dump(context)
        rule_set_id, version = draft.rule_set or (None, None)
        inputs = {
            "format": snapshot.FORMAT,
            "context": plain,
            "rule_set": None if draft.rule_set is None else {"id": rule_set_id, "version": version},
            **(draft.extra or {}),
        }
        checks = msgspec.to_builtins(list(draft.checks))
        return Recommendation(
            store_id=context.store_id,
            sku=context.sku,
            product_id=context.product_id,
            market=context.market,
            currency=context.currency,
            tier=context.tier.value,
            kind=draft.kind.value,
            run_id=self.run_id,
            rule_set_id=rule_set_id,
            rule_set_version=version,
            source_id=draft.source_id,
            current_amount=context.price,
            suggested_amount=draft.price,
            floor_amount=floor,
            target_amount=prospect.target,
            current_contribution_amount=prospect.present_contribution,
            expected_contribution_amount=prospect.contribution,
            current_margin=prospect.present_margin,
            expected_margin=prospect.margin,
            gain_per_day_amount=prospect.gain_per_day,
            confidence=trust.value,
            confidence_why=msgspec.to_builtins(list(trust.reasons)),
            reasons=msgspec.to_builtins(list(draft.reasons)),
            trace=msgspec.to_builtins(list(draft.trace)),
            checks=checks,
            inputs=inputs,
            inputs_sha256=snapshot.digest(inputs),
            case_sha256=snapshot.case_digest(
                plain, draft.kind.value, draft.source_id, draft.rule_set, draft.price, floor, checks
            ),
            headline=headline.suggestion(
                context, draft.price, margin=prospect.margin, floor=floor, reasons=draft.reasons
            ),
            **self._approval(draft),
            opened_at=self.now,
            expires_at=self.now + self._lasts(context),
        )

    def _approval(self, draft: Draft) -> dict[str, Any]:
        """Whose signature it needs first, and until when where that is a client with a window."""
        context = draft.context
        if context.on not in self._policies:
            self._policies[context.on] = get_policy(self.store_id, context.on).policy
        policy = self._policies[context.on]
        needed = needed_at(policy, context, draft.price, clearance_floor=draft.floor)
        if not needed.levels:
            return {"level_needed": ""}
        first = needed.levels[0]
        window = policy.window if first is Level.CLIENT else None
        due = None if window is None else due_at(window, self.now)
        return {"level_needed": first.value, "due_at": due}

    def _lasts(self, context: PricingContext) -> timedelta:
        if not self._terms:
            for tier, terms in terms_by_tier(self.store_id, context.on).items():
                self._terms[tier] = timedelta(hours=terms.expiry_hours or _STANDARD_HOURS)
        return self._terms[context.tier]


def _floor(draft: Draft, prospect: Prospect) -> Decimal:
    if draft.floor is not None:
        return draft.floor
    if draft.least_margin == draft.context.floor_margin:
        found = prospect.floor
    else:
        found = lowest_price(draft.context.structure, draft.least_margin)
    # A price that keeps the floor's margin proves that there is a lowest one, unless it is no tick.
    return draft.price if found is None else found


def _new_ids(count: int) -> list[int]:
    """Ids for rows that are written later: what is superseded names its successor before that exists."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
            [Recommendation._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
