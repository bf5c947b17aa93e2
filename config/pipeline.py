"""The whole flow on one page: which news starts which tasks. News travels upwards by the outbox alone."""

from __future__ import annotations

PIPELINE: dict[str, tuple[str, ...]] = {
    "alerts.deadline_near": (),
    "alerts.digest_due": ("alerts.deliver_digests",),
    "alerts.health_warning_changed": (),
    "alerts.notice_due": ("alerts.deliver",),
    "alerts.transitioned": ("alerts.follow_work",),
    "alerts.work_changed": (),
    "alerts.incident_changed": (),
    "connectors.facts_changed": ("kpis.roll_up_dirty_days", "pricing.observe_prices"),
    "connectors.costs_changed": (
        "kpis.roll_up_dirty_days",
        "pricing.follow_changes",
        "alerts.evaluate_rules",
    ),
    "connectors.offers_changed": ("pricing.follow_changes",),
    "connectors.attention_needed": ("alerts.evaluate_rules",),
    "kpis.measures_changed": ("alerts.evaluate_rules",),
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
    "pricing.price_moved": ("alerts.evaluate_rules",),
    "pricing.test_closed": (),
    "pricing.halted": (),
    "pricing.promotion_changed": ("alerts.evaluate_rules",),
    "pricing.promotion_not_restored": ("alerts.evaluate_rules",),
    "pricing.resumed": (),
    "tenants.rates_changed": ("kpis.spread_rates",),
}

#: News that people follow live; each is noted in the client's feed beside what else it starts.
LIVE = (
    "alerts.deadline_near",
    "alerts.health_warning_changed",
    "alerts.transitioned",
    "alerts.work_changed",
    "connectors.attention_needed",
    "kpis.action_changed",
    "kpis.fallback_triggered",
    "kpis.hand_off_changed",
    "kpis.issue_opened",
    "kpis.review_held",
    "pricing.approval_due",
    "pricing.halted",
    "pricing.promotion_not_restored",
    "pricing.resumed",
    "pricing.suggested",
    "pricing.transitioned",
)
#: News after which the agency's view of a client is counted anew.
COUNTED = ("alerts.transitioned", "alerts.health_warning_changed", "kpis.measures_changed")

for _type in LIVE:
    PIPELINE[_type] = (*PIPELINE[_type], "alerts.note_feed")
for _type in COUNTED:
    PIPELINE[_type] = (*PIPELINE[_type], "alerts.follow_portfolio")
