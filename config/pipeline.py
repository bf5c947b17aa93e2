"""The whole flow on one page: which news starts which tasks. News travels upwards by the outbox alone."""

from __future__ import annotations

PIPELINE: dict[str, tuple[str, ...]] = {
    "alerts.deadline_near": (),
    "alerts.health_warning_changed": (),
    "alerts.digest_due": (),
    "alerts.notice_due": (),
    "alerts.transitioned": (),
    "connectors.facts_changed": ("kpis.roll_up_dirty_days", "pricing.observe_prices"),
    "connectors.costs_changed": ("kpis.roll_up_dirty_days", "pricing.follow_changes"),
    "connectors.offers_changed": ("pricing.follow_changes",),
    "connectors.attention_needed": (),
    "kpis.measures_changed": (),
    "kpis.review_built": (),
    "kpis.review_held": (),
    "kpis.issue_opened": (),
    "kpis.action_changed": (),
    "kpis.hand_off_changed": (),
    "kpis.fallback_triggered": (),
    "kpis.incentive_stated": (),
    "pricing.suggested": ("pricing.assign_levels",),
    "pricing.transitioned": ("pricing.note_transitions",),
    "pricing.approval_due": (),
    "pricing.pilot_stopped": (),
    "pricing.price_moved": (),
    "pricing.test_closed": (),
    "pricing.halted": (),
    "pricing.promotion_changed": (),
    "pricing.promotion_not_restored": (),
    "pricing.resumed": (),
    "tenants.rates_changed": ("kpis.spread_rates",),
}
