"""What is to be said of some listings of a store, in the caller's transaction: a suggestion each, or why not.

The order is the same for every listing: a halt blocks all; then what is known of it, the rule set in force,
the rules with the checks of law and platform, the order within its family, and the suggestion. Faults of a
single listing are its own verdict; only what is wrong with the database or the process itself goes further.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction

from config.lib import clock
from config.lib.errors import AppError
from config.lib.logging import get_logger
from pricing.engine import headline, snapshot
from pricing.engine.contribution import keeps
from pricing.engine.family import Member, settle
from pricing.engine.price_history import PriceHistory
from pricing.models import Recommendation
from pricing.rules.checks import check_price
from pricing.rules.evaluate import run as run_rules
from pricing.selectors.context import load_contexts
from pricing.selectors.halts import HaltView, find_halt
from pricing.selectors.pilots import allows
from pricing.selectors.price_histories import load_histories
from pricing.selectors.rule_sets import ActiveRules, load_active
from pricing.selectors.runs import relatives_of
from pricing.services.proposals import Draft, Proposed, propose_all
from pricing.services.transitions import move
from pricing.types import (
    LIVE_STATES,
    Outcome,
    PriceCheck,
    PricingContext,
    Proposal,
    ProposalKind,
    Reason,
    RecommendationState,
    TraceStep,
)

_log = get_logger(__name__)
FAILED = "failed"
# What a run may replace or take back; promotions, tests, pilots and people's own are not its business.
_BY_RUNS = frozenset({ProposalKind.RULES.value, ProposalKind.FX.value, ProposalKind.FEE.value})
# How long a rejection keeps the same move from being suggested again.
_REJECTION_STANDS = timedelta(days=7)
_PENDING = frozenset({RecommendationState.OPEN.value, RecommendationState.ESCALATED.value})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one listing. `outcome` is an `Outcome`, or failed."""

    sku: str
    outcome: str
    headline: str
    reasons: tuple[Reason, ...] = ()
    currency: str = ""
    current: Decimal | None = None
    price: Decimal | None = None
    recommendation_id: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Live:
    """The live suggestion of a listing."""

    id: int
    kind: str
    state: str
    price: Decimal


@dataclass(slots=True)
class _Listing:
    """A listing on its way through the steps."""

    context: PricingContext
    rules: ActiveRules | None
    proposal: Proposal
    history: PriceHistory
    checks: tuple[PriceCheck, ...] = ()


def judge_listings(*, store_id: int, skus: Sequence[str], run_id: int | None = None) -> list[Verdict]:
    """Judge listings of a store and open their suggestions; a verdict per SKU, in the given order."""
    halt = find_halt(store_id)
    if halt is not None:
        return [_halted(sku, halt) for sku in skus]
    found: dict[str, Verdict] = {}
    listings = _proposed(store_id, skus, found)
    drafts = _settle(store_id, listings, set(skus), found)
    for proposed, draft in _opened(store_id, drafts, run_id, found):
        found[proposed.sku] = _suggested(proposed, draft)
    return [found.get(sku) or _missing(sku) for sku in skus]


def _proposed(store_id: int, skus: Sequence[str], found: dict[str, Verdict]) -> dict[str, _Listing]:
    """Ask the rules about every listing and, so that families are settled whole, about its relatives."""
    contexts = _load(store_id, skus, found)
    families = {each.family for each in contexts if each.family}
    relatives = sorted({*relatives_of(store_id, families)} - {each.sku for each in contexts})
    if relatives:
        contexts += _load(store_id, relatives, {})
    active = load_active(store_id)
    known = [each.sku for each in contexts]
    days = load_histories(store_id=store_id, skus=known, on=contexts[0].on) if contexts else {}
    chosen = {context.sku: active.of(context) for context in contexts}
    allowed = _allowed(store_id, chosen)
    listings: dict[str, _Listing] = {}
    for context in contexts:
        rules = chosen[context.sku]
        try:
            listings[context.sku] = _ask(context, rules, days[context.sku], is_allowed=context.sku in allowed)
        except Exception as error:  # noqa: BLE001 - one listing's fault, whatever it is, is its own verdict
            _raise_if_not_its_own(error)
            found[context.sku] = _failed(context.sku, error)
    return listings


def _allowed(store_id: int, chosen: Mapping[str, ActiveRules | None]) -> set[str]:
    """The listings that their rule set may move: all but those a pilot of it keeps out."""
    by_rules: dict[int, list[str]] = {}
    for sku, rules in chosen.items():
        if rules is not None:
            by_rules.setdefault(rules.id, []).append(sku)
    return {sku for rules_id, skus in by_rules.items() for sku in allows(store_id, rules_id, skus)}


