"""What happens by itself and when: a line per task, at odd minutes so that not all start at once."""

from __future__ import annotations

from typing import TypedDict

from celery.schedules import crontab, schedule


class Entry(TypedDict):
    """A line of the beat table."""

    task: str
    schedule: crontab | schedule


BEAT: dict[str, Entry] = {
    "alert_rules": {"task": "alerts.dispatch_rules", "schedule": schedule(60.0)},
    "outbox": {"task": "tenants.dispatch_outbox", "schedule": schedule(10.0)},
    "jobs": {"task": "tenants.reconcile_jobs", "schedule": schedule(15.0)},
    "syncs": {"task": "connectors.dispatch_due_syncs", "schedule": crontab(minute="3-59/5")},
    "costs": {"task": "connectors.follow_sales", "schedule": crontab(minute="23")},
    "deliveries": {"task": "alerts.dispatch_sweeps", "schedule": schedule(60.0)},
    "vitals": {"task": "connectors.measure_clients", "schedule": schedule(120.0)},
    "anchors": {"task": "tenants.anchor_audit", "schedule": crontab(minute="13")},
    "reviews": {"task": "kpis.spread_reviews", "schedule": crontab(minute="23")},
    "purge": {"task": "tenants.purge", "schedule": crontab(minute="51", hour="2")},
    "figures": {"task": "kpis.dispatch_daily_figures", "schedule": crontab(minute="7", hour="*/6")},
    "windows": {"task": "pricing.dispatch_windows", "schedule": crontab(minute="4-59/5")},
    "promotions": {"task": "pricing.dispatch_promotions", "schedule": crontab(minute="1-59/5")},
    "clearance": {"task": "pricing.dispatch_clearance", "schedule": crontab(minute="31", hour="5")},
    "price_tests": {"task": "pricing.dispatch_experiments", "schedule": crontab(minute="47", hour="*/6")},
    "price_days": {"task": "pricing.dispatch_price_days", "schedule": crontab(minute="19", hour="*/6")},
    "prices": {"task": "pricing.spread_nightly_runs", "schedule": crontab(minute="41", hour="3")},
    "alert_timers": {"task": "alerts.dispatch_timers", "schedule": schedule(60.0)},
    "feed": {"task": "alerts.spread_feed_purge", "schedule": crontab(minute="33", hour="2")},
    "portfolio": {"task": "alerts.spread_portfolio", "schedule": crontab(minute="2-59/5")},
    "health_deadlines": {"task": "alerts.dispatch_deadlines", "schedule": crontab(minute="2-59/5")},
    "health_figures": {"task": "alerts.dispatch_performance", "schedule": crontab(minute="49")},
    "alert_work": {"task": "alerts.dispatch_work", "schedule": crontab(minute="27")},
    "sampling": {"task": "alerts.dispatch_sampling", "schedule": crontab(minute="43", hour="4")},
    "fx": {"task": "tenants.refresh_fx", "schedule": crontab(minute="37")},
}
