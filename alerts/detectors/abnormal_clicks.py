"""Advertising clicks that surge without the orders they should bring: bots or click fraud (L4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import Sum

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import ADS, known_of
from alerts.engine.parameters import decimal, integer
from alerts.engine.poisson import at_most
from alerts.engine.saying import percent, plain, say
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.facts.ads import AdDay


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    factor: Decimal = decimal("So many times the usual clicks are a surge.", 3, low="1.2", high=100)
    clear_factor: Decimal = decimal("Below so many times it is right again.", 2, low=1, high=100)
    least_clicks: int = integer("Fewer clicks a day are never told.", 50, low=5, high=1_000_000)
    chance: Decimal = decimal(
        "Told only if so few orders come by chance at most so often.", "0.01", low="0.000001", high="0.5"
    )
    settle_days: int = integer(
        "The day judged is so many days past: orders are attributed to clicks for days.", 3, low=1, high=14
    )
    history_days: int = integer("Days the usual rests on.", 28, low=14, high=90)

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        if self.clear_factor > self.factor:
            return [("clear_factor", "Must not lie beyond the factor.")]
        return []


@dataclass(frozen=True, slots=True)
class Clicks:
    """What a campaign had on a day."""

    impressions: int
    clicks: int
    orders: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign with its days; `on` is the day judged. `problem` "" if it may be."""

    store_id: int
    campaign_id: str
    currency: str
    on: date
    as_of: datetime | None
    problem: str
    days: Mapping[date, Clicks]


class AbnormalClicks(Detector[Parameters, tuple[Campaign, ...]]):
    """See the module."""

    key = "abnormal_clicks"
    title = gettext_noop("Abnormal clicks")
    meaning = gettext_noop("A campaign's clicks surged while the orders they should bring did not come.")
    parameters = Parameters
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """What a SKU, a campaign or a count is made of."""
        return (ADS,)

    def gather(self, scope: Scope[Parameters]) -> tuple[Campaign, ...]:
        """One statement for all campaigns of all stores."""
        asked = scope.parameters
        about = ("campaigns", asked.settle_days, asked.history_days, scope.store_ids, scope.at)
        return scope.reads.once(about, lambda: _read(scope))

    def decide(self, inputs: tuple[Campaign, ...], parameters: Parameters) -> list[Check]:
        """Judge the day of each campaign that had clicks before."""
        return [check for each in inputs if (check := _check(each, parameters)) is not None]


def _read(scope: Scope[Parameters]) -> tuple[Campaign, ...]:
    asked = scope.parameters
    known = known_of(scope, ADS)
    days = {
        store.id: business_day(scope.at, store.time_zone) - timedelta(days=asked.settle_days)
        for store in scope.stores
    }
    if not days:
        return ()
    first = min(days.values()) - timedelta(days=asked.history_days)
    rows = (
        AdDay.objects.filter(store_id__in=scope.store_ids, business_on__range=(first, max(days.values())))
        .values_list("store_id", "campaign_id", "currency", "business_on")
        .annotate(Sum("impressions"), Sum("clicks"), Sum("orders_7d"), Sum("cost_amount"))
    )
    found: dict[tuple[int, str, str], dict[date, Clicks]] = defaultdict(dict)
    for store_id, campaign, currency, on, *sums in rows:
        if on <= days[store_id]:
            found[store_id, campaign, currency][on] = Clicks(*sums)
    campaigns = []
    for (store_id, campaign, currency), per_day in sorted(found.items()):
        here, on = known[store_id], days[store_id]
        problem = here.problem or ("" if here.through and here.through >= on else "coverage_incomplete")
        campaigns.append(Campaign(store_id, campaign, currency, on, here.as_of, problem, per_day))
    return tuple(campaigns)


def _check(campaign: Campaign, asked: Parameters) -> Check | None:
    before = [each for day, each in campaign.days.items() if day < campaign.on]
    if not before:
        return None
    # Days without any click were no days of the campaign.
    running = [each.clicks for each in before if each.clicks]
    usual = Decimal(median(running)) if len(running) >= 7 else Decimal(0)
    now = campaign.days.get(campaign.on, Clicks(0, 0, 0, Decimal(0)))
    clicks, orders = sum(running), sum(each.orders for each in before)
    rate = Decimal(orders) / clicks if clicks else Decimal(0)
    chance = at_most(now.orders, rate * now.clicks)
    if campaign.problem or usual == 0:
        verdict = Verdict.NO_DATA
    elif now.clicks >= asked.least_clicks and now.clicks > asked.factor * usual and chance <= asked.chance:
        verdict = Verdict.BREACH
    elif now.clicks < asked.least_clicks or now.clicks <= asked.clear_factor * usual or chance > asked.chance:
        verdict = Verdict.CLEAR
    else:
        verdict = Verdict.NO_DATA
    basis, evidence = say(
        gettext_noop(
            "Campaign {campaign} had {clicks} clicks on {day} (usual: {usual}) and {orders} orders; at its "
            "usual conversion of {rate} so few come with a chance of {chance}."
        ),
        campaign=campaign.campaign_id,
        clicks=now.clicks,
        day=campaign.on,
        usual=plain(usual, 1),
        orders=now.orders,
        rate=percent(rate),
        chance=percent(chance),
    )
    evidence["cost"] = f"{plain(now.cost)} {campaign.currency}"
    shown = Decimal(now.clicks) / now.impressions if now.impressions else None
    earlier = sum(each.impressions for each in before)
    evidence["click_through"] = percent(shown)
    evidence["usual_click_through"] = percent(Decimal(clicks) / earlier if earlier else None)
    evidence |= {"reason": campaign.problem} if campaign.problem else {}
    return Check(
        subject=f"campaign:{campaign.campaign_id}",
        verdict=verdict,
        store_id=campaign.store_id,
        observed=Decimal(now.clicks),
        limit=asked.factor * usual if usual else None,
        unit="count",
        basis=basis,
        as_of=campaign.as_of,
        evidence=evidence,
    )


DETECTOR = AbnormalClicks()
