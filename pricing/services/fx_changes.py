"""Turning a currency's confirmed move into suggestions where it is due; nothing changes by itself."""

from __future__ import annotations

from dataclasses import replace

from pricing.selectors.fx_changes import FXChange, FXChanges
from pricing.services.fee_changes import ProposedSet, share_text
from pricing.services.proposals import Draft, propose_all
from pricing.types import ProposalKind, Reason


def propose_fx_changes(*, changes: FXChanges) -> ProposedSet:
    """Open a suggestion per listing that is due and may be proposed now, all in one transaction."""
    drafts = [_draft(changes, each) for each in changes.changes if each.is_due and not each.held_back]
    held = {
        each.context.sku: each.held_back if each.is_due else ("not_due",)
        for each in changes.changes
        if each.held_back or not each.is_due
    }
    return ProposedSet(tuple(propose_all(drafts)) if drafts else (), held)


def _draft(changes: FXChanges, each: FXChange) -> Draft:
    if each.price is None:
        raise ValueError(f"{each.context.sku} has no price that makes up for the move")
    before, after = share_text(each.kept.before.margin), share_text(each.kept.after.margin)
    way = "balances margin and volume" if each.balanced else "keeps it"
    reason = Reason(
        "fx_move",
        f"{changes.currency} {share_text(each.move)}: margin from {before} to {after}; this price {way}.",
        {
            "currency": changes.currency,
            "move": str(each.move),
            "since": each.since.isoformat() if each.since else "supposed",
            "level": each.level.name.lower(),
            "rate": str(changes.rate),
            "rate_on": changes.rate_on.isoformat(),
            "trigger": "" if each.trigger is None else f"{each.trigger:.6f}",
            "margin_before": before,
            "margin_after": after,
        },
    )
    return Draft(
        context=replace(each.context, structure=each.structure),
        kind=ProposalKind.FX,
        price=each.price,
        reasons=(reason,),
    )
