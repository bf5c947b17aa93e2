"""The lines of a unit that no price changes: goods, freight, duty, import tax, packaging, service, storage.

Import tax that can be reclaimed is cash that comes back, not a cost; else it is a cost. Duty that no sheet
states is computed from stated rates: on the goods' value in the United States, on goods and freight in Japan
and Mexico (domain reference, section 2). A bundle's goods are those of its components.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from connectors.types import LANDED_LINES, CostLine
from pricing.engine.landed import Line, Sheet, sheet_lines, storage_line
from pricing.engine.listing_facts import ListingFacts, Part
from pricing.engine.terms import Registration, Withholding
from pricing.structure import Cost
from pricing.types import Truth, UsedLine

ZERO = Decimal(0)
_STEP = Decimal("0.0001")
_OWN_LINES = tuple(line for line in CostLine if line not in LANDED_LINES)
_CIF_MARKETS = frozenset({"JP", "MX"})
_TRUTHS = {"stated": Truth.STATED, "charged": Truth.CHARGED, "allocated": Truth.CHARGED}


@dataclass(frozen=True, slots=True)
class CostPart:
    """The costs of a structure with their lines. `landed` is what a unit cost until it lay in the warehouse,
    `fx_on` the oldest rate used."""

    costs: tuple[Cost, ...]
    lines: tuple[UsedLine, ...]
    landed: Decimal
    stated_at: datetime | None
    fx_on: date | None


def cost_part(facts: ListingFacts) -> CostPart:
    """Build the costs of a listing; a line that nobody knows has no amount and is in no sum."""
    lines = _stated_lines(facts)
    _add_duty(facts, lines)
    _add_import_tax(facts, lines)
    reclaimed = can_reclaim_import_tax(facts)
    landed = _sum(lines, {line.value for line in LANDED_LINES} - ({"import_tax"} if reclaimed else set()))
    for line in (_storage(facts), _fx_buffer(facts)):
        if line is not None:
            lines[line.name] = line
    for line in tuple(_table_costs(facts, lines)):
        lines[line.name] = line
    for name, planned in facts.terms.planning.items():
        known = lines.get(name)
        if known is not None and known.truth is Truth.MISSING and planned.amount is not None:
            lines[name] = UsedLine(
                name, planned.amount, None, Truth.PLANNED, "the store's policy", facts.on, None
            )
    costs = tuple(
        Cost(line.name, line.amount)
        for line in lines.values()
        if line.amount is not None and not (line.name == "import_tax" and reclaimed)
    )
    sheets = _sheets(facts)
    return CostPart(
        costs,
        tuple(lines.values()),
        landed,
        min((sheet.stated_at for sheet in sheets), default=None),
        _oldest_rate(facts, sheets),
    )


def can_reclaim(facts: ListingFacts) -> bool:
    """Can the seller reclaim the tax on what it buys? Not when exempt, nor without a Mexican tax number."""
    if facts.market == "MX" and facts.terms.withholding in (Withholding.NO_RFC, Withholding.NON_RESIDENT):
        return False
    return not is_exempt(facts)


def is_exempt(facts: ListingFacts) -> bool:
    """Does the seller owe no tax on its sales?"""
    if facts.profile.is_tax_exempt is not None:
        return facts.profile.is_tax_exempt
    return facts.terms.registration == Registration.EXEMPT


def can_reclaim_import_tax(facts: ListingFacts) -> bool:
    """Import tax comes back to a registered importer where it is a consumption tax; American fees never."""
    return facts.market in _CIF_MARKETS and facts.profile.is_importer and can_reclaim(facts)


def _stated_lines(facts: ListingFacts) -> dict[str, UsedLine]:
    own = {line.name: line for line in sheet_lines(facts.sheet, facts.convert)}
    if not facts.parts:
        return {line.value: _used(own[line.value], facts.sheet) for line in CostLine}
    by_part = [
        (part, {line.name: line for line in sheet_lines(part.sheet, facts.convert)}) for part in facts.parts
    ]
    found = {line.value: _of_parts(line.value, by_part) for line in LANDED_LINES}
    return found | {line.value: _used(own[line.value], facts.sheet) for line in _OWN_LINES}


def _of_parts(name: str, by_part: list[tuple[Part, dict[str, Line]]]) -> UsedLine:
    """One landed line of a bundle. A part whose sheet leaves the line out says nothing of it, as a single
    SKU's sheet would; a line that only some parts state is known as far as they do."""
    unknown = [
        part.component.sku for part, lines in by_part if part.sheet is None or _unconverted(lines[name])
    ]
    stated = [(part, own) for part, lines in by_part if (own := lines[name].own) is not None]
    if unknown or not stated:
        note = f"not known of {', '.join(unknown)}" if unknown else ""
        return UsedLine(name, None, None, Truth.MISSING, "", None, note=note)
    amount = sum((own * part.component.quantity for part, own in stated), ZERO)
    reference = "; ".join(
        f"{part.component.quantity} × {part.component.sku}: {part.sheet.source}"
        for part, _ in stated
        if part.sheet
    )
    oldest = min(part.sheet.effective_on for part, _ in stated if part.sheet)
    return UsedLine(name, amount, None, Truth.STATED, reference, oldest)


def _unconverted(line: Line) -> bool:
    return line.amount is not None and line.own is None


def _used(line: Line, sheet: Sheet | None) -> UsedLine:
    if line.own is None:
        note = f"no exchange rate of {line.currency}" if line.amount is not None else ""
        return UsedLine(line.name, None, None, Truth.MISSING, line.source, None, note=note)
    note = ""
    if line.rate not in (None, 1):
        note = f"{line.amount:f} {line.currency} at {line.rate:.6g} of {line.rate_on}"
    truth = _TRUTHS.get(line.confidence, Truth.ESTIMATED)
    as_of = sheet.effective_on if sheet and truth is Truth.STATED else None
    return UsedLine(line.name, line.own, None, truth, line.source, as_of, note=note)