def _ask(
    context: PricingContext, rules: ActiveRules | None, history: PriceHistory, *, is_allowed: bool
) -> _Listing:
    if rules is None:
        why = Reason("no_rule_set", "No rule set is in force for it")
        return _Listing(context, None, Proposal(Outcome.HOLD, None, (why,)), history)
    halt = rules.halt
    if halt is not None:
        return _Listing(context, rules, Proposal(Outcome.BLOCKED, None, (_halt_reason(halt),)), history)
    if not is_allowed:
        why = Reason("pilot", "A pilot of its rule set keeps it out", {"rule_set": rules.key})
        return _Listing(context, rules, Proposal(Outcome.HOLD, None, (why,)), history)
    seen: list[PriceCheck] = []

    def checks(asked: PricingContext, price: Decimal) -> tuple[PriceCheck, ...]:
        told = check_price(asked, price, history)
        seen[:] = told
        return told

    proposal = run_rules(context, rules.rule_set, checks=checks)
    return _Listing(context, rules, proposal, history, tuple(seen))


def _settle(
    store_id: int, listings: Mapping[str, _Listing], wanted: set[str], found: dict[str, Verdict]
) -> list[Draft]:
    """Let families settle their order, say why nothing is suggested where that is so, and draft the rest."""
    for family in _families(listings.values()):
        _settle_family(family)
    live = _live_of(store_id, wanted)
    rejected = rejections_of(store_id, wanted)
    drafts = []
    for sku, listing in listings.items():
        if sku not in wanted:
            continue
        proposal, present = listing.proposal, live.get(sku)
        if proposal.outcome is Outcome.SUGGEST and present is not None and present.kind not in _BY_RUNS:
            why = Reason("other_suggestion", f"A suggestion of kind {present.kind} stands already")
            proposal = Proposal(Outcome.HOLD, None, (why,), proposal.trace)
        if proposal.outcome is Outcome.SUGGEST:
            no = rejected.get((sku, listing.context.price, proposal.price))
            proposal = proposal if no is None else Proposal(Outcome.HOLD, None, (no,), proposal.trace)
        if proposal.outcome is Outcome.SUGGEST and proposal.price is not None:
            drafts.append(_draft(listing, proposal.price))
            continue
        if present is not None:
            _take_back(present, proposal)
        found[sku] = _not_suggested(listing.context, proposal)
    return drafts


def _families(listings: Iterable[_Listing]) -> list[list[_Listing]]:
    """The families of which a price is to move, each with all members whose price is known."""
    by_family: dict[str, list[_Listing]] = {}
    for listing in listings:
        if listing.context.family and listing.context.price is not None:
            by_family.setdefault(listing.context.family, []).append(listing)
    moving = (Outcome.SUGGEST,)
    return [
        members
        for _, members in sorted(by_family.items())
        if len(members) > 1 and any(each.proposal.outcome in moving for each in members)
    ]


def _settle_family(members: Sequence[_Listing]) -> None:
    settled, _ = settle([_member(each) for each in members], members[0].context.structure.tick)
    for listing in members:
        place = settled[listing.context.sku]
        if listing.proposal.outcome is not Outcome.SUGGEST or place.reason is None:
            continue
        listing.proposal = _shortened(listing, place.price, place.reason)


def _shortened(listing: _Listing, price: Decimal, why: Reason) -> Proposal:
    """The proposal with the price that the family leaves it; none where that is no move or not allowed."""
    context, before = listing.context, listing.proposal
    trace = (*before.trace, TraceStep("limit", "family", before.price, price, why))
    margin = context.floor_margin if listing.rules is None else listing.rules.floor_margin(context)
    if price == context.price or not keeps(context.structure, price, margin):
        return Proposal(Outcome.HOLD, None, (why, *before.reasons), trace)
    return replace(before, price=price, reasons=(*before.reasons, why), trace=trace)


def _member(listing: _Listing) -> Member:
    context, proposal = listing.context, listing.proposal
    present = context.price or Decimal(0)
    wanted = proposal.price if proposal.outcome is Outcome.SUGGEST and proposal.price is not None else present
    return Member(context.sku, context.family_rank, context.pack_size, context.tier, present, wanted)


def _draft(listing: _Listing, price: Decimal) -> Draft:
    rules = listing.rules
    return Draft(
        context=listing.context,
        kind=ProposalKind.RULES,
        price=price,
        reasons=listing.proposal.reasons,
        trace=listing.proposal.trace,
        checks=listing.checks,
        rule_set=None if rules is None else (rules.id, rules.version),
        floor_margin=None if rules is None else rules.floor_margin(listing.context),
        uses_rivals=_uses_rivals(listing.proposal),
        extra={"price_days": snapshot.dump_days(listing.history)},
    )


def _uses_rivals(proposal: Proposal) -> bool:
    """Did what rivals ask have a part in the price: a signal that was read, or the action itself?"""
    used = [step for step in proposal.trace if step.stage == "rule"]
    return any("rival" in name for step in used for name in (step.reason.code, *step.reason.values))


def _live_of(store_id: int, skus: set[str]) -> dict[str, _Live]:
    rows = Recommendation.objects.filter(
        store_id=store_id, sku__in=skus, state__in=[state.value for state in LIVE_STATES]
    )
    return {
        sku: _Live(key, kind, state, price)
        for sku, key, kind, state, price in rows.values_list("sku", "id", "kind", "state", "suggested_amount")
    }


