"""How many rules can be looked at (A1), and how long is a fact under way until somebody is told (A2)?

A1: RULES rules (half ask for a KPI, half for stock) of each of CLIENTS clients look once, by the product's
own round. Told is the time of a look as a share of what is left to it when 10,000 rules of 50 clients look
every hour by eight workers; beside it stands a look in a round of its own, which reads all anew. The
control has one worker, and must miss the goal.

A2: an empty shelf becomes an event, an alert, a delivery and a webhook at a receiver of this machine, stage
by stage, each as the workers do it. Told is the whole as a share of the minute that a critical alert may
take, and the share of each stage. The control waits for the periodic looks instead of being woken.
"""

from __future__ import annotations

import functools
import os
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings

from alerts.models import AlertRule, AlertRuleTurn, AlertRuleVersion, Delivery
from alerts.services.channels import create_channel
from alerts.services.deliver import deliver
from alerts.services.evaluate import evaluate, follow_news
from alerts.services.rules import RuleInput, activate, create_rule
from alerts.services.send import send_delivery
from benchmarks import database, measure
from config.lib import clock
from config.schedule import BEAT
from kpis.services.rollup import recompute_days
from tenants import outbox
from tenants.context import use_tenant
from tenants.ledger.models import Job, OutboxEvent
from tests.alerts.rules.shop import AT, DAYS, TODAY, Shop, make_shop
from tests.support.receiver import Receiver

RULES = int(os.environ.get("RULES", "200"))
CLIENTS = int(os.environ.get("CLIENTS", "2"))
REPEATS = int(os.environ.get("REPEATS", "15"))
SINGLY = 40
ALL_RULES, WORKERS, HOUR_SECONDS = 10_000 * 50, 8, 3600
ALLOWED_SECONDS = 60.0
ORIGIN = "https://hooks.example.com"


def main() -> None:
    """Fill a database of its own, then race."""
    with database.throwaway(), clock.frozen(AT):
        clients = [database.make_client(f"bench{n}") for n in range(CLIENTS)]
        shops = []
        for client in clients:
            with use_tenant(client):
                shops.append(_fill())
        looks, alone = [], []
        for client in clients:
            with use_tenant(client):
                looks.append(_seconds(lambda: _require(evaluate(), RULES)) / RULES)
                ids = list(AlertRule.objects.order_by("id").values_list("id", flat=True)[:SINGLY])
                alone.append(_seconds(functools.partial(_one_by_one, ids)) / len(ids))
        left = HOUR_SECONDS * WORKERS / ALL_RULES
        measure.report(
            "A1",
            ratio=statistics.median(looks) / left,
            goal=1.0,
            at="most",
            n=len(looks),
            control_fails=statistics.median(looks) * ALL_RULES > HOUR_SECONDS,
            detail={
                "what": "a look of a rule / what 10,000 rules of 50 clients leave it each hour by 8 workers",
                "rules": RULES,
                "clients": CLIENTS,
                "look_ms": round(statistics.median(looks) * 1000, 2),
                "look_in_a_round_of_its_own_ms": round(statistics.median(alone) * 1000, 2),
                "control": "one worker alone",
            },
        )
        with use_tenant(clients[0]):
            _from_fact_to_notification(shops[0])


def _one_by_one(ids: Sequence[int]) -> None:
    for each in ids:
        evaluate([each])


def _fill() -> Shop:
    """A shop with its measures, and rules of two kinds that differ in what they ask for."""
    shop = make_shop()
    recompute_days(days=[(shop.id, TODAY - timedelta(days=n)) for n in range(DAYS)])
    first = _in_force("stock", "stock_zero", {})
    second = _in_force("units", "kpi_threshold", {"kpi": "units", "against": "absolute", "limit": "1"})
    for n in range(RULES - 2):
        _copy(first if n % 2 else second, n)
    return shop


