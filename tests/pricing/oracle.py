"""A plain answer to a price case: every tick, one by one, in `Decimal`. Shares no code with the product.

It reads the JSON format itself. Nothing in it is clever: the contribution is written down as the reference
words it, all ticks are looked at, and the price without rounding is sought among all points where anything
may change.
"""

from __future__ import annotations

import itertools
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

D = Decimal
CENT = D("0.01")
PRECISION = 60

Case = dict[str, Any]


def near(value: Decimal, step: Decimal) -> Decimal:
    """Half away from zero to a multiple of a step."""
    return (value / step).quantize(D(1), rounding=ROUND_HALF_UP) * step


def quoted(fee: Case, price: Any, net: Any, quotes: dict[str, Any], number: Any) -> Any:
    """What a fee is quoted at before rounding, for any kind of exact number."""
    if fee["kind"] == "fixed":
        return number(fee["amount"])
    if fee["kind"] == "mult":
        return number(fee["rate"]) * quotes[fee["of"]]
    base = (net if fee.get("base") == "net" else price) * number(fee.get("base_mult", "1"))
    if fee["kind"] == "band":
        for bound, inclusive, amount in fee["bands"]:
            if bound is None or base < number(bound) or (inclusive and base == number(bound)):
                return number(amount)
        raise AssertionError("no band")
    total, lower = number("0"), number("0")
    for bound, rate in fee["tiers"]:
        if fee["mode"] != "marginal":
            if bound is None or base <= number(bound):
                total = number(rate) * base
                break
            continue
        upper = base if bound is None else min(base, number(bound))
        if upper > lower:
            total += (upper - lower) * number(rate)
            lower = upper
    return max(total, number(fee["min"])) if "min" in fee else total


