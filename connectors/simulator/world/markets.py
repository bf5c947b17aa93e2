"""The three marketplaces the world sells in: money, clock, tax and the usual fees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Market:
    """One Amazon marketplace.

    `tax_included` says that prices hold the tax (at `tax_rate`); otherwise Amazon adds one of `tax_rates`
    and remits it. `price_factor` turns a price in dollars into a plausible one here, `tick` is what prices
    end on. Fee amounts are per unit or per month in the market's currency.
    """

    code: str
    marketplace_id: str
    name: str
    domain: str
    language: str
    region: str
    currency: str
    time_zone: str
    tax_included: bool
    tax_rate: Decimal
    tax_rates: tuple[Decimal, ...]
    price_factor: Decimal
    ending: Decimal
    minimum_referral: Decimal
    subscription: Decimal
    storage_rate: Decimal
    return_fee: Decimal
    places: tuple[tuple[str, str, str], ...]
    volume: float

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)

    def day_of(self, at: datetime) -> date:
        """The shop day of an instant."""
        return at.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The instant (UTC) at which a shop day begins."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)


US = Market(
    code="US",
    marketplace_id="ATVPDKIKX0DER",
    name="Amazon.com",
    domain="www.amazon.com",
    language="en_US",
    region="na",
    currency="USD",
    time_zone="America/Los_Angeles",
    tax_included=False,
    tax_rate=Decimal(0),
    tax_rates=tuple(map(Decimal, ("0", "0.06", "0.0625", "0.0725", "0.08875", "0.1025"))),
    price_factor=Decimal(1),
    ending=Decimal("0.99"),
    minimum_referral=Decimal("0.30"),
    subscription=Decimal("39.99"),
    storage_rate=Decimal("0.041"),
    return_fee=Decimal("2.68"),
    places=(("Portland", "OR", "97205"), ("Austin", "TX", "78701"), ("Chicago", "IL", "60614")),
    volume=1.5,
)
MX = Market(
    code="MX",
    marketplace_id="A1AM78C64UM0Y8",
    name="Amazon.com.mx",
    domain="www.amazon.com.mx",
    language="es_MX",
    region="na",
    currency="MXN",
    time_zone="America/Mexico_City",
    tax_included=True,
    tax_rate=Decimal("0.16"),
    tax_rates=(),
    price_factor=Decimal(21),
    ending=Decimal("0.00"),
    minimum_referral=Decimal("5.00"),
    subscription=Decimal("600.00"),
    storage_rate=Decimal("0.62"),
    return_fee=Decimal("32.50"),
    places=(("Guadalajara", "Jalisco", "44100"), ("Monterrey", "Nuevo León", "64000")),
    volume=0.6,
)
JP = Market(
    code="JP",
    marketplace_id="A1VC38T7YXB528",
    name="Amazon.co.jp",
    domain="www.amazon.co.jp",
    language="ja_JP",
    region="fe",
    currency="JPY",
    time_zone="Asia/Tokyo",
    tax_included=True,
    tax_rate=Decimal("0.10"),
    tax_rates=(),
    price_factor=Decimal(155),
    ending=Decimal(0),
    minimum_referral=Decimal(30),
    subscription=Decimal(5390),
    storage_rate=Decimal("5.8"),
    return_fee=Decimal(290),
    places=(("渋谷区", "東京都", "150-0002"), ("大阪市北区", "大阪府", "530-0001")),
    volume=1.1,
)
MARKETS = {market.code: market for market in (US, JP, MX)}
BY_MARKETPLACE = {market.marketplace_id: market for market in MARKETS.values()}
REGIONS = {"na": (US, MX), "fe": (JP,)}