def _in_force(key: str, detector: str, parameters: dict[str, object]) -> int:
    row = create_rule(key=key, detector=detector, said=RuleInput(title=key, parameters=parameters))
    return int(activate(key=key, version=row["version"])["id"])


def _copy(rule_id: int, n: int) -> None:
    row = AlertRule.objects.get(pk=rule_id)
    version = AlertRuleVersion.objects.get(rule_id=rule_id, number=row.in_force)
    if row.detector == "kpi_threshold":
        version.parameters = {**version.parameters, "window_days": 1 + n % 28}
    row.pk, row.key = None, f"{row.key}-{n}"
    row._state.adding = True
    row.save()
    version.pk, version.rule = None, row
    version._state.adding = True
    version.save()
    AlertRuleTurn.objects.create(rule=row, next_check_at=AT)


def _from_fact_to_notification(shop: Shop) -> None:
    """One rule, one channel, one fact after the other."""
    AlertRule.objects.exclude(key="stock").update(is_active=False)
    receiver = Receiver()
    settings.PLATFORM_ENDPOINTS = {ORIGIN: receiver.origin}
    create_channel(kind="webhook", name="hook", config={"url": f"{ORIGIN}/in"}, secrets={})
    taken: dict[str, list[float]] = {}
    for turn in range(REPEATS):
        with clock.frozen(AT + timedelta(hours=2 * turn + 1)) as now:
            seen = len(receiver.seen)
            stages = _stages(shop, empty=turn % 2 == 0)
            for name, stage in stages.items():
                taken.setdefault(name, []).append(_seconds(stage))
            _require(len(receiver.seen) - seen, 1)
            shop.know(now())
    receiver.close()
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    whole = sum(medians.values())
    waits = _periodic_waits()
    measure.report(
        "A2",
        ratio=whole / ALLOWED_SECONDS,
        goal=1.0,
        at="most",
        n=REPEATS,
        control_fails=whole + waits > ALLOWED_SECONDS,
        detail={
            "what": "from a fact to the receiver's answer / a minute",
            "whole_ms": round(whole * 1000, 1),
            "share": {name: round(seconds / whole, 3) for name, seconds in medians.items()},
            "control_s": round(whole + waits, 1),
        },
    )


def _stages(shop: Shop, *, empty: bool) -> dict[str, Callable[[], object]]:
    """What the workers do, in their order; every even turn fires, every odd one resolves."""

    def store_fact() -> None:
        shop.know(clock.now())
        shop.hold("MUG", TODAY, 0 if empty else 100)
        outbox.emit("connectors.facts_changed", {"store_id": shop.id, "families": ["inventory"]})

    def look() -> None:
        events = [{"type": "kpis.measures_changed", "store_ids": [shop.id]}]
        follow_news(events)
        evaluate(list(AlertRule.objects.filter(key="stock").values_list("id", flat=True)))

    def address() -> None:
        notice = OutboxEvent.objects.filter(type="alerts.notice_due").latest("id").payload
        deliver(notice["alert_id"], notice["notice"], notice["sequence"])

    def send() -> None:
        for row_id in Delivery.objects.filter(state="queued").values_list("id", flat=True):
            send_delivery(row_id)
        Job.objects.all().delete()

    return {
        "store and announce": store_fact,
        "dispatch": outbox.dispatch,
        "look and decide": look,
        "dispatch notice": outbox.dispatch,
        "address": address,
        "render, sign and send": send,
    }


def _periodic_waits() -> float:
    """What five hops take when each waits for its next periodic look, at worst: two events, three jobs."""
    seconds = {name: _period(BEAT[name]["schedule"]) for name in ("outbox", "jobs")}
    return 2 * seconds["outbox"] + 3 * seconds["jobs"]


def _period(when: object) -> float:
    run_every: timedelta = getattr(when, "run_every")  # noqa: B009 - the stubs do not know it
    return run_every.total_seconds()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _require(found: int, wanted: int) -> None:
    if found != wanted:
        raise AssertionError(f"{found} instead of {wanted}")


if __name__ == "__main__":
    main()
