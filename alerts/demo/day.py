"""The alerts part of the demo: rules, a roster and a webhook for every client, and the past days once more.

What can be known of a past day is looked at again, day by day and dated as of that day, by the code that
evaluates for real: alerts fire, somebody answers for them, actions are opened, what is over resolves. The
messages then go out by the worker. What is known for the present only is looked at as of now.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any

from django.db import OperationalError, transaction

from alerts.demo import cast
from alerts.demo.api import API, DemoFailed
from alerts.demo.hook import ORIGIN
from alerts.selectors.alerts import alerts_query, get_alert
from alerts.services.acknowledge import acknowledge
from alerts.services.evaluate import evaluate
from alerts.services.work import note_recoveries, open_work_for
from alerts.types import AlertState
from config.lib import clock
from tenants.context import use_actor, use_public, use_tenant
from tenants.selectors.active import get_client_ref
from tenants.types import Actor, ActorKind

_LOOKED_BACK = ("out-of-stock", "buy-box-fell")
_PRESENT = "fees-change"
_DAYS = 16
_HOUR = 12
_ANSWERS_AFTER = timedelta(minutes=20)
_ANSWERS_FOR = timedelta(days=20)
_PATIENCE_SECONDS = 30.0
_SHOWN = 3
_ATTEMPTS = 3
_BUY_BOX = {
    "key": "buy-box-fell",
    "detector": "kpi_change",
    "title": "The featured offer is held a tenth less than three days before",
    "parameters": {
        "kpi": "buy_box_pct",
        "move": "fall",
        "share": "0.1",
        "clear_share": "0.05",
        "window_days": 3,
    },
    "owner": "listing_operator",
}
# What each kind of cause ought to raise: who has no stock cannot be the featured offer either.
_RAISED_BY = {
    "stock_out": ("out-of-stock", "buy-box-fell"),
    "rival_price_cut": ("buy-box-fell",),
    "fee_rise": ("fees-change",),
}
_Alert = dict[str, Any]
_Stores = Mapping[str, Sequence[dict[str, Any]]]


def play(api: API, stores: _Stores) -> dict[str, list[_Alert]]:
    """Put the rules in force and live the past days; returns each client's alerts once all are told."""
    for client in stores:
        if _arrange(api, client):
            rules = {row["key"]: row["id"] for row in api.every(f"/clients/{client}/alert-rules")}
            for left in range(_ATTEMPTS, 0, -1):
                try:
                    _live(client, rules)
                    break
                except OperationalError:
                    # A worker and we waited for each other, and PostgreSQL let the worker go on.
                    if left == 1:
                        raise
            _answer_today(api, client)
    for client in stores:
        _await_deliveries(api, client)
    return {client: api.every(f"/clients/{client}/alerts") for client in stores}


def _arrange(api: API, client: str) -> bool:
    """Rules, roster and webhook of a client; False if they are there already."""
    base = f"/clients/{client}"
    known = {row["key"] for row in api.every(f"{base}/alert-rules")}
    if _BUY_BOX["key"] in known:
        return False
    people = {each["email"]: each["user_id"] for each in api.every(f"{base}/members")}
    owner = api.get("/me")["id"]
    shift = {"time_zone": "UTC", "begins": "00:00", "ends": "00:00"}
    shifts = [
        {**shift, "user_id": people[cast.ANALYST], "level": 1},
        {**shift, "user_id": owner, "level": 2},
    ]
    api.put(f"{base}/duty-roster", {"shifts": shifts}, version=0)
    hook = {"kind": "webhook", "name": "The client's own program", "config": {"url": f"{ORIGIN}/{client}"}}
    api.post(f"{base}/channels", hook)
    api.post(f"{base}/alert-rules:install", {"keys": [_LOOKED_BACK[0], _PRESENT]})
    row = api.post(f"{base}/alert-rules", _BUY_BOX)
    api.post(f"{base}/alert-rules/{row['key']}/activation", None, version=row["version"])
    return True


def _live(client: str, rules: Mapping[str, int]) -> None:
    """Look as of each day, answer for what fires and open its work; then look as of now at the rest.

    In one transaction: the workers, to whom it is today, do not look at the same rules meanwhile.
    """
    with use_public():  # lint-skip: tenant-switch a command is an edge, and no view looks at past days
        found = get_client_ref(client)
    today = datetime.combine(clock.today("UTC"), time_of_day(_HOUR), tzinfo=UTC)
    days = [today - timedelta(days=back) for back in range(_DAYS, 0, -1)]
    with use_tenant(found), transaction.atomic():  # lint-skip: tenant-switch as above
        answered: set[int] = set()
        for at in days:
            with clock.frozen(at):
                evaluate([rules[key] for key in _LOOKED_BACK], at)
                live = _firing(answered)
                open_work_for(live)
            with clock.frozen(at + _ANSWERS_AFTER), use_actor(Actor(ActorKind.SYSTEM, None, cast.ANALYST)):
                for alert_id in live:
                    version = get_alert(alert_id)["version"]
                    until = clock.now() + _ANSWERS_FOR
                    acknowledge(alert_id=alert_id, version=version, until=until, note="I look into it.")
                answered.update(live)
                note_recoveries(answered)
        evaluate([rules[key] for key in (*_LOOKED_BACK, _PRESENT)])
        note_recoveries(answered)


