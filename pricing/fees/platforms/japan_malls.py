"""Rakuten and Yahoo! Shopping: shares of sales for system, payment, points, affiliates and campaigns."""

from __future__ import annotations

from decimal import Decimal

from pricing.fees.draft import Draft
from pricing.fees.query import FeeLine, Programme

ZERO = Decimal(0)


def quote_rakuten(draft: Draft) -> None:
    """Fill the quote of a listing on Rakuten; points are a share of the price ex tax."""
    query, reader = draft.query, draft.reader
    plan = query.plan or "standard"
    if reader.wants(FeeLine.REFERRAL):
        _add(draft, "system", FeeLine.REFERRAL, f"jp.rakuten.system.{plan}.{query.device}")
    if reader.wants(FeeLine.PAYMENT):
        _add(draft, "pay", FeeLine.PAYMENT, "jp.rakuten.payment")
    if reader.wants(FeeLine.PROGRAMME):
        _add(draft, "safety", FeeLine.PROGRAMME, "jp.rakuten.safety")
        points = reader.number(FeeLine.PROGRAMME, "jp.rakuten.points")
        if points:
            draft.fees.append(reader.flat_fee("points", points, is_on_net=True))
        if query.affiliate_share:
            _add(draft, "affiliate", FeeLine.PROGRAMME, "jp.rakuten.affiliate", query.affiliate_share)
    draft.add_plan("jp.rakuten.plan", plan)


def quote_yahoo(draft: Draft) -> None:
    """Fill the quote of a listing on Yahoo! Shopping, before or after the change of 2026-09-01."""
    query, reader = draft.query, draft.reader
    prefix = "jp.yahoo_shopping"
    if reader.wants(FeeLine.PROGRAMME):
        _add(draft, "points", FeeLine.PROGRAMME, f"{prefix}.points")
        _add(draft, "campaign", FeeLine.PROGRAMME, f"{prefix}.campaign_fund")
    if reader.wants(FeeLine.REFERRAL):
        _add(draft, "royalty", FeeLine.REFERRAL, f"{prefix}.royalty")
    if reader.wants(FeeLine.PAYMENT):
        _add(draft, "pay", FeeLine.PAYMENT, f"{prefix}.payment")
    if reader.wants(FeeLine.PROGRAMME):
        if query.affiliate_share:
            _add_affiliate(draft, prefix)
        if Programme.PR_OPTION in query.programmes:
            _add(draft, "pr_option", FeeLine.PROGRAMME, f"{prefix}.pr_option")
        if Programme.LINE_CHANNEL in query.programmes:
            _add(draft, "line_channel", FeeLine.PROGRAMME, f"{prefix}.line_channel", query.line_share)
    if reader.wants(FeeLine.PLAN):
        monthly = reader.number(FeeLine.PLAN, f"{prefix}.monthly")
        if monthly:
            draft.monthly.append(("plan", monthly))


def _add(draft: Draft, name: str, line: FeeLine, key: str, share: Decimal = Decimal(1)) -> None:
    """Add a share of the price, weighted by the share of sales it falls on; none where it is nought."""
    rate = draft.reader.number(line, key)
    if rate and share:
        draft.fees.append(draft.reader.flat_fee(name, rate * share))


def _add_affiliate(draft: Draft, prefix: str) -> None:
    reward = draft.reader.number(FeeLine.PROGRAMME, f"{prefix}.affiliate.reward")
    margin = draft.reader.number(FeeLine.PROGRAMME, f"{prefix}.affiliate.margin")
    if reward is not None and margin is not None:
        rate = reward * (1 + margin) * draft.query.affiliate_share
        draft.fees.append(draft.reader.flat_fee("affiliate", rate))
