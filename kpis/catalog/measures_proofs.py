"""Measures of papers and checks: certificates valid on a day, and what people or systems counted."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.measures_evidence import EVIDENCE, evidence
from kpis.engine.measures import FactSource, Measure, OverDays, OverStores
from kpis.types import Basis, Unit

# The register is read as of each reference day: of every certificate the latest word up to that day, so an
# expiry lowers the figure without any news. A register that nobody confirmed for so long counts no more.
REGISTER_DAYS = 400

CERTIFICATES = FactSource(
    key="certificates",
    table="fact_certificate",
    families=frozenset({Family.CERTIFICATES, Family.LISTINGS}),
    trailing_days=REGISTER_DAYS,
    rows=f"""
  with word as materialized (
    select c.* from fact_certificate c
    where c.sku <> '' and c.store_id = any(%(store_set)s)
      and c.reported_on > (select min(x) from unnest(%(day_set)s::date[]) x) - {REGISTER_DAYS}
      and c.reported_on <= (select max(x) from unnest(%(day_set)s::date[]) x)),
  latest as materialized (
    select distinct on (w.store_id, d.business_on, w.certificate_key)
           w.store_id, d.business_on, w.sku, w.kind, w.is_required,
           coalesce(w.issued_on <= d.business_on, false)
             and coalesce(w.expires_on >= d.business_on, true) as is_valid
    from day d join word w on w.store_id = d.store_id
      and w.reported_on between d.business_on - {REGISTER_DAYS - 1} and d.business_on
    order by w.store_id, d.business_on, w.certificate_key, w.reported_on desc),
  need as materialized (
    select store_id, business_on, sku, kind, bool_or(is_valid) as is_met
    from latest where is_required
    group by store_id, business_on, sku, kind),
  listed as materialized (
    select g.store_id, g.sku, bool_or(lower(g.status) = 'active') as is_active
    from fact_listing g where g.store_id = any(%(store_set)s) group by g.store_id, g.sku),
  product as materialized (
    select n.store_id, n.business_on, n.sku, bool_and(n.is_met) as is_covered
    from need n
    left join listed g on g.store_id = n.store_id and g.sku = n.sku
    left join (select distinct store_id from listed) k on k.store_id = n.store_id
    where g.is_active or k.store_id is null
    group by n.store_id, n.business_on, n.sku)
  select d.store_id, d.business_on, d.currency, p.sku, p.is_covered
  from day d left join product p on p.store_id = d.store_id and p.business_on = d.business_on""",  # noqa: S608 - constants only
)


def _amounts(metric: str, good: str, of: str) -> tuple[Measure, Measure]:
    """As `evidence`, for amounts in the store's currency, which are converted before stores add up."""
    return (
        _level(f"{metric}_good", metric, "sum(numerator * rate)", good, Unit.MONEY),
        _level(f"{metric}_of", metric, "sum(denominator * rate)", of, Unit.MONEY),
    )


def _level(
    key: str,
    metric: str,
    expression: str,
    meaning: str,
    unit: Unit,
    over_stores: OverStores = OverStores.SUM,
    condition: str = "",
) -> Measure:
    return Measure(
        key=key,
        source=EVIDENCE.key,
        unit=unit,
        basis=Basis.OBSERVED,
        expression=(
            f"case when bool_or(metric = '{metric}') then {expression}"
            f" filter (where metric = '{metric}'{condition}) end"
        ),
        meaning=meaning,
        over_days=OverDays.LAST,
        over_stores=over_stores,
    )


PROOF_MEASURES = (
    Measure(
        key="skus_needing_certificate",
        source=CERTIFICATES.key,
        unit=Unit.COUNT,
        basis=Basis.SNAPSHOT,
        expression="count(sku)",
        meaning="Active SKUs that need a certificate, as the register has it on the day",
        over_days=OverDays.LAST,
    ),
    Measure(
        key="skus_certified",
        source=CERTIFICATES.key,
        unit=Unit.COUNT,
        basis=Basis.SNAPSHOT,
        expression="count(sku) filter (where is_covered)",
        meaning="Of these, SKUs with a valid certificate of every required kind",
        over_days=OverDays.LAST,
    ),
    *evidence("label_check_pass", "SKUs whose label passed the check", "SKUs whose label was checked"),
    *evidence("tax_filing_on_time", "Tax filings submitted by their due date", "Tax filings due"),
    *evidence(
        "price_display_compliance",
        "Listings with a tax-inclusive total price and a valid reference price",
        "Listings checked",
    ),
    *evidence(
        "ja_support_coverage",
        "Scheduled hours staffed by agents who speak Japanese",
        "Hours from 9 to 21 o'clock JST that have to be staffed",
    ),
    *evidence(
        "margin_floor_breach_rate", "Orders sold below the margin floor", "Orders whose margin was checked"
    ),
    *evidence(
        "data_completeness",
        "Datasets of the day that were as young as agreed",
        "Datasets of the day expected",
    ),
    *evidence(
        "kpi_attainment",
        "Σ weight × score (at most 1.2) of the scorecard's KPIs",
        "Σ weight of its KPIs with data",
        OverDays.LAST,
    ),
    *_amounts(
        "clearance_cash_rate",
        "Net cash from cleared units, in the 90 days before the check",
        "Landed cost of the units cleared",
    ),
    *_amounts(
        "hedge_coverage",
        "Currency hedged for the next 90 days",
        "Net currency exposure expected in the next 90 days",
    ),
    *_amounts("payable_days", "Σ amount × days until suppliers are paid", "Amount owed to suppliers"),
    _level(
        "below_floor_skus",
        "below_floor_skus",
        "sum(numerator)",
        "SKUs whose live price is below their floor, clearance left out, at the last check",
        Unit.COUNT,
    ),
    _level(
        "price_deviation",
        "price_deviation_pct",
        "sum(abs(numerator) * rate)",
        "Σ |live price − base price| over SKUs, at the last check",
        Unit.MONEY,
    ),
    _level(
        "price_deviation_net",
        "price_deviation_pct",
        "sum(numerator * rate)",
        "Σ (live price − base price) over SKUs, at the last check",
        Unit.MONEY,
    ),
    _level(
        "base_prices",
        "price_deviation_pct",
        "sum(denominator * rate)",
        "Σ base price over SKUs, at the last check",
        Unit.MONEY,
    ),
    _level(
        "skus_with_base_price",
        "price_deviation_pct",
        "count(*)",
        "SKUs with a base price, at the last check",
        Unit.COUNT,
        condition=" and denominator > 0",
    ),
    _level(
        "skus_beyond_band",
        "price_deviation_pct",
        "count(*)",
        "Of these, SKUs more than 5 % away from it",
        Unit.COUNT,
        condition=" and denominator > 0 and abs(numerator) > 0.05 * denominator",
    ),
    _level(
        "data_freshness_hours",
        "data_freshness_hours",
        "max(numerator / nullif(denominator, 0))",
        "Age of the data set that is furthest behind, at the last look",
        Unit.HOURS,
        OverStores.WORST,
    ),
)
PROOF_SOURCES = (CERTIFICATES,)
