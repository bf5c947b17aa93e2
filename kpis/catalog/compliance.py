"""KPIs of compliance: papers are valid, labels and prices shown as the law asks, filings in time."""

from __future__ import annotations

from kpis.engine.definitions import KPI, Names, Ratio, Snapshot
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

CERTIFICATES = ("certificates",)


COMPLIANCE: tuple[KPI, ...] = (
    Snapshot(
        key="cert_coverage",
        family="compliance",
        names=Names(
            "认证覆盖率", "Certification coverage", "認証カバー率(PSE等)", "Cobertura de certificación"
        ),
        formula=(
            "active SKUs with a valid certificate of every required kind / active SKUs that need one,"
            " on the last day of the period; each certificate as the register last had it, valid from"
            " its issue to its expiry"
        ),
        numerator=measure("skus_certified"),
        denominator=measure("skus_needing_certificate"),
        reason_when_zero=Reason.NO_CERTIFICATES,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.SNAPSHOT,
        settles_after_days=0,
        needs=(CERTIFICATES,),
        hard_gate=True,
        source="S1 scene 6 (PSE, JIS, FCC, CPC, NOM); hard gate: block the SKU",
        position=Position.COMPLIANCE,
        window="PIT",
    ),
    Ratio(
        key="label_check_pass",
        family="compliance",
        names=Names("标签合规通过率", "Label check pass rate", "表示ラベル適合率", "Etiquetado conforme"),
        formula="SKUs whose label passed the check (JIS, 品質表示, NOM) / SKUs checked",
        numerator=measure("label_check_pass_good"),
        denominator=measure("label_check_pass_of"),
        reason_when_zero=Reason.NO_CHECKS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.label_check_pass",),),
        source="S1",
        position=Position.COMPLIANCE,
        window="90d",
    ),
    Ratio(
        key="tax_filing_on_time",
        family="compliance",
        names=Names("税务申报及时率", "Tax filing on time", "申告期限遵守率", "Declaraciones a tiempo"),
        formula="filings submitted by their due date / filings due",
        numerator=measure("tax_filing_on_time_good"),
        denominator=measure("tax_filing_on_time_of"),
        reason_when_zero=Reason.NO_CHECKS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.tax_filing_on_time",),),
        source="S0 (JCT); IVA, ISR, sales tax likewise",
        position=Position.FINANCE,
        window="M/Q",
    ),
    Ratio(
        key="price_display_compliance",
        family="compliance",
        names=Names(
            "价格展示合规率", "Price display compliance", "価格表示適合率", "Precio exhibido conforme"
        ),
        formula="listings with a tax-inclusive total price and a valid reference price / listings checked",
        numerator=measure("price_display_compliance_good"),
        denominator=measure("price_display_compliance_of"),
        reason_when_zero=Reason.NO_CHECKS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(("evidence.price_display_compliance",),),
        source=(
            "S0 pitfall 6; JP total price display and double pricing rules, MX LFPC art. 7 bis, US 16 CFR 233"
        ),
        position=Position.COMPLIANCE,
        window="W",
    ),
)
