"""What the fee tables say of the listings of a store, each distinct question asked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from config.lib.errors import Invalid
from connectors.types import StoreRef
from pricing.engine.build import line_of
from pricing.engine.listing_facts import FeeGroup, RefundTerms, Source, TableFees, TaxRate
from pricing.engine.terms import Profile, Registration, Terms, Withholding
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import FeeLine, FeeQuery, FeeQuote, Override, ParameterUse, TaxStatus
from pricing.fees.schedule import quote_fees
from pricing.fees.sizes import Parcel
from pricing.selectors.fee_overrides import StatedFees
from pricing.structure import Fee
from pricing.types import Confidence, Truth

# A unit sold was held for about a month, where nothing was charged for holding it.
_DAYS_HELD = 30
_TAX_KEYS = {"US": "us.tax.in_price", "JP": "jp.tax.in_price.standard", "MX": "mx.tax.in_price"}
_REDUCED_KEYS = {"JP": "jp.tax.in_price.reduced"}
_STATUS = {
    Withholding.RFC: TaxStatus.WITH_RFC,
    Withholding.NO_RFC: TaxStatus.WITHOUT_RFC,
    Withholding.NON_RESIDENT: TaxStatus.FOREIGN,
}
# Of which part of the tables the lines are; every other line is an optional programme's.
_PARTS = {
    "referral": FeeLine.REFERRAL,
    "closing": FeeLine.REFERRAL,
    "fulfilment": FeeLine.FULFILMENT,
    "payment": FeeLine.PAYMENT,
    "storage": FeeLine.STORAGE,
    "aged_storage": FeeLine.STORAGE,
    "placement": FeeLine.PLACEMENT,
    "isr": FeeLine.WITHHOLDING,
    "iva": FeeLine.WITHHOLDING,
    "withholding_isr": FeeLine.WITHHOLDING,
}
# What only says in which row of a table a unit stands would drown the amount that it leads to.
_PLAIN = (".size_tier.", "dimensional_divisor", "standard_limit")
_WEAKEST_FIRST = (Confidence.X, Confidence.M, Confidence.C, Confidence.B, Confidence.A2, Confidence.A)


@dataclass(slots=True)
class FeeTables:
    """Answers for one store; keeps what was asked, since many listings share category and size."""

    store: StoreRef
    stated: StatedFees
    _known: dict[FeeQuestion, TableFees] = field(default_factory=dict)

    def of(self, profile: Profile, terms: Terms, channel: str, on: date) -> TableFees:
        """What the tables say of a listing on a day; what they cannot say is a gap, never an error."""
        stated = self.stated.of(sku=profile.sku, category=profile.fee_category)
        overrides = {key: each for key, each in sorted(stated.items()) if each.effective_on <= on}
        question = _question(self.store, profile, terms, channel, on, overrides)
        if question not in self._known:
            self._known[question] = self._answer(question)
        return self._known[question]

    def _answer(self, question: FeeQuestion) -> TableFees:
        tax = self._tax_rate(question)
        try:
            quote = quote_fees(question.query(self.store))
        except Invalid as error:
            why = str(error.detail or error)
            return TableFees(tax, gaps={"referral": why, "fulfilment": why})
        return table_fees(quote, tax)

    def _tax_rate(self, question: FeeQuestion) -> TaxRate:
        """The tax contained in the shown price of a market on a day."""
        market = self.store.market
        key = _REDUCED_KEYS.get(market) if question.is_reduced_tax else None
        key = key or _TAX_KEYS.get(market)
        if key is None:
            return TaxRate(Decimal(0), f"no tax is known to be contained in prices of {market}")
        override = dict(question.overrides).get(key)
        value = override.value if override is not None else PARAMETERS.at(key, question.on)
        parameter = PARAMETERS.get(key)
        if not isinstance(value, Decimal):
            return TaxRate(Decimal(0), f"{key}: {parameter.reference}", parameter.confidence)
        return TaxRate(value, f"{key}: {parameter.reference}", parameter.confidence)


@dataclass(frozen=True, slots=True)
class FeeQuestion:
    """What a listing's fees depend on, as far as the tables know."""

    channel: str
    category: str
    size_tier: str
    parcel: Parcel | None
    payment_mix: tuple[tuple[str, Decimal], ...]
    is_tax_exempt: bool
    is_reduced_tax: bool
    withholding: str
    on: date
    overrides: tuple[tuple[str, Override], ...] = ()

    def query(self, store: StoreRef) -> FeeQuery:
        """The question in the words of the tables."""
        is_resident = store.market != "MX" or self.withholding == Withholding.RFC
        return FeeQuery(
            market=store.market,
            platform=store.platform,
            on=self.on,
            channel=self.channel,
            category=self.category,
            size_tier=self.size_tier,
            parcel=self.parcel,
            payment_mix=self.payment_mix,
            is_tax_exempt=self.is_tax_exempt,
            is_fee_tax_creditable=is_resident and not self.is_tax_exempt,
            is_reduced_tax=self.is_reduced_tax,
            tax_status=_STATUS.get(Withholding(self.withholding), TaxStatus.WITH_RFC),
            is_withholding_creditable=is_resident,
            days_held=_DAYS_HELD if self.parcel is not None else None,
            overrides=dict(self.overrides),
        )


