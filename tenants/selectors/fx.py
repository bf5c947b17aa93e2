"""Which exchange rates are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from config.lib.fx import FXTable
from tenants.models import FXRate

SOURCE = "ecb"
MAX_AGE_DAYS = 7


def fx_table(currencies: Iterable[str], first: date, last: date) -> FXTable:
    """The rates with which amounts of the days `first` to `last` (both included) are converted.

    Reaches back before `first` as far as a rate may be old. Readable for clients and in public.
    """
    rows = FXRate.objects.filter(
        source=SOURCE,
        currency__in=sorted(set(currencies)),
        rate_on__gte=first - timedelta(days=MAX_AGE_DAYS),
        rate_on__lte=last,
    )
    rates: dict[date, dict[str, Decimal]] = defaultdict(dict)
    for currency, rate_on, per_eur in rows.values_list("currency", "rate_on", "per_eur"):
        rates[rate_on][currency] = per_eur
    return FXTable(rates, max_age_days=MAX_AGE_DAYS)


def latest_rate_day() -> date | None:
    """The last day for which rates are known."""
    return FXRate.objects.filter(source=SOURCE).order_by("-rate_on").values_list("rate_on", flat=True).first()