def contribution(case: Case, price: Decimal) -> tuple[Decimal, Decimal, dict[str, Decimal], Decimal]:
    """(c, n, fee lines, ads) at one tick, in the reference's order of rounding."""
    with localcontext() as context:
        context.prec = PRECISION
        tax, minor = 1 + D(case["vat"]), D(case["minor"])
        net = near(price / tax, CENT)
        quotes: dict[str, Decimal] = {}
        lines: dict[str, Decimal] = {}
        for fee in case["fees"]:
            quote = near(quoted(fee, price, net, quotes, D), minor)
            quotes[fee["name"]] = quote
            lines[fee["name"]] = near(quote / tax, CENT) if fee.get("vat") == "incl_cred" else quote
        ads = D(0)
        if "ads" in case:
            spec = case["ads"]
            if spec["type"] == "pct":
                ads = near(D(spec["rate"]) * net, CENT)
            else:
                exact = Fraction(spec["cpc"]) / Fraction(spec["cvr"]) * Fraction(spec["share"]) * 100
                ads = D((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 100
        left, base = after_returns(case, net, lines, ads, D)
        return left, base, lines, ads


def after_returns(case: Case, net: Any, lines: dict[str, Any], ads: Any, number: Any) -> tuple[Any, Any]:
    """Step 4, for any kind of exact number."""
    costs = sum((number(amount) for amount in case["costs"].values()), number("0"))
    if "returns" not in case:
        return net - sum(lines.values()) - ads - costs, net
    terms = {key: number(text) for key, text in case["returns"].items()}
    rates = [fee for fee in case["fees"] if fee["kind"] == "rate"]
    back = sum((lines[fee["name"]] for fee in rates if fee.get("refundable", True)), number("0"))
    others = sum(lines.values()) - back
    first = lines[rates[0]["name"]] if rates else number("0")
    admin = min(terms["admin_rate"] * first, terms["cap"])
    lost = terms["rate"]
    handling = admin + terms["processing"] - terms["salvage"] * terms["landed"]
    return (1 - lost) * (net - back) - others - ads - costs - lost * handling, (1 - lost) * net


def smooth(case: Case, price: Fraction) -> tuple[Fraction, Fraction]:
    """(c, n) at a real price without any rounding."""
    tax = 1 + Fraction(case["vat"])
    net = price / tax
    quotes: dict[str, Fraction] = {}
    lines: dict[str, Fraction] = {}
    for fee in case["fees"]:
        quotes[fee["name"]] = quoted(fee, price, net, quotes, Fraction)
        lines[fee["name"]] = quotes[fee["name"]] / (tax if fee.get("vat") == "incl_cred" else 1)
    ads = Fraction(0)
    if "ads" in case:
        spec = case["ads"]
        ads = (
            Fraction(spec["rate"]) * net
            if spec["type"] == "pct"
            else Fraction(spec["cpc"]) / Fraction(spec["cvr"]) * Fraction(spec["share"])
        )
    left, base = after_returns(case, net, lines, ads, Fraction)
    return left, base


def infimum(case: Case, margin: str) -> Fraction | None:
    """The lowest real price that keeps the margin: each point where anything may change, and between."""
    tax, wanted = 1 + Fraction(case["vat"]), Fraction(margin)
    points: set[Fraction] = set()
    for fee in case["fees"]:
        if fee["kind"] not in ("rate", "band"):
            continue
        scale = Fraction(fee.get("base_mult", "1")) / (tax if fee.get("base") == "net" else 1)
        bounds = [Fraction(0), *(Fraction(row[0]) for row in fee.get("tiers", fee.get("bands")) if row[0])]
        points |= {bound / scale for bound in bounds if bound}
        levels = [Fraction(fee["min"])] if "min" in fee else []
        if fee["kind"] == "rate" and "returns" in case and Fraction(case["returns"]["admin_rate"]):
            line = Fraction(case["returns"]["cap"]) / Fraction(case["returns"]["admin_rate"])
            levels.append(line * tax if fee.get("vat") == "incl_cred" else line)
        if fee["kind"] == "rate":
            # Within a tier the quote is a straight line, so where it meets a level follows from two points.
            edges = [*bounds, bounds[-1] + 2]
            bare = {key: value for key, value in fee.items() if key not in ("min", "base", "base_mult")}
            for low, high in itertools.pairwise(edges):
                one, two = low + (high - low) / 3, low + (high - low) * 2 / 3
                at_one, at_two = (quoted(bare, x, x, {}, Fraction) for x in (one, two))
                slope = (at_two - at_one) / (two - one)
                points |= {(one + (level - at_one) / slope) / scale for level in levels if slope}
    edges = [Fraction(0), *sorted(point for point in points if point > 0)]
    for number, low in enumerate(edges):
        if low:
            left, base = smooth(case, low)
            if left >= wanted * base:
                return low
        above = edges[number + 1] if number + 1 < len(edges) else None
        one, two = (
            (low + 1, low + 2) if above is None else (low + (above - low) / 3, low + (above - low) * 2 / 3)
        )
        at_one, at_two = (smooth(case, x)[0] - wanted * smooth(case, x)[1] for x in (one, two))
        slope = (at_two - at_one) / (two - one)
        start = at_one + slope * (low - one)
        if start > 0 or (start == 0 and slope >= 0):
            return low
        if slope > 0 and (above is None or low - start / slope < above):
            return low - start / slope
    return None


def solve(case: Case) -> Case:
    """What the reference expects of a case; ticks as their numbers, None where there is none."""
    tick = D(case["tick"])
    count = int(D(case["pmax"]) / tick)
    table = [contribution(case, tick * number)[:2] for number in range(1, count + 1)]
    answer: Case = {}
    for name, margin in (("floor", "0"), ("target", case["target"])):
        with localcontext() as context:
            context.prec = PRECISION
            keeps = [left >= D(margin) * base for left, base in table]
        answer[f"{name}_min"] = keeps.index(True) + 1 if True in keeps else None
        last_bad = max((number for number, kept in enumerate(keeps, 1) if not kept), default=0)
        answer[f"{name}_safe"] = last_bad + 1 if last_bad < count else None
        answer[f"{name}_keeps"] = keeps
        answer[f"{name}_exact"] = infimum(case, margin)
    answer["zones"] = zones(case, [left for left, _ in table])
    return answer


def zones(case: Case, lefts: list[Decimal]) -> list[tuple[int, int | None]]:
    """(a, b) as numbers of ticks; b None where no tick up to the highest leaves as much as a."""
    tick, tax = D(case["tick"]), 1 + D(case["vat"])
    found = []
    for fee in case["fees"]:
        if fee["kind"] == "band":
            bounds = [(D(bound), inclusive) for bound, inclusive, _ in fee["bands"] if bound]
        elif fee["kind"] == "rate" and fee["mode"] == "whole":
            bounds = [(D(bound), True) for bound, _ in fee["tiers"] if bound]
        else:
            continue
        for bound, inclusive in bounds:
            low = 0
            for number in range(1, len(lefts) + 1):
                shown = near(number * tick / tax, CENT) if fee.get("base") == "net" else number * tick
                base = shown * D(fee.get("base_mult", "1"))
                if base < bound or (inclusive and base == bound):
                    low = number
            if 0 < low < len(lefts) and lefts[low] < lefts[low - 1]:
                ends = (n for n in range(low + 1, len(lefts) + 1) if lefts[n - 1] >= lefts[low - 1])
                found.append((low, next(ends, None)))
    return sorted(found, key=lambda zone: (zone[0], zone[1] is None, zone[1] or 0))