def _answer_today(api: API, client: str) -> None:
    """Take on what fires today, as a person does: acknowledge it and open the action it asks for."""
    for alert in api.every(f"/clients/{client}/alerts", {"state": "firing", "rule": _PRESENT}):
        path = f"/clients/{client}/alerts/{alert['id']}"
        api.post(f"{path}/acknowledgement", {"note": "I ask the platform."}, version=alert["version"])
        if alert["subject"].split(":")[2] == "fulfilment":
            api.post(f"{path}/action", {"kpi": "fulfilment_cost_rate"})


def _firing(answered: set[int]) -> list[int]:
    rows = alerts_query(states=[AlertState.FIRING])
    return [row["id"] for row in rows if row["id"] not in answered]


def _await_deliveries(api: API, client: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    path = f"/clients/{client}/deliveries"
    while True:
        told = {each["alert_id"] for each in api.every(path)}
        fired = {each["id"] for each in api.every(f"/clients/{client}/alerts") if each["sequence"]}
        if fired <= told and not api.every(path, {"state": "queued"}):
            return
        if time.monotonic() > end:
            raise DemoFailed(f"{client}'s notices were not delivered in time; see the worker's log.")
        time.sleep(0.25)


def day_of_alerts(
    api: API, stores: _Stores, found: Mapping[str, Sequence[_Alert]], plants: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield for each planted cause its alerts, who was told and how they ended; then what else was told."""
    yield f"\nAlerts of the planted causes ({_DAYS} days lived again with one look a day, then today):"
    markets = {(client, each["id"]): each["market"].lower() for client in stores for each in stores[client]}
    left = [
        (client, f"{client}-{markets.get((client, alert['store_id']))}", alert)
        for client, alerts in found.items()
        for alert in alerts
    ]
    for plant in plants:
        yield f"  {plant['cause']} ({plant['store']} from {plant['start']})"
        raised = [each for each in left if _is_of(plant, each[1], each[2])]
        left = [each for each in left if each not in raised]
        raised.sort(key=lambda each: (each[2]["rule_key"], each[2]["fired_at"]))
        for client, _, alert in raised[:_SHOWN]:
            yield from _told(api, client, alert, is_over=plant["end"] is not None)
        if len(raised) > _SHOWN:
            yield f"    and {len(raised) - _SHOWN} more of the same kind"
        if not raised:
            yield "    NOTHING FIRED"
    kinds = Counter((store, alert["rule_title"]) for _, store, alert in left)
    yield f"  Told besides, of nothing planted: {len(left)}"
    for (store, title), count in sorted(kinds.items()):
        one = next(alert for _, where, alert in left if (where, alert["rule_title"]) == (store, title))
        yield f"    {store}: {count} of {title!r}, as {one['basis']}"


def _is_of(plant: Mapping[str, Any], store: str, alert: _Alert) -> bool:
    """Whether it is an alert that this cause ought to raise."""
    rules = _RAISED_BY.get(plant["kind"], ())
    is_there = store == plant["store"] and alert["rule_key"] in rules
    return is_there and (alert["fired_at"] or "")[:10] >= plant["start"]


def _told(api: API, client: str, alert: _Alert, *, is_over: bool) -> Iterator[str]:
    base = f"/clients/{client}"
    unit = alert["unit"]
    steps = api.get(f"{base}/alerts/{alert['id']}")["steps"]
    at_first = next((step["observed"] for step in steps if step["notice"] == "fired"), None)
    yield f"    {alert['severity']}, for {alert['owner']}: {alert['rule_title']} ({alert['subject']})"
    limit = _figure(alert["limit"], unit)
    yield f"      fired {alert['fired_at'][:10]} at {_figure(at_first, unit)}, limit {limit}"
    people = {each["user_id"]: each["email"] for each in api.every(f"{base}/members")}
    ways: dict[str, list[str]] = {}
    sent = api.every(f"{base}/deliveries", {"alert": str(alert["id"]), "state": "sent"})
    for each in sorted(sent, key=lambda one: one["sequence"]):
        by = f"mail to {people[each['recipient_id']]}" if each["recipient_id"] else "webhook"
        ways.setdefault(each["notice"], []).append(by)
    yield "      told: " + "; ".join(f"{notice} by {', '.join(sorted(by))}" for notice, by in ways.items())
    if alert["acknowledged_by"]:
        yield f"      answered for by {alert['acknowledged_by']}"
    for work in api.every(f"{base}/alert-work"):
        if work["alert_id"] == alert["id"]:
            figures = " then ".join(_figure(work[name], unit) for name in ("value_before", "value_after"))
            figures = f", {figures}" if work["value_after"] is not None else ""
            yield f"      action {work['action_id']} on {work['kpi']}: {work['state']}{figures}"
    if alert["resolved_at"] is None:
        yield f"      still {alert['state']}: {alert['basis']}"
        return
    yield f"      resolved {alert['resolved_at'][:10]}: {alert['resolved_why']}"
    if not is_over:
        yield "      (The figure moves no further; what caused it is still there.)"


def _figure(value: str | None, unit: str) -> str:
    if value is None:
        return "-"
    number = Decimal(value)
    if unit == "fraction":
        return f"{number * 100:+.1f} %"
    return f"{number:,.2f}".rstrip("0").rstrip(".") + ("" if unit == "count" else f" {unit}")