def _question(
    store: StoreRef,
    profile: Profile,
    terms: Terms,
    channel: str,
    on: date,
    overrides: Mapping[str, Override],
) -> FeeQuestion:
    exempt = profile.is_tax_exempt
    if exempt is None:
        exempt = terms.registration == Registration.EXEMPT
    return FeeQuestion(
        channel,
        profile.fee_category,
        profile.size_tier,
        parcel_of(profile),
        tuple(sorted(profile.payment_mix.items())),
        exempt,
        profile.is_reduced_tax,
        terms.withholding if store.market == "MX" else Withholding.NONE,
        on,
        tuple(overrides.items()),
    )


def parcel_of(profile: Profile) -> Parcel | None:
    """The packed unit; None unless all its sides and its weight are stated."""
    stated = (profile.length_cm, profile.width_cm, profile.height_cm, profile.weight_grams)
    known = [value for value in stated if value is not None]
    return Parcel(*known) if len(known) == len(stated) else None


def table_fees(quote: FeeQuote, tax: TaxRate) -> TableFees:
    """A quote by lines, each with the parameters it rests on."""
    fees: dict[str, list[Fee]] = {}
    for fee in quote.fees:
        fees.setdefault(line_of(fee.name), []).append(fee)
    return TableFees(
        tax,
        groups={line: FeeGroup(tuple(own), _source(line, quote.uses)) for line, own in fees.items()},
        costs={cost.name: (cost.amount, _source(cost.name, quote.uses)) for cost in quote.costs},
        refund=RefundTerms(quote.returns.admin_rate, quote.returns.cap, quote.returns.processing),
        withheld={name: (rate, _source(name, quote.uses, name)) for name, rate in quote.withholding},
        gaps={gap.line.value: f"{gap.key}: {gap.why}" for gap in quote.gaps},
    )


def _source(line: str, uses: Iterable[ParameterUse], part_of_key: str = "") -> Source:
    """Where a line stands: every parameter it rests on, the weakest confidence, the oldest check."""
    part = _PARTS.get(line, FeeLine.PROGRAMME)
    own = [use for use in uses if use.line is part and f".{part_of_key}" in use.key]
    stated = [use for use in own if use.truth is Truth.OVERRIDE]
    known = [use.confidence for use in own if use.confidence is not None]
    return Source(
        Truth.OVERRIDE if stated else Truth.TABLE,
        "; ".join(f"{use.key} = {use.value}" for use in own if not any(part in use.key for part in _PLAIN)),
        min((use.checked_on for use in own if use.checked_on is not None), default=None),
        min(known, key=_WEAKEST_FIRST.index, default=None),
        ", ".join(sorted({warning for use in own for warning in use.warnings})),
    )