def rejections_of(
    store_id: int, skus: Collection[str]
) -> dict[tuple[str, Decimal | None, Decimal | None], Reason]:
    """The moves (SKU, from, to) that a person rejected lately: the same is not asked again at every run."""
    rows = Recommendation.objects.filter(
        store_id=store_id,
        sku__in=skus,
        state=RecommendationState.REJECTED.value,
        kind__in=_BY_RUNS,
        closed_at__gt=clock.now() - _REJECTION_STANDS,
    )
    found = {}
    for row in rows.order_by("id"):
        day = "" if row.closed_at is None else f" on {row.closed_at:%Y-%m-%d}"
        told = {"recommendation_id": str(row.pk), "by": row.decided_by}
        text = f"the same price was rejected{day}: {row.decision_reason}"
        found[row.sku, row.current_amount, row.suggested_amount] = Reason("rejected_before", text, told)
    return found


def _take_back(live: _Live, proposal: Proposal) -> None:
    """Let a suggestion of runs that nobody has decided on expire when the rules no longer make it.

    Stale or missing inputs prove nothing against it: then its own time decides.
    """
    is_over = proposal.outcome in (Outcome.HOLD, Outcome.REFUSED)
    if is_over and live.kind in _BY_RUNS and live.state in _PENDING:
        why = proposal.reasons[0].text if proposal.reasons else proposal.outcome.value
        move(live.id, RecommendationState.EXPIRED, reason=f"no longer suggested: {why}"[:500])


def _opened(
    store_id: int, drafts: Sequence[Draft], run_id: int | None, found: dict[str, Verdict]
) -> list[tuple[Proposed, Draft]]:
    """Open the suggestions together; where one of them cannot be, one by one, so that it fails alone."""
    try:
        with transaction.atomic():
            return list(zip(propose_all(drafts, run_id=run_id), drafts, strict=True))
    except Exception as error:  # noqa: BLE001 - tried again one by one, where each fault is told
        _raise_if_not_its_own(error)
    opened = []
    for draft in drafts:
        try:
            with transaction.atomic():
                opened.append((propose_all([draft], run_id=run_id)[0], draft))
        except Exception as error:  # noqa: BLE001 - one listing's fault is its own verdict
            _raise_if_not_its_own(error)
            found[draft.context.sku] = _failed(draft.context.sku, error)
    return opened


def _load(store_id: int, skus: Sequence[str], found: dict[str, Verdict]) -> list[PricingContext]:
    """What is known of the listings; where reading them together fails, by halves until the bad one shows."""
    if not skus:
        return []
    try:
        with transaction.atomic():
            return load_contexts(store_id=store_id, skus=skus)
    except Exception as error:  # noqa: BLE001 - narrowed down to the listing whose fault it is
        _raise_if_not_its_own(error)
        if len(skus) == 1:
            found[skus[0]] = _failed(skus[0], error)
            return []
    middle = len(skus) // 2
    return [*_load(store_id, skus[:middle], found), *_load(store_id, skus[middle:], found)]


def _raise_if_not_its_own(error: Exception) -> None:
    """Go on raising what no listing can be blamed for: the database, a lost lease, the memory."""
    if isinstance(error, DatabaseError | MemoryError) or (
        isinstance(error, AppError) and error.status >= 500
    ):
        raise error


def _suggested(proposed: Proposed, draft: Draft) -> Verdict:
    context = draft.context
    return Verdict(
        sku=context.sku,
        outcome=Outcome.SUGGEST.value,
        headline=proposed.headline,
        reasons=tuple(draft.reasons),
        currency=context.currency,
        current=context.price,
        price=draft.price,
        recommendation_id=proposed.recommendation_id,
        is_new=proposed.is_new,
    )


def _not_suggested(context: PricingContext, proposal: Proposal) -> Verdict:
    return Verdict(
        sku=context.sku,
        outcome=proposal.outcome.value,
        headline=headline.other(context, proposal.outcome, proposal.reasons),
        reasons=proposal.reasons,
        currency=context.currency,
        current=context.price,
    )


def _failed(sku: str, error: Exception) -> Verdict:
    """What went wrong with one listing; of an error that nobody foresaw only its kind is told."""
    if isinstance(error, AppError):
        why = Reason(error.code, str(error.detail))
    else:
        _log.error("listing_failed", sku=sku, exc_info=error)
        why = Reason("internal_error", f"It could not be judged ({type(error).__name__})")
    return Verdict(sku, FAILED, f"Failed: {why.text}"[: headline.LONGEST], (why,))


def _missing(sku: str) -> Verdict:
    why = Reason("no_listing", "The store has no active listing of this SKU")
    return Verdict(sku, FAILED, f"Failed: {why.text}", (why,))


def _halted(sku: str, halt: HaltView) -> Verdict:
    why = _halt_reason(halt)
    return Verdict(sku, Outcome.BLOCKED.value, f"Blocked: {why.text}"[: headline.LONGEST], (why,))


def _halt_reason(halt: HaltView) -> Reason:
    return Reason("halted", f"Pricing is halted: {halt.reason}", {"halt_id": str(halt.id)})