def _add_duty(facts: ListingFacts, lines: dict[str, UsedLine]) -> None:
    profile = facts.profile
    goods = lines["purchase"].amount
    if lines["duty"].amount is not None or profile.duty_rate is None or goods is None:
        return
    rate = profile.duty_rate + (profile.extra_duty_rate or ZERO)
    basis, value = "goods", goods
    if facts.market in _CIF_MARKETS:
        freight = lines["first_leg"].amount
        if freight is None:
            return
        basis, value = "goods and freight", goods + freight
    amount = (value * rate).quantize(_STEP, rounding=ROUND_HALF_UP)
    code = f" for {profile.hts_code}" if profile.hts_code else ""
    reference = f"profile version {profile.version}: {rate} of {basis}{code}"
    lines["duty"] = UsedLine("duty", amount, rate, Truth.STATED, reference, facts.on)


def _add_import_tax(facts: ListingFacts, lines: dict[str, UsedLine]) -> None:
    line = lines["import_tax"]
    if line.amount is None and facts.market in _CIF_MARKETS and is_import(facts):
        parts = [lines[name].amount for name in ("purchase", "first_leg", "duty")]
        known = [amount for amount in parts if amount is not None]
        if len(known) == len(parts):
            rate = facts.tax.rate
            amount = (sum(known, ZERO) * rate).quantize(_STEP, rounding=ROUND_HALF_UP)
            reference = f"{rate} of goods, freight and duty: {facts.tax.reference}"
            line = UsedLine(
                "import_tax", amount, rate, Truth.TABLE, reference, facts.on, facts.tax.confidence
            )
    if line.amount is not None:
        note = "reclaimed: cash, not a cost" if can_reclaim_import_tax(facts) else "not reclaimed: a cost"
        line = UsedLine(
            line.name,
            line.amount,
            line.rate,
            line.truth,
            line.reference,
            line.as_of,
            line.confidence,
            "; ".join(part for part in (line.note, note) if part),
        )
    lines["import_tax"] = line
    # What cannot apply is no gap: nothing is due on goods of the country, nor does America tax imports.
    is_home = facts.profile.origin == facts.market
    for name, is_out in (("duty", is_home), ("import_tax", is_home or facts.market not in _CIF_MARKETS)):
        if is_out and lines[name].amount is None:
            del lines[name]


def is_import(facts: ListingFacts) -> bool:
    """Do the goods come from another country? Where no origin is stated, nothing says so."""
    return facts.profile.origin not in ("", facts.market)


def _storage(facts: ListingFacts) -> UsedLine | None:
    """Storage per unit sold: as charged, else a share of what the store was charged, else by the table."""
    if facts.channel != "platform":
        return None
    found = storage_line(facts.measured, facts.store, facts.convert)
    if found.own is not None:
        return _used(found, None)
    return UsedLine("storage", None, None, Truth.MISSING, "", None, note=facts.table.gaps.get("storage", ""))


def _table_costs(facts: ListingFacts, lines: dict[str, UsedLine]) -> Iterable[UsedLine]:
    """Costs per unit by the tables, where nothing stronger is known."""
    for name, (amount, source) in facts.table.costs.items():
        known = lines.get(name)
        if known is None or known.truth is Truth.MISSING:
            yield UsedLine(
                name,
                amount,
                None,
                source.truth,
                source.reference,
                source.as_of,
                source.confidence,
                source.note,
            )


def _fx_buffer(facts: ListingFacts) -> UsedLine | None:
    """What foreign costs may become dearer; only where the policy counts it and there are foreign costs."""
    if not facts.terms.is_fx_buffered:
        return None
    total, worst_known = ZERO, True
    for quantity, sheet in _weighted_sheets(facts):
        for line, money in sheet.lines.items():
            # Of a bundle's parts the goods count, of the bundle itself what is done to it.
            is_counted = not facts.parts or (line in LANDED_LINES) == (quantity is not None)
            if money.currency == facts.currency or not is_counted:
                continue
            worst, found = facts.convert.worst_move(money.currency), facts.convert.rate(money.currency)
            if worst is None or found is None:
                worst_known = False
                continue
            total += (quantity or 1) * money.amount * found[0] * worst
    if not worst_known:
        return UsedLine("fx_buffer", None, None, Truth.MISSING, "", None, note="rates of 120 days are needed")
    if not total:
        return None
    amount = total.quantize(_STEP, rounding=ROUND_HALF_UP)
    reference = "worst 30 days of the last 90 in reference rates"
    return UsedLine("fx_buffer", amount, None, Truth.ESTIMATED, reference, facts.on)


def _weighted_sheets(facts: ListingFacts) -> Iterable[tuple[int | None, Sheet]]:
    """The sheets of a listing: of a bundle its parts' with their quantities, its own with None."""
    if facts.sheet is not None:
        yield None, facts.sheet
    for part in facts.parts:
        if part.sheet is not None:
            yield part.component.quantity, part.sheet


def _sheets(facts: ListingFacts) -> list[Sheet]:
    return [sheet for _, sheet in _weighted_sheets(facts)]


def _oldest_rate(facts: ListingFacts, sheets: Iterable[Sheet]) -> date | None:
    currencies = {money.currency for sheet in sheets for money in sheet.lines.values()} - {facts.currency}
    found = [facts.convert.rate(currency) for currency in currencies]
    return min((each[1] for each in found if each is not None), default=None)


def _sum(lines: dict[str, UsedLine], names: set[str]) -> Decimal:
    return sum(
        (line.amount for line in lines.values() if line.name in names and line.amount is not None), ZERO
    )
