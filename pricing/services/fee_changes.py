"""Turning a change of fees into suggestions that keep each listing's margin; nothing changes by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pricing.selectors.fee_changes import FeeChange, FeeChanges
from pricing.services.proposals import Draft, Proposed, propose_all
from pricing.types import ProposalKind, Reason


@dataclass(frozen=True, slots=True)
class ProposedSet:
    """What a set of proposals led to: the suggestions, and why the other listings got none."""

    proposed: tuple[Proposed, ...]
    held_back: Mapping[str, tuple[str, ...]]


def propose_fee_changes(*, changes: FeeChanges) -> ProposedSet:
    """Open a suggestion per listing of a preview whose keeping price may be proposed now.

    The snapshot of each holds the costs after the change; one transaction for all of them.
    """
    drafts = [_draft(changes, each) for each in changes.changes if not each.held_back]
    held = {each.context.sku: each.held_back for each in changes.changes if each.held_back}
    return ProposedSet(tuple(propose_all(drafts)) if drafts else (), held)


def share_text(value: Decimal | None) -> str:
    """Return a margin as a percentage with two decimals; a dash where there is none."""
    return "–" if value is None else f"{value * 100:.2f} %"


def _draft(changes: FeeChanges, each: FeeChange) -> Draft:
    kept = each.kept.kept
    if kept is None:
        raise ValueError(f"{each.context.sku} has no price that keeps its margin")
    return Draft(
        context=replace(each.context, structure=each.structure),
        kind=ProposalKind.FEE,
        price=kept.price,
        reasons=tuple(_reasons(changes, each)),
    )


def _reasons(changes: FeeChanges, each: FeeChange) -> Iterable[Reason]:
    before, after = share_text(each.kept.before.margin), share_text(each.kept.after.margin)
    yield Reason(
        "fee_change",
        f"Fees move the margin from {before} to {after}; this price keeps it.",
        {
            "cause": each.cause,
            "effective_on": changes.effective_on.isoformat(),
            "margin_before": before,
            "margin_after": after,
            "per_month": "" if each.exposure is None else f"{each.exposure:.2f}",
        },
    )
    for value in each.values:
        yield Reason(
            "fee_parameter",
            f"{value.key}: {value.before or 'not known'} → {value.after or 'not known'}",
            {"key": value.key, "before": value.before or "", "after": value.after or ""},
        )
    for found in each.divergences:
        yield Reason(
            "fee_divergence",
            f"{found.line}: {found.stronger.value} {found.amount:.2f}, {found.weaker.value} "
            f"{found.expected:.2f} per unit.",
            {
                "line": found.line,
                found.stronger.value: f"{found.amount:.4f}",
                found.weaker.value: f"{found.expected:.4f}",
                "units": str(found.units),
            },
        )
